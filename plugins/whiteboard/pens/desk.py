"""Listens to the room's tablets, and writes what their pens draw on the lesson's board.

The board is the one that the class's screen shows, else the newest one of a running lesson. A pen
draws in the document of who sits at its seat; where nobody does, in the seat's own.
"""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from typing import Any

from drivers.tablet.contract import Tablet
from hub.plugin import HubError, Latch, Message, PluginHub
from plugins.whiteboard import pages
from plugins.whiteboard.names import seat_document
from plugins.whiteboard.pens.strokes import Place, Stroke, place_of, touches
from plugins.whiteboard.register import Register
from plugins.whiteboard.sync.room import Room
from plugins.whiteboard.sync.rooms import Rooms

log = logging.getLogger("classhub.whiteboard")

BY = "pens"
MOST_WAITING = 500
AGAIN_SECONDS = 1.0


class Desk:
    """The room's pens."""

    def __init__(self, hub: PluginHub, register: Register, rooms: Rooms) -> None:
        self._hub = hub
        self._register = register
        self._rooms = rooms
        self._room: Room | None = None
        self._sitters: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._strokes: dict[str, Stroke] = {}
        self._finished: asyncio.Queue[tuple[Room, Stroke]] = asyncio.Queue(MOST_WAITING)
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._unkept = Latch(log, "strokes of pens wait: %s", "strokes of pens are kept again")

    def start(self) -> None:
        """Begin to listen."""
        bus = self._hub.bus
        self._ends = [
            bus.subscribe(f"+/s/{Tablet.pen.name}", self._on_samples),
            bus.subscribe("+/state", self._on_state),
            *(
                bus.subscribe(topic, self._on_change)
                for topic in ("lessons/+", "school/seats/+", "x/whiteboard/boards/+", "x/hub/show")
            ),
        ]
        self._changed.set()
        self._tasks = [
            asyncio.create_task(self._follow(), name="boards: which one pens draw on"),
            asyncio.create_task(self._keep(), name="boards: strokes of pens"),
        ]

    async def stop(self) -> None:
        """End the strokes that are being drawn, and keep them."""
        for end in getattr(self, "_ends", ()):
            end()
        self._end_all()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(3.0):
                await self._finished.join()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1.0)

    # What pens do.

    def _on_samples(self, message: Message) -> None:
        device, room = message.topic.partition("/")[0], self._room
        if room is None:
            return
        stroke = self._strokes.get(device)
        for draws, sample in touches(message.payload["samples"]):
            if draws and stroke is not None and not stroke.full:
                stroke.add(sample)
                continue
            if stroke is not None:
                self._end(device)
                stroke = None
            if draws:
                stroke = self._begin(room, device, sample)
        if stroke is not None:
            room.live.add(self, stroke.news())

    def _begin(self, room: Room, device: str, sample: Mapping[str, Any]) -> Stroke | None:
        handle = self._hub.devices.get(device)
        person = self._sitters.get(handle.seat or "")
        name = f"person:{person}" if person else seat_document(handle.seat, device)
        try:
            document = room.make(name, self._names.get(person, "") if person else handle.name)
            room.check_unlocked(name)
        except HubError:
            return None  # it draws again when it is lifted and set down, and may by then
        stroke = Stroke.begin(sample, name, room.page, document.colour, device, self._place(device))
        self._strokes[device] = stroke
        return stroke

    def _place(self, device: str) -> Place:
        reading = self._hub.devices.get(device).readings.get(Tablet.size.name)
        value = None if reading is None else reading.value
        return place_of(value["width"], value["height"]) if isinstance(value, dict) else Place()

    def _on_state(self, message: Message) -> None:
        device = message.topic.partition("/")[0]
        if device in self._strokes and not (message.payload or {}).get("reachable"):
            self._end(device)

    def _end(self, device: str) -> None:
        stroke, room = self._strokes.pop(device), self._room
        if room is None:
            return
        room.live.add(self, stroke.news(ended=True))
        try:
            self._finished.put_nowait((room, stroke))
        except asyncio.QueueFull:
            log.error("a stroke of %s is lost: %d wait for the disk", device, MOST_WAITING)

    def _end_all(self) -> None:
        for device in tuple(self._strokes):
            self._end(device)

    async def _keep(self) -> None:
        """Write finished strokes, in their order; where the disk does not take them, again."""
        while True:
            room, stroke = await self._finished.get()
            change = pages.add_item(stroke.key, stroke.item())
            while True:
                try:
                    await room.change(stroke.document, change, BY)
                except HubError as error:
                    self._unkept.failed(error)
                    if not error.retryable and error.status != 507:
                        log.error("a stroke of %s is lost: %s", stroke.device, error)
                        break
                    await asyncio.sleep(AGAIN_SECONDS)
                else:
                    self._unkept.worked()
                    break
            self._finished.task_done()

    # Which board it is.

    def _on_change(self, _message: Message) -> None:
        self._changed.set()

    async def _follow(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                board = await self._wanted()
                if board is None:
                    await self._changed.wait()
                    continue
                async with self._rooms.use(board) as room:
                    self._room = room
                    try:
                        await self._stay(room)
                    finally:
                        self._end_all()
                        self._room = None
                        await self._finished.join()
            except HubError as error:
                log.warning("pens have no board: %s", error)
                await asyncio.sleep(AGAIN_SECONDS)
            self._changed.set()

    async def _stay(self, room: Room) -> None:
        """Know who sits where, until another board is wanted."""
        while True:
            school = self._hub.school
            sitters = await school.sitters(room.lesson.id)
            self._names = {one: (await school.person(one)).name for one in sitters.values()}
            self._sitters = sitters
            await self._changed.wait()
            self._changed.clear()
            if await self._wanted() != room.board.id:
                return

    async def _wanted(self) -> str | None:
        running = [lesson.id for lesson in await self._hub.school.running()]
        shown = self._rooms.shown
        for lesson in running:
            boards = (await self._register.of([lesson], cursor=None, limit=50)).items
            if any(one.id == shown for one in boards):
                return shown
        for lesson in running:
            boards = (await self._register.of([lesson], cursor=None, limit=1)).items
            if boards:
                return boards[0].id
        return None
