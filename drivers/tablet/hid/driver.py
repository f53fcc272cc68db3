"""The driver: raw reports of a tablet, understood by its report descriptor or a data file."""

from collections.abc import Collection
from typing import Annotated

from pydantic import Field

from drivers.hid.descriptor import Field as HidField
from drivers.hid.descriptor import parse
from drivers.hid.errors import BadDescriptor
from drivers.hid.pen import HidPen, PenDecoder
from drivers.hid.usages import DISTANCE, IN_RANGE, TIP_PRESSURE, TWIST, WHEEL, X_TILT, Y_TILT, X, Y
from drivers.input.axes import Range, size_of
from drivers.input.calibration import Calibration
from drivers.input.clock import SampleClock
from drivers.input.values import LARGEST, Size
from drivers.tablet.contract import Mapping, PenSample, Tablet
from drivers.tablet.hid.known import KnownTablet, known, known_tablets
from drivers.tablet.pen import Pen, PenAxes, PenReport, tools_of
from hub.device import N_, BadSettings, DeviceSettings, TimedOut, UsbMatch, WrongDevice
from hub.device.transports import HidrawPort

MOST_NODES = 8
SILENT = 0.5
"""Seconds after which a pen that cannot say that it left has left."""

UsbIds = Annotated[str, Field(pattern="^[0-9a-f]{4}:[0-9a-f]{4}$")]


class NoPenReports(WrongDevice):
    """No node of it has reports of a pen that we understand."""

    code = "no-pen-reports"
    title = N_("The reports of this tablet are not understood.")
    hint = N_("Record it and send the recording to the hub's makers: it needs a data file.")


