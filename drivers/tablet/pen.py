"""A pen as one report after another tells it: what every driver of a tablet makes samples with."""

from dataclasses import dataclass, field

from drivers.input.axes import Range
from drivers.input.calibration import Calibration
from drivers.input.values import Size
from drivers.tablet.contract import Mapping, PenSample, PenTool
from drivers.tablet.mapping import map_place, map_size, map_tilt


@dataclass(slots=True)
class PenReport:
    """What a pen's report says, in the device's own numbers; None where it never said it."""

    x: int = 0
    y: int = 0
    pressure: int | None = None
    tilt_x: int | None = None
    tilt_y: int | None = None
    twist: int | None = None
    distance: int | None = None
    wheel: int | None = None
    contact: bool = False
    near: bool = False
    eraser: bool = False
    buttons: set[int] = field(default_factory=set)
    tool: str = ""


@dataclass(frozen=True, slots=True)
class PenAxes:
    """The ranges of a tablet; None for what it does not measure, or that has no range."""

    x: Range
    y: Range
    pressure: Range | None = None
    tilt_x: Range | None = None
    tilt_y: Range | None = None
    twist: Range | None = None
    distance: Range | None = None
    wheel: Range | None = None
    tilt_y_up: bool = False
    """The device counts the tilt away from the user as positive."""


class Pen:
    """Turns reports into samples, and tells tools that come and go.

    Args:
        axes: of the tablet. size: of its whole area, None where unknown.

    Attributes:
        calibration: from the tablet's own area to the picture beneath it; the mapping comes after.
    """

    def __init__(self, axes: PenAxes, size: Size | None) -> None:
        self.axes = axes
        self.size = size
        self.mapping = Mapping()
        self.calibration = Calibration()
        self._last: PenSample | None = None

    @property
    def mapping(self) -> Mapping:
        """Which part of the tablet is used."""
        return self._mapping

    @mapping.setter
    def mapping(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._mapped = None if self.size is None else map_size(mapping, self.size)

    @property
    def mapped_size(self) -> Size | None:
        """The size of the part that is used."""
        return self._mapped

    def sample(self, report: PenReport, time: float) -> list[PenSample]:
        """Return the samples that a report makes: none while no pen is near.

        Where another pen, or the other end of the same one, is in the report than in the one
        before, the first one leaves before.
        """
        samples = []
        last = self._last
        if last is not None and (last.tool, last.eraser) != (report.tool, report.eraser):
            samples += self.leave(time)
            last = None
        if report.near:
            self._last = self._made(report, time)
            samples.append(self._last)
        elif last is not None:
            samples += self.leave(time)
        return samples

    def leave(self, time: float) -> list[PenSample]:
        """Return the last sample of a pen that is no longer near; none where none was."""
        last, self._last = self._last, None
        if last is None:
            return []
        gone = {"time": time, "pressure": 0.0, "contact": False, "near": False, "buttons": ()}
        return [last.model_copy(update=gone)]

    def _made(self, report: PenReport, time: float) -> PenSample:
        axes, mapping = self.axes, self._mapping
        own = self.calibration.place(axes.x.fraction(report.x), axes.y.fraction(report.y))
        x, y = map_place(mapping, *own)
        size = self._mapped
        tilt_x = tilt_y = None
        if None not in (axes.tilt_x, axes.tilt_y, report.tilt_x, report.tilt_y):
            tilt_x, tilt_y = self._tilt(report)
        return PenSample(
            time=time,
            x=x,
            y=y,
            x_mm=None if size is None else x * size.width,
            y_mm=None if size is None else y * size.height,
            pressure=self._pressure(report),
            tilt_x=tilt_x,
            tilt_y=tilt_y,
            twist=_turn(axes.twist, report.twist),
            distance=_fraction(axes.distance, report.distance),
            wheel=_fraction(axes.wheel, report.wheel),
            contact=report.contact,
            near=True,
            eraser=report.eraser,
            buttons=tuple(sorted(report.buttons)),
            tool=report.tool,
        )

    def _tilt(self, report: PenReport) -> tuple[float, float]:
        axes = self.axes
        assert axes.tilt_x is not None and axes.tilt_y is not None  # noqa: S101, PT018 - seen above
        down = axes.tilt_y.degrees(report.tilt_y or 0)
        return map_tilt(
            self._mapping.rotation,
            axes.tilt_x.degrees(report.tilt_x or 0),
            -down if axes.tilt_y_up else down,
        )

    def _pressure(self, report: PenReport) -> float:
        if self.axes.pressure is None or report.pressure is None:
            return 1.0 if report.contact else 0.0
        return self.axes.pressure.fraction(report.pressure)


def tools_of(samples: list[PenSample], was_near: bool) -> tuple[list[PenTool], bool]:
    """Return the pens that came and went in these samples, and whether one is near after them."""
    told = []
    near = was_near
    for sample in samples:
        if sample.near != near:
            near = sample.near
            told.append(PenTool(tool=sample.tool, eraser=sample.eraser, near=near))
    return told, near


def _fraction(axis: Range | None, value: int | None) -> float | None:
    return None if axis is None or value is None else axis.fraction(value)


def _turn(axis: Range | None, value: int | None) -> float | None:
    return None if axis is None or value is None else axis.turn(value)
