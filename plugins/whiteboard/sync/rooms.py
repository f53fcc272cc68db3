"""All open boards."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Mapping

from hub.plugin import HubError, Message, PluginHub, PluginSocket, Principal
from plugins.whiteboard.documents.shelf import Shelf
from plugins.whiteboard.names import is_display
from plugins.whiteboard.register import Board, Register
from plugins.whiteboard.sync.connection import Connection
from plugins.whiteboard.sync.room import Room

log = logging.getLogger("classhub.whiteboard")

IDLE_SECONDS = 60.0
ELEMENT = "hub-board"


class Rooms:
    """Opens boards when somebody comes, and closes them a minute after the last one has left."""

    def __init__(self, hub: PluginHub, register: Register) -> None:
        self._hub = hub
        self._register = register
        self._shelf = Shelf(hub.store)
        self._rooms: dict[str, Room] = {}
        self._opening: dict[str, asyncio.Lock] = {}
        self._leave: list[object] = []
        self._shown = ""
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._titles = False

    def start(self) -> None:
        """Begin to listen."""
        bus = self._hub.bus
        self._ends = [
            bus.subscribe("x/hub/show", self._on_show),
            bus.subscribe("lessons/+", self._on_change),
            bus.subscribe("people/+", self._on_person),
        ]
        self._task = asyncio.create_task(self._keep(), name="boards: keeper")

    async def stop(self) -> None:
        """Write what waits, and close all."""
        for end in getattr(self, "_ends", ()):
            end()
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task], timeout=1.0)
        for room in tuple(self._rooms.values()):
            room.close(1012, "the hub is stopping")
            await room.stop()
        self._rooms.clear()

    @contextlib.asynccontextmanager
    async def use(self, board: str) -> AsyncIterator[Room]:
        """Have a board open for a while. Raises `NotFound`."""
        async with self._opening.setdefault(board, asyncio.Lock()):
            room = self._rooms.get(board)
            if room is None:
                found = await self._register.get(board)
                lesson = await self._hub.school.lesson(found.lesson)
                room = Room(self._hub, self._shelf, found, lesson)
                room.shown = self._shown == board
                try:
                    await room.open()
                except BaseException:
                    await room.stop()
                    raise
                self._rooms[board] = room
            room.users += 1
        try:
            yield room
        finally:
            room.users -= 1
            room.idle_since = time.monotonic()

    @property
    def shown(self) -> str:
        """The board that the class's screen shows; empty where it shows none."""
        return self._shown

    def opened(self, board: str) -> Room | None:
        """Return a board that is open."""
        return self._rooms.get(board)

    async def closed(self, board: str) -> None:
        """A board was deleted."""
        room = self._rooms.pop(board, None)
        if room is not None:
            room.close(4404, "the board was deleted")
            await room.stop()

    def renamed(self, board: Board) -> None:
        """A board has another title."""
        room = self._rooms.get(board.id)
        if room is not None:
            room.board = board
            room.tell_state()

    # Connections (`hub.plugin.Socket`).

    async def admit(self, principal: Principal, params: Mapping[str, str]) -> None:
        """Raise a HubError for who may not see the board."""
        async with self.use(params["id"]) as room:
            room.check_see(principal)

    async def serve(self, socket: PluginSocket, principal: Principal) -> None:
        """Serve a page until it goes."""
        async with self.use(socket.params["id"]) as room:
            own = room.own(principal)
            if own is not None:
                with contextlib.suppress(HubError):
                    room.make(own, "" if is_display(principal) else principal.name)
            connection = Connection(room, socket, principal, self._hub.say)
            room.connections.add(connection)
            try:
                await connection.serve()
            finally:
                room.connections.discard(connection)
                connection.leave()

    # What happens elsewhere.

    def _on_show(self, message: Message) -> None:
        shown = message.payload or {}
        both = [shown, shown.get("beside") or {}]
        boards = [one["attributes"] for one in both if one.get("element") == ELEMENT]
        self._shown = str(boards[0].get("board", "")) if boards else ""
        for board, room in self._rooms.items():
            if room.shown != (board == self._shown):
                room.shown = board == self._shown
                room.tell_state()

    def _on_change(self, _message: Message) -> None:
        self._changed.set()

    def _on_person(self, _message: Message) -> None:
        self._titles = True
        self._changed.set()

    async def _keep(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(10.0):
                    await self._changed.wait()
            try:
                if self._changed.is_set():
                    self._changed.clear()
                    await self._look()
                await self._close_idle()
            except HubError as error:
                log.warning("boards could not be looked after: %s", error)
                await asyncio.sleep(1.0)

    async def _look(self) -> None:
        titles, self._titles = self._titles, False
        for room in tuple(self._rooms.values()):
            room.lesson = await self._hub.school.lesson(room.lesson.id)
            if titles:
                await room.learn_titles()
            room.tell_state()

    async def _close_idle(self) -> None:
        for board, room in tuple(self._rooms.items()):
            async with self._opening.setdefault(board, asyncio.Lock()):
                if room.users == 0 and time.monotonic() - room.idle_since > IDLE_SECONDS:
                    self._rooms.pop(board, None)
                    await room.stop()
        for board in [b for b, lock in self._opening.items() if b not in self._rooms]:
            if not self._opening[board].locked():
                del self._opening[board]
