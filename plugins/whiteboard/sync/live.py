"""Strokes that are being drawn: passed on a hundred times a second, never stored."""

import asyncio
from typing import TYPE_CHECKING

from plugins.whiteboard import wire

if TYPE_CHECKING:
    from plugins.whiteboard.sync.connection import Connection
    from plugins.whiteboard.sync.room import Room

SECONDS = 0.008
"""Between two messages; what comes after a pause is passed on at once."""
MOST_BYTES = 1 << 20


class Live:
    """Gathers what is drawn on a board and passes it on."""

    def __init__(self, room: "Room") -> None:
        self._room = room
        self._gathered: list[tuple[object, bytes]] = []
        self._size = 0
        self._timer: asyncio.TimerHandle | None = None
        self._last = 0.0

    def add(self, source: object, entry: bytes) -> None:
        """Pass an entry on to everybody but `source`; where too much waits it is left out."""
        if not self._room.connections or self._size > MOST_BYTES:
            return
        self._gathered.append((source, entry))
        self._size += len(entry)
        if self._timer is None:
            # In the next turn of the loop at the earliest: the room's pens speak all at once.
            loop = asyncio.get_running_loop()
            wait = self._last + SECONDS - loop.time()
            self._timer = loop.call_later(max(wait, 0.0), self._pass_on)

    def stop(self) -> None:
        """Leave off."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._gathered.clear()

    def _pass_on(self) -> None:
        self._timer = None
        self._last = asyncio.get_running_loop().time()
        gathered, self._gathered, self._size = self._gathered, [], 0
        sources = {id(source) for source, _ in gathered}
        head = bytes((wire.Kind.LIVE,))
        everything = head + b"".join(entry for _, entry in gathered)
        hides = self._room.hides
        for connection in tuple(self._room.connections):
            if id(connection) not in sources and not hides:
                connection.socket.send(everything, lossy=True)
                continue
            others = b"".join(
                entry
                for source, entry in gathered
                if source is not connection and (not hides or self._is_seen(connection, entry))
            )
            if others:
                connection.socket.send(head + others, lossy=True)

    def _is_seen(self, connection: "Connection", entry: bytes) -> bool:
        return self._room.sees(connection.principal, wire.Reader(entry).text(MOST_BYTES))
