"""Which pages an update would change, found out before it is taken in.

A CRDT cannot take back what it has taken in, and an update cannot be read without what it follows
on. So a second copy of the document takes it first, and is thrown away where it is refused.
"""

from typing import Any

import pycrdt

from plugins.whiteboard.documents.document import EDITS, ITEMS, built


class Probe:
    """A copy of an author's document that is tried on."""

    def __init__(self, whole: bytes) -> None:
        self._doc = built([whole] if whole else [])
        self._items = self._doc.get(ITEMS, type=pycrdt.Map)
        self._edits = self._doc.get(EDITS, type=pycrdt.Map)
        self._pages: set[str] = set()
        self._edited: set[str] = set()
        # Kept: who lets go of them hears nothing more.
        self._heard = (
            self._items.observe(self._on_items),
            self._edits.observe(lambda event: self._edited.update(event.keys)),
        )

    def state(self) -> bytes:
        """Return its state vector."""
        return bytes(self._doc.get_state())

    def pages(self, update: bytes) -> set[str]:
        """Take an update in; returns the pages whose items it has changed. Raises nothing new."""
        self._pages.clear()
        self._edited.clear()
        self._doc.apply_update(update)
        for key in self._edited:
            if key in self._items:
                self._note(self._items[key])
        return set(self._pages)

    def _on_items(self, event: Any) -> None:
        for change in event.keys.values():
            self._note(change.get("oldValue"))
            self._note(change.get("newValue"))

    def _note(self, item: Any) -> None:
        page = item.get("page") if isinstance(item, dict) else None
        if isinstance(page, str):
            self._pages.add(page)