class HidTablet(Tablet):
    """Graphics tablet of another make.

    For tablets that Linux has no driver for: their reports are read as they come. The desktop's
    pointer follows the pen where Linux takes it for a mouse.
    """

    title = N_("Graphics tablet of another make")
    isolation = "driver"
    discovery = tuple(
        UsbMatch(subsystem="hidraw", vendor=one.vendor, product=one.product)
        for one in known_tablets()
    )

    class Settings(DeviceSettings):
        """What an engineer sets.

        Attributes:
            path: the node, where the tablet is not found by itself.
            ids: USB vendor and product, for a tablet with a data file that is named by its path.
            width_mm, height_mm: of the active area, where the tablet does not know its size.
        """

        path: str | None = Field(None, title=N_("Node"), max_length=200)
        ids: UsbIds | None = Field(None, title=N_("USB ids of the tablet"))
        width_mm: float | None = Field(None, title=N_("Width in millimetres"), gt=0, le=LARGEST)
        height_mm: float | None = Field(None, title=N_("Height in millimetres"), gt=0, le=LARGEST)

    settings: Settings
    _pen: Pen | None = None
    _near = False

    async def connect(self) -> None:
        """Find the node with the pen's reports, wake the tablet, tell what it has."""
        self._clock = SampleClock()
        self._ports: list[HidrawPort] = []
        self._name = ""
        self._known: KnownTablet | None = None
        ports, decoder = await self._open_nodes()
        axes, size = self._axes(decoder)
        self._pen = Pen(axes, size)
        self.omit(Tablet.grab, Tablet.key, Tablet.ring, Tablet.keys, Tablet.screen)
        if size is None:
            self.omit(Tablet.size)
        if axes.x.resolution <= 0:
            self.omit(Tablet.resolution)
        if axes.pressure is None:
            self.omit(Tablet.pressure_levels)
        for port in ports:
            self.background(self._follow(port, decoder))

    async def disconnect(self) -> None:
        """End the stroke and close the nodes."""
        self._end_stroke()
        for port in getattr(self, "_ports", ()):
            port.close()

    # What it has.

    @Tablet.name.read
    async def _read_name(self) -> str:
        return self._name

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

    @Tablet.mapping.read
    async def _read_mapping(self) -> Mapping:
        return Mapping() if self._pen is None else self._pen.mapping

    @Tablet.mapping.write
    async def _write_mapping(self, mapping: Mapping) -> None:
        if self._pen is not None:
            self._end_stroke()
            self._pen.mapping = mapping
            if (size := self._pen.mapped_size) is not None:
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

    async def _follow(self, port: HidrawPort, decoder: PenDecoder) -> None:
        says_near = decoder.field(IN_RANGE) is not None
        try:
            while True:
                limit = None if says_near or not self._near else SILENT
                try:
                    data = await port.receive(limit=limit)
                except TimedOut:
                    self._end_stroke()
                    continue
                pen = decoder.feed(data)
                if pen is not None and self._pen is not None:
                    self._tell(self._pen.sample(self._report_of(pen), self._clock.now()))
        finally:
            self._end_stroke()

    def _report_of(self, pen: HidPen) -> PenReport:
        near = pen.in_range
        if self._known is not None and self._known.near_inverted:
            near = not near
        return PenReport(
            x=pen.x,
            y=pen.y,
            pressure=pen.pressure,
            tilt_x=pen.tilt_x,
            tilt_y=pen.tilt_y,
            twist=pen.twist,
            distance=pen.distance,
            wheel=pen.wheel,
            contact=pen.tip and near,
            near=near,
            eraser=pen.eraser,
            buttons=set(pen.buttons),
            tool="" if not pen.serial else f"{pen.serial & 0xFFFFFFFF:08x}",
        )

    def _tell(self, samples: list[PenSample]) -> None:
        if samples:
            self.sample(Tablet.pen, samples)
            tools, self._near = tools_of(samples, self._near)
            for tool in tools:
                self.emit(Tablet.tool, tool)

    def _end_stroke(self) -> None:
        if self._pen is not None:
            self._tell(self._pen.leave(self._clock.now()))

    # Its nodes.

    async def _open_nodes(self) -> tuple[list[HidrawPort], PenDecoder]:
        """Return what understands the pen's reports, and the nodes that they may come from."""
        seen: list[str] = []
        for path in self._paths():
            port = await self.transports.hidraw(path)
            self._ports.append(port)
            name = (await port.name())[:200]
            self._name = self._name or name
            self._known = self._known_as(name)
            try:
                own = parse(await port.descriptor())
                await self._wake(port, own.reports.keys())
                if self._known is None or self._known.descriptor is None:
                    return [port], PenDecoder(own)
            except BadDescriptor as error:
                seen.append(f"{path}: {error}")
        if self._known is not None and (fits := self._known.parsed) is not None:
            # By its number a report is the pen's, whichever of the interfaces it comes from.
            return self._ports, PenDecoder(fits)
        raise NoPenReports("; ".join(seen) or "none of its nodes has reports of a pen")

    async def _wake(self, port: HidrawPort, reports: Collection[tuple[str, int]]) -> None:
        """Say the first words on the node whose interface takes them."""
        if self._known is None:
            return
        for word in self._known.first_words:
            data = bytes.fromhex(word.data)
            if (word.kind, data[0]) in reports:
                await (port.send(data) if word.kind == "output" else port.set_feature(data))

    def _known_as(self, name: str) -> KnownTablet | None:
        vendor, product = "", ""
        if self.settings.ids:
            vendor, product = self.settings.ids.split(":")
        elif self.found is not None:
            vendor, product = self.found.vendor, self.found.product
        return known(vendor, product, name)

    def _paths(self) -> tuple[str, ...]:
        if self.settings.path:
            return (self.settings.path,)
        nodes = () if self.found is None else self.found.nodes.get("hidraw", ())
        if not nodes:
            raise BadSettings("path: name the node, or choose the tablet where it is found")
        return tuple(nodes[:MOST_NODES])

    def _axes(self, decoder: PenDecoder) -> tuple[PenAxes, Size | None]:
        x, y = _range(decoder.field(X)), _range(decoder.field(Y))
        if x is None or y is None:
            raise WrongDevice("its axes X and Y have no range")
        axes = PenAxes(
            x=x,
            y=y,
            pressure=_range(decoder.field(TIP_PRESSURE)),
            tilt_x=_range(decoder.field(X_TILT)),
            tilt_y=_range(decoder.field(Y_TILT)),
            twist=_range(decoder.field(TWIST)),
            distance=_range(decoder.field(DISTANCE)),
            wheel=_range(decoder.field(WHEEL)),
        )
        return axes, size_of(x, y, self.settings.width_mm, self.settings.height_mm)


def _range(field: HidField | None) -> Range | None:
    if field is None or field.maximum <= field.minimum:
        return None
    return Range(field.minimum, field.maximum, field.resolution)
