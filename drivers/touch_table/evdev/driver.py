"""The driver: the node of one table, its touches."""

from pydantic import Field

from drivers.input.calibration import Calibration
from drivers.input.clock import SampleClock
from drivers.input.codes import (
    ABS_MT_FIRST,
    ABS_MT_LAST,
    ABS_MT_POSITION_X,
    ABS_MT_SLOT,
    ABS_MT_TRACKING_ID,
    ABS_X,
    ABS_Y,
    BTN_TOUCH,
)
from drivers.input.frames import InputFrame
from drivers.input.node import InputNode
from drivers.input.values import LARGEST, Size
from drivers.touch_table.contacts import Contacts
from drivers.touch_table.contract import MOST_CONTACTS, Touch, TouchTable
from drivers.touch_table.evdev.place import Places
from drivers.touch_table.evdev.slots import MOST_SLOTS, FrameReader, SingleReader, SlotReader
from hub.device import N_, BadSettings, DeviceSettings, UsbMatch, WrongDevice

MOST_NODES = 8


class NotATouchTable(WrongDevice):
    """None of the device's nodes is that of a touch surface."""

    code = "not-a-touch-table"
    title = N_("This is no touch table or touch screen.")
    hint = N_("Choose the table among what was found.")


class KernelTouchTable(TouchTable):
    """Touch table known to the computer.

    Every table, frame and screen that Linux knows as a touch screen.
    """

    title = N_("Touch table known to the computer")
    isolation = "driver"
    discovery = (UsbMatch(subsystem="input", properties={"ID_INPUT_TOUCHSCREEN": "1"}),)

    class Settings(DeviceSettings):
        """What an engineer sets.

        Attributes:
            path: the node, where the table is not found by itself.
            width_mm, height_mm: of the table, where it does not know its size.
            palm_mm: what touches with more than this is told as a palm.
        """

        path: str | None = Field(None, title=N_("Node"), max_length=200)
        width_mm: float | None = Field(None, title=N_("Width in millimetres"), gt=0, le=LARGEST)
        height_mm: float | None = Field(None, title=N_("Height in millimetres"), gt=0, le=LARGEST)
        palm_mm: float | None = Field(
            None, title=N_("Palm from this size, in millimetres"), gt=0, le=LARGEST
        )

    settings: Settings
    _node: InputNode | None = None
    _contacts: Contacts | None = None

    async def connect(self) -> None:
        """Open the node and tell what the table has."""
        node = self._node = await self._open_node()
        settings = self.settings
        self._places = Places(node.axes, settings.width_mm, settings.height_mm)
        self._contacts = Contacts(self._places.size, settings.palm_mm)
        self._clock = SampleClock()
        self._grabbed = False
        self._count = 0
        self._said_full = False
        self._slots = self._followed = 0
        self._reader = self._reader_of(node)
        if self._places.size is None:
            self.omit(TouchTable.size)
        if self._most is None:
            self.omit(TouchTable.most_contacts)
        self.report(TouchTable.contacts, 0)
        self._tell(await self._read_state(node))
        self.background(self._follow(node))

    async def disconnect(self) -> None:
        """End all contacts and close the node."""
        self._end_contacts()
        if self._node is not None:
            self._node.port.close()
            self._node = None

    # What it has.

    async def check(self) -> str | None:
        """Ask its node how it is: one that has gone does not answer."""
        if self._node is not None:
            await self._node.state()
        return None

    @TouchTable.name.read
    async def _read_name(self) -> str:
        return "" if self._node is None else self._node.name

    @TouchTable.size.read
    async def _read_size(self) -> Size:
        if self._places.size is None:
            raise BadSettings("width_mm, height_mm: the table does not know its size")
        return self._places.size

    @TouchTable.most_contacts.read
    async def _read_most(self) -> int:
        return self._most or 1

    @TouchTable.contacts.read
    async def _read_contacts(self) -> int:
        return 0 if self._contacts is None else len(self._contacts)

    @TouchTable.grab.read
    async def _read_grab(self) -> bool:
        return self._grabbed

    @TouchTable.grab.write
    async def _write_grab(self, grab: bool) -> None:
        if grab != self._grabbed and self._node is not None:
            await self._node.port.grab(grab)
            self._grabbed = grab

    @TouchTable.calibration.read
    async def _read_calibration(self) -> Calibration:
        return Calibration() if self._contacts is None else self._contacts.calibration

    @TouchTable.calibration.write
    async def _write_calibration(self, calibration: Calibration) -> None:
        if self._contacts is not None:
            self._end_contacts()
            self._contacts.calibration = calibration

    # What it says.

    async def _follow(self, node: InputNode) -> None:
        try:
            async for frames in node.frames():
                touches: list[Touch] = []
                for frame in frames:
                    touches += await self._touches(node, frame)
                self._tell(touches)
        finally:
            self._end_contacts()

    async def _touches(self, node: InputNode, frame: InputFrame) -> list[Touch]:
        if frame.lost:
            return await self._read_state(node)
        return self._reader.take(frame.events, self._clock.tell(frame.time))

    async def _read_state(self, node: InputNode) -> list[Touch]:
        """Take the state as it is: fingers that are down already, and what a loss has hidden."""
        reader, contacts = self._reader, self._contacts
        if isinstance(reader, SlotReader):
            codes = [code for code in node.axes if ABS_MT_FIRST <= code <= ABS_MT_LAST]
            slots = {code: await node.port.slots(code, self._followed) for code in codes}
            slot = (await node.port.axis(ABS_MT_SLOT)).value
            return reader.read(slot, slots, self._clock.now())
        if isinstance(reader, SingleReader):
            axes, held = await node.state()
            values = {code: axes[code].value for code in (ABS_X, ABS_Y)}
            return reader.read(values, self._clock.now(), down=BTN_TOUCH in held)
        # Protocol A has no state to read: the next frame says all contacts.
        return [] if contacts is None else contacts.end(self._clock.now())

    def _reader_of(self, node: InputNode) -> SlotReader | FrameReader | SingleReader:
        assert self._contacts is not None  # noqa: S101 - made before
        self._most: int | None = None
        if not self._places.multi:
            self._most = 1
            return SingleReader(self._places, self._contacts)
        if ABS_MT_SLOT in node.axes and ABS_MT_TRACKING_ID in node.axes:
            self._slots = max(node.axes[ABS_MT_SLOT].maximum + 1, 1)
            self._followed = min(self._slots, MOST_SLOTS)
            self._most = min(self._slots, MOST_CONTACTS)
            return SlotReader(self._places, self._contacts)
        return FrameReader(self._places, self._contacts)

    def _tell(self, touches: list[Touch]) -> None:
        if touches:
            self.sample(TouchTable.touches, touches)
        contacts = self._contacts
        if contacts is not None and contacts.refused and not self._said_full:
            self._said_full = True
            self.log.warning("more than %d contacts at once: the rest is not told", MOST_CONTACTS)
        count = 0 if contacts is None else len(contacts)
        if count != self._count:
            self._count = count
            self.report(TouchTable.contacts, count)

    def _end_contacts(self) -> None:
        if self._contacts is not None and len(self._contacts):
            self._tell(self._contacts.end(self._clock.now()))

    # Its node.

    async def _open_node(self) -> InputNode:
        seen: list[str] = []
        for path in self._paths():
            node = await InputNode.open(self.transports, path)
            multi = ABS_MT_POSITION_X in node.axes
            if multi or (BTN_TOUCH in node.keys and {ABS_X, ABS_Y} <= node.axes.keys()):
                return node
            seen.append(f"{node.name!r} has no touches")
            node.port.close()
        raise NotATouchTable("; ".join(seen) or "it has no input nodes")

    def _paths(self) -> tuple[str, ...]:
        if self.settings.path:
            return (self.settings.path,)
        nodes = () if self.found is None else self.found.nodes.get("input", ())
        if not nodes:
            raise BadSettings("path: name the node, or choose the table where it is found")
        return tuple(nodes[:MOST_NODES])
