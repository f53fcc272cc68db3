"""Listens to the room's tablets and touch tables, and writes what they draw on the lesson's board.

The board is the one that the class's screen shows, else the newest one of a running lesson. A pen
draws in the document of who sits at its seat; where nobody does, in the seat's own. Fingers on a
touch table draw where the teacher has set it (`table` of the board), each a stroke of its own, in
the document of their zone's seat.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from drivers.tablet.contract import Tablet
from hub.plugin import DeviceHandle, HubError, Message, PluginHub
from plugins.whiteboard.names import seat_document
from plugins.whiteboard.pens.hand import EVEN, Hands
from plugins.whiteboard.pens.keeping import AGAIN_SECONDS, Keeper
from plugins.whiteboard.pens.presses import Draws, Press, Rubs, pen_of, rubs_out
from plugins.whiteboard.pens.strokes import Nib, Place, Stroke, place_of
from plugins.whiteboard.register import Register
from plugins.whiteboard.sync.room import Room
from plugins.whiteboard.sync.rooms import Rooms

log = logging.getLogger("classhub.whiteboard")

SETTLES = 3.0
_FINGERS = ("finger", "pen")


class Desk:
    """The room's pens and fingers."""

    def __init__(self, hub: PluginHub, register: Register, rooms: Rooms) -> None:
        self._hub = hub
        self._register = register
        self._rooms = rooms
        self._room: Room | None = None
        self._sitters: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._hands = Hands()
        self._keeper = Keeper()
        # By device, and for fingers by their contact.
        self._presses: dict[tuple[str, int], Press] = {}
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to listen."""
        bus = self._hub.bus
        self._ends = [
            self._hands.listen(self._hub),
            bus.subscribe(f"+/s/{Tablet.pen.name}", self._on_samples),
            bus.subscribe("x/touch/+/contacts", self._on_contacts),
            bus.subscribe("+/state", self._on_state),
            *(
                bus.subscribe(topic, self._on_change)
                for topic in ("lessons/+", "school/seats/+", "x/whiteboard/boards/+", "x/hub/show")
            ),
        ]
        self._changed.set()
        self._tasks = [
            asyncio.create_task(self._follow(), name="boards: which one pens draw on"),
            asyncio.create_task(self._keeper.run(), name="boards: strokes of pens"),
        ]

    async def stop(self) -> None:
        """End the strokes that are being drawn, and keep them."""
        for end in getattr(self, "_ends", ()):
            end()
        self._end_all()
        await self._keeper.settle(SETTLES)
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1.0)

    # What pens and fingers do.

    def _on_samples(self, message: Message) -> None:
        device, room = message.topic.partition("/")[0], self._room
        if room is None:
            return
        key = (device, 0)
        press = self._presses.get(key)
        for sample in message.payload["samples"]:
            if not sample.get("contact"):
                if press is not None:
                    self._end(key)
                    press = None
            elif press is None:
                handle = self._hub.devices.get(device)
                press = self._presses[key] = self._press(room, handle, handle.seat, sample)
            else:
                press.add(sample)
        if press is not None:
            press.tell()

    def _on_contacts(self, message: Message) -> None:
        table, room = message.topic.split("/")[2], self._room
        if room is None or (room.tools.get("table") is not True and not self._presses):
            return
        told: dict[tuple[str, int], Press] = {}
        for contact in message.payload["contacts"]:
            key = (table, contact["id"])
            press = self._presses.get(key)
            if press is not None and contact["tool"] not in _FINGERS:
                self._presses.pop(key).give_up()
            elif press is not None and contact["phase"] == "up":
                self._end(key)
            elif press is not None:
                press.add(contact)
                told[key] = press
            elif contact["phase"] == "down" and self._takes(room, contact):
                handle = self._hub.devices.get(table)
                author = contact["seat"] or self._zone(table, contact["zone"])
                told[key] = self._presses[key] = self._press(room, handle, author, contact)
        for key, press in told.items():
            if key in self._presses:
                press.tell()

    @staticmethod
    def _takes(room: Room, contact: Mapping[str, Any]) -> bool:
        return room.tools.get("table") is True and contact["tool"] in _FINGERS

    def _zone(self, table: str, zone: int | None) -> str | None:
        """Return as whom somebody draws in a zone of no seat; None where the table is whole."""
        for message in self._hub.bus.retained(f"x/touch/{table}/zones"):
            if zone is not None and len(message.payload["zones"]) > 1:
                return f"device:{table}:{zone}"
        return None

    def _press(
        self, room: Room, handle: DeviceHandle, seat: str | None, sample: Mapping[str, Any]
    ) -> Press:
        person = self._sitters.get(seat or "")
        name = f"person:{person}" if person else seat_document(seat, handle.id)
        try:
            document = room.make(name, self._names.get(person, "") if person else handle.name)
            room.check_unlocked(name)
        except HubError:
            return Press()
        nib = Nib(
            name,
            room.page,
            document.colour,
            handle.id,
            _place(handle),
            EVEN if sample.get("pressure") is None else self._hands.curve(person),
            pen_of(sample),
        )
        if rubs_out(sample):
            rubber = Rubs(room, self._keeper, nib)
            rubber.add(sample)
            return rubber
        return Draws(room, self._keeper, Stroke.begin(nib, sample))

    def _on_state(self, message: Message) -> None:
        device = message.topic.partition("/")[0]
        if not (message.payload or {}).get("reachable"):
            for key in [key for key in self._presses if key[0] == device]:
                self._end(key)

    def _end(self, key: tuple[str, int]) -> None:
        self._presses.pop(key).end()

    def _end_all(self) -> None:
        for key in tuple(self._presses):
            self._end(key)

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
                        await self._keeper.settle()
                        self._keeper.forget()
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


def _place(handle: DeviceHandle) -> Place:
    reading = handle.readings.get(Tablet.size.name)  # of tables it is called the same
    value = None if reading is None else reading.value
    return place_of(value["width"], value["height"]) if isinstance(value, dict) else Place()
