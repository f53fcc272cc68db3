"""The driver: the nodes of one tablet, its pen's samples, its keys."""

import asyncio

from pydantic import Field

from drivers.input.axes import size_of
from drivers.input.calibration import Calibration
from drivers.input.clock import SampleClock
from drivers.input.frames import InputFrame
from drivers.input.node import InputNode
from drivers.input.values import LARGEST, Size
from drivers.tablet.contract import Mapping, PadKey, PadRing, PenSample, Tablet
from drivers.tablet.evdev.events import PadEvents, PenEvents, axes_of, is_pad, is_pen
from drivers.tablet.evdev.libwacom import Model, look_up
from drivers.tablet.pen import Pen, tools_of
from hub.device import N_, BadSettings, DeviceSettings, UsbMatch, WrongDevice

MOST_NODES = 8


class NotAPen(WrongDevice):
    """None of the device's nodes is that of a pen."""

    code = "not-a-pen"
    title = N_("This is no graphics tablet that the computer knows.")
    hint = N_("Choose the tablet among what was found, or the driver for tablets of other makes.")


class KernelTablet(Tablet):
    """Graphics tablet known to the computer.

    Every tablet for which Linux has a driver: Wacom, many of Huion, XP-Pen and UGEE, screens with
    a pen.
    """

    title = N_("Graphics tablet known to the computer")
    isolation = "driver"
    discovery = (UsbMatch(subsystem="input", properties={"ID_INPUT_TABLET": "1"}),)

    class Settings(DeviceSettings):
        """What an engineer sets.

        Attributes:
            path: the node, where the tablet is not found by itself (a serial or virtual one).
            width_mm, height_mm: of the active area, where the tablet does not know its size.
        """

        path: str | None = Field(None, title=N_("Node"), max_length=200)
        width_mm: float | None = Field(None, title=N_("Width in millimetres"), gt=0, le=LARGEST)
        height_mm: float | None = Field(None, title=N_("Height in millimetres"), gt=0, le=LARGEST)

    settings: Settings
    _pen_node: InputNode | None = None
    _pad_node: InputNode | None = None
    _pen: Pen | None = None
    _model: Model | None = None

    async def connect(self) -> None:
        """Open the nodes of pen and pad, and tell what the tablet has."""
        await self._open_nodes()
        node = self._pen_node
        if node is None:
            raise NotAPen("; ".join(self._seen) or "it has no input nodes")
        settings = self.settings
        axes = axes_of(node.axes)
        await self._look_up()
        model = self._model
        size = size_of(axes.x, axes.y, settings.width_mm, settings.height_mm)
        if size is None and model is not None:
            size = size_of(axes.x, axes.y, model.width, model.height)
        if model is None:
            self.omit(Tablet.keys, Tablet.screen)
        self._events = PenEvents(node.keys)
        self._pen = Pen(axes, size)
        self._clock = SampleClock()
        self._grabbed = self._near = False
        # Fifteen pens that all move one pointer help nobody; who wants that sets `grab`, for good.
        await self._take_for_hub()
        if size is None:
            self.omit(Tablet.size)
        if axes.x.resolution <= 0:
            self.omit(Tablet.resolution)
        if axes.pressure is None:
            self.omit(Tablet.pressure_levels)
        if self._pad_node is None:
            self.omit(Tablet.key, Tablet.ring)
        self._tell(await self._read_pen(node))
        self.background(self._follow_pen(node))
        if self._pad_node is not None:
            self.background(self._follow_pad(self._pad_node))

    async def disconnect(self) -> None:
        """End the stroke and close the nodes."""
        self._end_stroke()
        for node in (self._pen_node, self._pad_node):
            if node is not None:
                node.port.close()
        self._pen_node = self._pad_node = None

    async def check(self) -> str | None:
        """Ask its nodes how the pen is: one that has gone does not answer."""
        for node in (self._pen_node, self._pad_node):
            if node is not None:
                await node.state()
        return None

    # What it has.

    @Tablet.name.read
    async def _read_name(self) -> str:
        if self._model is not None and self._model.name:
            return self._model.name
        return "" if self._pen_node is None else self._pen_node.name

    @Tablet.keys.read
    async def _read_keys(self) -> int:
        return 0 if self._model is None else self._model.keys

    @Tablet.screen.read
    async def _read_screen(self) -> bool:
        return self._model is not None and self._model.screen

    @Tablet.size.read
    async def _read_size(self) -> Size:
        size = None if self._pen is None else self._pen.mapped_size
        if size is None:
            raise BadSettings("width_mm, height_mm: the tablet does not know its size")
        return size

    @Tablet.resolution.read
    async def _read_resolution(self) -> float:
        return 0.0 if self._pen is None else self._pen.axes.x.resolution

    @Tablet.pressure_levels.read
    async def _read_levels(self) -> int:
        axis = None if self._pen is None else self._pen.axes.pressure
        return 1 if axis is None else axis.maximum - axis.minimum + 1

    @Tablet.grab.read
    async def _read_grab(self) -> bool:
        return self._grabbed

    @Tablet.grab.write
    async def _write_grab(self, grab: bool) -> None:
        if grab != self._grabbed and self._pen_node is not None:
            await self._pen_node.port.grab(grab)
            self._grabbed = grab

    @Tablet.mapping.read
    async def _read_mapping(self) -> Mapping:
        return Mapping() if self._pen is None else self._pen.mapping

    @Tablet.mapping.write
    async def _write_mapping(self, mapping: Mapping) -> None:
        if self._pen is not None:
            self._end_stroke()
            self._pen.mapping = mapping
            size = self._pen.mapped_size
            if size is not None:
                self.report(Tablet.size, size)

    @Tablet.calibration.read
    async def _read_calibration(self) -> Calibration:
        return Calibration() if self._pen is None else self._pen.calibration

    @Tablet.calibration.write
    async def _write_calibration(self, calibration: Calibration) -> None:
        if self._pen is not None:
            self._end_stroke()
            self._pen.calibration = calibration

    # What it says.

    async def _follow_pen(self, node: InputNode) -> None:
        try:
            async for frames in node.frames():
                samples: list[PenSample] = []
                for frame in frames:
                    samples += await self._samples(node, frame)
                self._tell(samples)
        finally:
            self._end_stroke()

    async def _samples(self, node: InputNode, frame: InputFrame) -> list[PenSample]:
        if frame.lost:
            return await self._read_pen(node)
        report = self._events.take(frame.events)
        return self._pen.sample(report, self._clock.tell(frame.time)) if self._pen else []

    async def _read_pen(self, node: InputNode) -> list[PenSample]:
        """Take the state as it is: at the start, and after events were lost."""
        report = self._events.read(*await node.state())
        return self._pen.sample(report, self._clock.now()) if self._pen else []

    async def _follow_pad(self, node: InputNode) -> None:
        pad = PadEvents(node.keys, node.axes)
        pad.read(await node.port.keys())
        async for frames in node.frames():
            for frame in frames:
                happened: list[PadKey | PadRing] = []
                if frame.lost:
                    happened += pad.read(await node.port.keys())
                else:
                    happened += pad.take(frame.events)
                for one in happened:
                    if isinstance(one, PadKey):
                        self.emit(Tablet.key, one)
                    else:
                        self.emit(Tablet.ring, one)

    def _tell(self, samples: list[PenSample]) -> None:
        if not samples:
            return
        self.sample(Tablet.pen, samples)
        tools, self._near = tools_of(samples, self._near)
        for tool in tools:
            self.emit(Tablet.tool, tool)

    def _end_stroke(self) -> None:
        if self._pen is not None:
            self._tell(self._pen.leave(self._clock.now()))

    # Its nodes.

    async def _open_nodes(self) -> None:
        self._seen: list[str] = []
        for path in self._paths():
            node = await InputNode.open(self.transports, path)
            codes = frozenset(node.axes)
            if self._pen_node is None and is_pen(node.keys, codes):
                self._pen_node = node
            elif self._pad_node is None and is_pad(node.keys, codes):
                self._pad_node = node
            else:
                self._seen.append(f"{node.name!r} is neither pen nor pad")
                node.port.close()

    async def _look_up(self) -> None:
        """Ask libwacom's database, where it is installed and the tablet was found on USB."""
        found = self.found
        if found is not None and found.vendor and found.product:
            self._model = await asyncio.to_thread(look_up, found.vendor, found.product)

    def _paths(self) -> tuple[str, ...]:
        if self.settings.path:
            return (self.settings.path,)
        nodes = () if self.found is None else self.found.nodes.get("input", ())
        if not nodes:
            raise BadSettings("path: name the node, or choose the tablet where it is found")
        return tuple(nodes[:MOST_NODES])

    async def _take_for_hub(self) -> None:
        if self._pen_node is not None:
            await self._pen_node.port.grab()
            self._grabbed = True
