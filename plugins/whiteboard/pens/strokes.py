"""From samples of a pen to strokes: nothing smoothed, nothing left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from drivers.tablet.contract import PressureCurve
from plugins.whiteboard import wire
from plugins.whiteboard.pages import new_key
from plugins.whiteboard.pens.hand import EVEN, curve_fields
from plugins.whiteboard.points import MOST_POINTS, Point, pack

SHEET = (1920.0, 1080.0)
WIDTHS = {"pen": 4.0, "marker": 28.0}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tablet's area lies on the page, in page units."""

    x: float = 0.0
    y: float = 0.0
    width: float = SHEET[0]
    height: float = SHEET[1]


def place_of(width: float, height: float) -> Place:
    """Return where a tablet of this shape lies: in the sheet's middle, as large as fits."""
    if width <= 0 or height <= 0:
        return Place()
    scale = min(SHEET[0] / width, SHEET[1] / height)
    wide, high = width * scale, height * scale
    return Place((SHEET[0] - wide) / 2, (SHEET[1] - high) / 2, wide, high)


@dataclass(frozen=True, slots=True)
class Nib:
    """Who draws with what.

    Attributes:
        document, page, colour: where it is drawn, and how.
        device: with which it is drawn. place: where that lies on the page.
        curve: how the one who draws presses; kept with the stroke, whose points stay as measured.
        pen: `pen` or `marker`.
    """

    document: str
    page: str
    colour: str
    device: str
    place: Place
    curve: PressureCurve = EVEN
    pen: str = "pen"


@dataclass(slots=True)
class Stroke:
    """A stroke that is being drawn. `began`: seconds since the epoch, as `time` of the samples."""

    nib: Nib
    began: float
    x: float
    y: float
    key: str = field(default_factory=new_key)
    points: list[Point] = field(default_factory=list)
    told: int = 0

    @classmethod
    def begin(cls, nib: Nib, sample: Mapping[str, Any]) -> "Stroke":
        """Begin with its first sample."""
        x, y = on_page(sample, nib.place)
        made = cls(nib, float(sample["time"]), x, y)
        made.add(sample)
        return made

    @property
    def document(self) -> str:
        """The document in which it is drawn."""
        return self.nib.document

    @property
    def device(self) -> str:
        """The device that draws it."""
        return self.nib.device

    def add(self, sample: Mapping[str, Any]) -> None:
        """Take the next sample."""
        x, y = on_page(sample, self.nib.place)
        self.points.append(
            Point(
                float(sample["time"]) - self.began,
                x - self.x,
                y - self.y,
                sample.get("pressure"),
                sample.get("tilt_x"),
                sample.get("tilt_y"),
                sample.get("twist"),
            )
        )

    @property
    def full(self) -> bool:
        """Tell whether it can have no more points."""
        return len(self.points) >= MOST_POINTS

    def described(self) -> dict[str, Any]:
        """Return the item without its points."""
        return {
            "kind": "stroke",
            "page": self.nib.page,
            "time": self.began * 1000,
            "colour": self.nib.colour,
            "pen": self.nib.pen,
            "width": WIDTHS[self.nib.pen],
            "x": self.x,
            "y": self.y,
            "device": self.nib.device,
            **curve_fields(self.nib.curve),
        }

    def item(self) -> dict[str, Any]:
        """Return the item that it becomes."""
        return {**self.described(), "points": pack(self.points)}

    def news(self, flags: int = 0) -> bytes:
        """Return what has come since the last time, as an entry of a live message.

        Args:
            flags: `ENDS` or `GIVEN_UP`, where it is over.
        """
        fresh, first = self.points[self.told :], self.told
        flags |= 0 if first else wire.BEGINS
        self.told = len(self.points)
        points = pack(fresh) if fresh else b""
        return wire.live_entry(self.document, self.key, flags, first, self.described(), points)


def on_page(sample: Mapping[str, Any], place: Place) -> tuple[float, float]:
    """Return where a sample lies on the page."""
    x = place.x + float(sample["x"]) * place.width
    return x, place.y + float(sample["y"]) * place.height
