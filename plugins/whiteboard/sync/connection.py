"""One page at a board: what it may say, and what it is told."""

import asyncio
import math
from collections import Counter
from typing import Any

from hub.errors import Forbidden
from hub.plugin import HubError, PluginSocket, Principal, SocketGone, Translator
from plugins.whiteboard import wire
from plugins.whiteboard.documents.document import EMPTY, check_state, check_update
from plugins.whiteboard.documents.writer import Entry
from plugins.whiteboard.errors import BadUpdate
from plugins.whiteboard.names import LONGEST, SHARED, page_of, teaches
from plugins.whiteboard.sync.rates import Allowance
from plugins.whiteboard.sync.room import Room

LARGEST = 4 << 20
MOST_UNWRITTEN = 64
BEHIND_SECONDS = 30.0
_LIVE_BYTES = 64 << 10
_MEGA = 1 << 20


class Connection:
    """A page, or a program, that is at a board."""

    def __init__(self, room: Room, socket: PluginSocket, who: Principal, say: Translator) -> None:
        self.room = room
        self.socket = socket
        self._who = who
        self._say = say
        self._follows: set[str] = set()
        self._stale: set[str] = set()
        self._written: Counter[str] = Counter()
        self._round: Counter[str] = Counter()
        self._unwritten = 0
        self._room_to_write = asyncio.Event()
        self._room_to_write.set()
        self._messages = Allowance(200, 600)
        self._bytes = Allowance(8 * _MEGA, 32 * _MEGA)
        self._answers = Allowance(32 * _MEGA, 256 * _MEGA)
        self._live = Allowance(80, 120)
        self._views = Allowance(25, 50)

    @property
    def principal(self) -> Principal:
        """Who it is, as they are now."""
        return self.socket.principal or self._who

    async def serve(self) -> None:
        """Take messages until the connection ends. Raises `SocketGone`."""
        self.tell_state()
        if self.room.view is not None:
            self.socket.send(wire.said(wire.Kind.VIEW, self.room.view[1]))
        while True:
            data = await self.socket.receive()
            try:
                if isinstance(data, str):
                    raise wire.Garbled("a text")
                await self._take(wire.Reader(data), len(data))
            except wire.Garbled as error:
                self._problem(BadUpdate(str(error)), None)
                self.socket.close(1008, "garbled")
                raise SocketGone from None

    def leave(self) -> None:
        """It is gone."""
        view = self.room.view
        if view is not None and view[0] is self:
            self.room.view = None
            self._tell_view({"page": None})

    def tell_state(self) -> None:
        """Tell it how the board is; who may no longer see it is sent away."""
        try:
            self.room.check_see(self.principal)
        except HubError:
            self.socket.close(4403, "no longer in the lesson")
            return
        # What is hidden now is told no more; the page throws its copy away.
        self._follows = {one for one in self._follows if self.room.sees(self.principal, one)}
        self.socket.send(wire.said(wire.Kind.STATE, self.room.state_for(self.principal)))

    def pass_on(self, document: str, message: bytes) -> None:
        """Tell it of an update of a document that it follows."""
        if document in self._follows:
            self.socket.send(message)

    def begin_anew(self, document: str, why: HubError) -> None:
        """Have it throw its copy of a document away."""
        if document in self._follows:
            self._refuse(document, why)

    async def _take(self, reader: wire.Reader, size: int) -> None:
        match reader.number():
            case wire.Kind.SYNC:
                await self._messages.wait()
                await self._bytes.wait(size)
                await self._sync(reader)
            case wire.Kind.LIVE:
                self._draws(reader)
            case wire.Kind.VIEW:
                self._sees(reader.json(2048))
            case other:
                raise wire.Garbled(f"message {other}")

    async def _sync(self, reader: wire.Reader) -> None:
        name, step = reader.text(LONGEST * 4), reader.number()
        data = reader.array(LARGEST)
        if not reader.ended:
            raise wire.Garbled("more than a message")
        try:
            if step == wire.Sync.STEP_1:
                await self._answer(name, data)
            elif step in (wire.Sync.STEP_2, wire.Sync.UPDATE):
                await self._write(name, data)
            else:
                raise wire.Garbled(f"step {step}")
        except HubError as error:
            self._refuse(name, error)

    async def _answer(self, name: str, state: bytes) -> None:
        check_state(state)
        self.room.check_see(self.principal)
        if teaches(self.principal) and self.room.page_is_there(page_of(name)):
            self.room.make(name, "")  # what is prepared on a hidden page
        if not self.room.sees(self.principal, name):
            raise Forbidden(f"{name[:100]} is hidden")
        document = await self.room.document(name)
        await self._catch_up()
        if not document.loaded:
            document = await self.room.document(name)
        # Nothing is awaited from here on: what comes later is passed on.
        self._follows.add(name)
        self._stale.discard(name)
        self._written[name] = 0
        self._round[name] += 1
        missing = document.since(state)
        self.socket.send(wire.sync(name, wire.Sync.STEP_2, missing))
        if self.room.writes(self.principal, name):
            self.socket.send(wire.sync(name, wire.Sync.STEP_1, document.state()))
        await self._answers.wait(len(missing))

    async def _catch_up(self) -> None:
        """Wait until a slow reader has read what was sent; the kernel closes who never reads."""
        while self.socket.behind and not self.socket.closed.done():  # noqa: ASYNC110
            await asyncio.sleep(0.02)

    async def _write(self, name: str, update: bytes) -> None:
        if name in self._stale:
            return
        if self._unwritten >= MOST_UNWRITTEN:
            self._room_to_write.clear()
            await self._room_to_write.wait()
        self.room.check_write(self.principal, name)
        if name not in self._follows:
            raise Forbidden(f"{name[:100]} without a step 1")
        document = await self.room.document(name)
        if update != EMPTY:
            check_update(update)
            if not teaches(self.principal):
                await self.room.check_pages(document, update)
        turn = self._round[name]

        def done(error: HubError | None) -> None:
            self._unwritten -= 1
            self._room_to_write.set()
            if turn != self._round[name] or name in self._stale:
                return
            if error is not None:
                self._refuse(name, error)
                return
            self._written[name] += 1
            self.socket.send(wire.ack(name, self._written[name]))

        by = self.principal.owner
        entry = Entry(document, update, by, own=False, source=self, done=done)
        self.room.write(entry)
        self._unwritten += 1

    def _draws(self, reader: wire.Reader) -> None:
        if not self._live.has():
            return
        allowed: dict[str, bool] = {}
        for entry in reader.live(LONGEST * 4, _LIVE_BYTES):
            name = entry.document
            if name not in allowed:
                allowed[name] = name != SHARED and self.room.writes(self.principal, name)
            if allowed[name]:
                self.room.live.add(self, entry.raw)

    def _sees(self, view: Any) -> None:
        if not teaches(self.principal):
            self._problem(Forbidden("only teachers are followed"), None)
            return
        page = view.get("page") if isinstance(view, dict) else None
        numbers = [view.get(key) for key in ("x", "y", "width", "height")] if page else []
        good = [n for n in numbers if isinstance(n, int | float) and math.isfinite(n)]
        if not isinstance(page, str) or len(page) > 64 or len(good) != 4:
            raise wire.Garbled("no view")
        if self._views.has():
            kept = {"page": page, **dict(zip(("x", "y", "width", "height"), good, strict=True))}
            self.room.view = (self, kept)
            self._tell_view(kept)

    def _tell_view(self, view: dict[str, Any]) -> None:
        message = wire.said(wire.Kind.VIEW, view)
        for connection in tuple(self.room.connections):
            if connection is not self:
                connection.socket.send(message, lossy=True)

    def _refuse(self, name: str, error: HubError) -> None:
        """Take nothing more for a document until it is begun anew."""
        self._follows.discard(name)
        if name not in self._stale:
            if len(self._stale) < 1000:
                self._stale.add(name)
            self._problem(error, name)

    def _problem(self, error: HubError, document: str | None) -> None:
        said: dict[str, Any] = {
            "code": error.code,
            "status": error.status,
            "title": self._say.say(error.title, self.socket.language, error.params),
            "hint": self._say.say(error.hint, self.socket.language, error.params),
        }
        if document is not None:
            said["document"] = document
        self.socket.send(wire.said(wire.Kind.PROBLEM, said))
