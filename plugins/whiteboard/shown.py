"""Boards as JSON-ready data."""

from typing import Any

from hub.plugin import Principal, when
from plugins.whiteboard.names import SHARED, kind_of
from plugins.whiteboard.register import Board
from plugins.whiteboard.sync.room import Room


def summary(board: Board) -> dict[str, Any]:
    """Return what a list says of a board."""
    return {
        "id": board.id,
        "title": board.title,
        "lesson": board.lesson,
        "created": when(board.created),
        "updated": when(board.updated),
    }


def whole(room: Room, by: Principal) -> dict[str, Any]:
    """Return all that is said of a board; pupils are not told of hidden pages."""
    tools, layers = room.tools, room.layers
    pen = tools.get("pen")
    return {
        **summary(room.board),
        "locked": tools.get("locked") is True,
        "pen": [name for name in pen if isinstance(name, str)] if isinstance(pen, list) else [],
        "follow": tools.get("follow") is True,
        "table": tools.get("table") is True,
        "page": room.page,
        "pages": [page_json(key, one) for key, one in room.seen_pages(by)],
        "authors": [
            {
                "document": one.name,
                "kind": kind_of(one.name),
                "name": room.title(one.name),
                "colour": one.colour,
                **_layer(layers.get(one.name)),
            }
            for one in room.documents.values()
            if one.name != SHARED and room.sees(by, one.name)
        ],
    }


def page_json(key: str, one: dict[str, Any]) -> dict[str, Any]:
    """Return a page; what is not as it should be is left out."""
    order, background = one.get("order"), one.get("background")
    return {
        "id": key,
        "title": one["title"] if isinstance(one.get("title"), str) else "",
        "order": order if isinstance(order, float) else 0.0,
        "hidden": one.get("hidden") is True,
        "locked": one.get("locked") is True,
        "background": background if isinstance(background, dict) else None,
    }


def _layer(layer: Any) -> dict[str, bool]:
    known = layer if isinstance(layer, dict) else {}
    return {name: known.get(name) is True for name in ("hidden", "locked")}
