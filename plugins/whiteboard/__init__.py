"""Boards on which a class draws together: pens, the touch table, the panel, browsers.

`documents` (what is drawn, in memory and in the store), `sync` (who draws and who looks on), `pens`
(what the room's devices draw), `exporting`. The wire: `docs/boards.md`.
"""

from typing import Any

__all__ = ["WhiteboardPlugin"]


def __getattr__(name: str) -> Any:
    """Load the plugin when it is asked for: work functions in worker processes do without it."""
    if name != "WhiteboardPlugin":
        raise AttributeError(name)
    from plugins.whiteboard.plugin import WhiteboardPlugin  # noqa: PLC0415 - see above

    return WhiteboardPlugin
