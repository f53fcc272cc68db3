"""Changes of a board's shared document, as functions that `Room.change` takes."""

import secrets
from collections.abc import Callable, Mapping
from typing import Any

import pycrdt

from plugins.whiteboard.documents.document import BOARD, EDITS, ITEMS, LAYERS, PAGES, Document
from plugins.whiteboard.errors import LastPage, TooManyBoards
from plugins.whiteboard.names import SHARED

MOST_PAGES = 200
Change = Callable[["pycrdt.Doc[Any]"], None]


def new_key() -> str:
    """Return a fresh id of a page or an item."""
    return secrets.token_urlsafe(9)


def first_page() -> bytes:
    """Return the update with which a board begins: one empty page."""
    return Document(SHARED, "").change(lambda doc: _set(doc, PAGES, new_key(), page(1.0)))


def page(order: float, title: str = "", background: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a page as it stands in the document."""
    return {
        "order": order,
        "title": title,
        "hidden": False,
        "locked": False,
        "background": background,
    }


def add_pages(
    given: Mapping[str, dict[str, Any]],
    pages: list[tuple[str, dict[str, Any]]],
    after: str | None,
) -> Change:
    """Return the change that adds pages after another one, or at the end.

    Args:
        given: the new pages by their ids; their order is set here.
        pages: those that are there, in their order.
        after: an id; None is the end.

    Raises:
        TooManyBoards: the board would have more than 200 pages.
    """
    if len(pages) + len(given) > MOST_PAGES:
        raise TooManyBoards(f"{MOST_PAGES} pages")
    orders = [float(one.get("order") or 0) for _, one in pages]
    keys = [key for key, _ in pages]
    at = keys.index(after) + 1 if after in keys else len(keys)
    low = orders[at - 1] if at else 0.0
    high = orders[at] if at < len(orders) else low + len(given) + 1.0
    step = (high - low) / (len(given) + 1)

    def work(doc: "pycrdt.Doc[Any]") -> None:
        for number, (key, one) in enumerate(given.items(), 1):
            _set(doc, PAGES, key, {**one, "order": low + step * number})

    return work


def edit_page(key: str, now: dict[str, Any], changes: dict[str, Any]) -> Change:
    """Return the change of a page."""
    return lambda doc: _set(doc, PAGES, key, {**now, **changes})


def delete_page(key: str, pages: list[tuple[str, dict[str, Any]]]) -> Change:
    """Return the change that takes a page away. Raises `LastPage`."""
    if len(pages) < 2:
        raise LastPage(key)

    def work(doc: "pycrdt.Doc[Any]") -> None:
        del doc.get(PAGES, type=pycrdt.Map)[key]

    return work


def set_tools(changes: dict[str, Any]) -> Change:
    """Return the change of what teachers do to the board: lock, give the pen, lead."""

    def work(doc: "pycrdt.Doc[Any]") -> None:
        for name, value in changes.items():
            _set(doc, BOARD, name, value)

    return work


def edit_layer(name: str, now: dict[str, Any], changes: dict[str, Any]) -> Change:
    """Return the change of a layer."""
    return lambda doc: _set(doc, LAYERS, name, {**now, **changes})


def add_item(key: str, item: dict[str, Any]) -> Change:
    """Return the change that puts an item into an author's document."""
    return lambda doc: _set(doc, ITEMS, key, item)


def take_off(page_id: str | None) -> Change:
    """Return the change that takes off the items of a page, or all of them."""

    def work(doc: "pycrdt.Doc[Any]") -> None:
        items, edits = doc.get(ITEMS, type=pycrdt.Map), doc.get(EDITS, type=pycrdt.Map)
        edited = set(edits.keys())
        for key in list(items.keys()):
            item = items[key]
            if page_id is None or (isinstance(item, dict) and item.get("page") == page_id):
                del items[key]
                if key in edited:
                    del edits[key]

    return work


def _set(doc: "pycrdt.Doc[Any]", root: str, key: str, value: Any) -> None:
    doc.get(root, type=pycrdt.Map)[key] = value
