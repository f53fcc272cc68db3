"""From samples of a pen to strokes: nothing smoothed, nothing left out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from plugins.whiteboard import wire
from plugins.whiteboard.pages import new_key
from plugins.whiteboard.points import MOST_POINTS, Point, pack

SHEET = (1920.0, 1080.0)
WIDTH = 4.0


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


@dataclass(slots=True)
class Stroke:
    """A stroke that is being drawn. `began`: seconds since the epoch, as `time` of the samples."""

    document: str
    page: str
    colour: str
    device: str
    place: Place
    began: float
    x: float
    y: float
    key: str = field(default_factory=new_key)
    points: list[Point] = field(default_factory=list)
    told: int = 0

    @classmethod
    def begin(
        cls,
        sample: Mapping[str, Any],
        document: str,
        page: str,
        colour: str,
        device: str,
        place: Place,
    ) -> "Stroke":
        """Begin with its first sample."""
        x, y = _on_page(sample, place)
        made = cls(document, page, colour, device, place, float(sample["time"]), x, y)
        made.add(sample)
        return made

    def add(self, sample: Mapping[str, Any]) -> None:
        """Take the next sample."""
        x, y = _on_page(sample, self.place)
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
            "page": self.page,
            "time": self.began * 1000,
            "colour": self.colour,
            "pen": "pen",
            "width": WIDTH,
            "x": self.x,
            "y": self.y,
            "device": self.device,
        }

    def item(self) -> dict[str, Any]:
        """Return the item that it becomes."""
        return {**self.described(), "points": pack(self.points)}

    def news(self, *, ended: bool = False) -> bytes:
        """Return what has come since the last time, as an entry of a live message."""
        fresh, first = self.points[self.told :], self.told
        flags = (wire.ENDS if ended else 0) | (0 if first else wire.BEGINS)
        self.told = len(self.points)
        points = pack(fresh) if fresh else b""
        return wire.live_entry(self.document, self.key, flags, first, self.described(), points)


def touches(samples: list[Any]) -> Iterator[tuple[bool, Mapping[str, Any]]]:
    """Yield each sample with whether it draws: the tip touches, and not the eraser."""
    for sample in samples:
        yield bool(sample.get("contact")) and not sample.get("eraser"), sample


def _on_page(sample: Mapping[str, Any], place: Place) -> tuple[float, float]:
    x = place.x + float(sample["x"]) * place.width
    return x, place.y + float(sample["y"]) * place.height
