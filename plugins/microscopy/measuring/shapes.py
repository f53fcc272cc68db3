"""What can be drawn on a picture: shapes of points, kept as data beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from hub.plugin import N_, Asset, Body, HubError
from hub.school import clean_text

Kind = Literal["length", "polyline", "angle", "area", "count", "label", "arrow"]
Colour = Literal["yellow", "orange", "red", "green", "blue", "white"]
KINDS: tuple[Kind, ...] = get_args(Kind)

POINTS: dict[Kind, tuple[int, int]] = {
    "length": (2, 2),
    "polyline": (2, 1000),
    "angle": (3, 3),
    "area": (3, 300),
    "count": (1, 2000),
    "label": (1, 1),
    "arrow": (2, 2),
}
"""The fewest and the most points of each kind. An angle's vertex is its second point."""
MOST_SHAPES = 300
MOST_POINTS = 5000
"""Of one layer, in all its shapes."""
TEXT = 200
MARGIN = 0.25
"""How far beyond the picture a point may lie, as a part of its longer side."""
STEPS = 100
"""Points are kept to a hundredth of a pixel."""

Coordinate = Annotated[float, Field(ge=-100_000, le=100_000)]
XY = tuple[Coordinate, Coordinate]


class BadShape(HubError):
    """A shape is not one that can be drawn; `detail` says which and why."""

    code = "bad-shape"
    status = 422
    title = N_("This drawing cannot be kept.")
    hint = N_("Undo the last step and draw it again inside the picture.")


class TooManyShapes(BadShape):
    """There is more on the picture than is kept."""

    code = "too-many-shapes"
    title = N_("There is too much drawn on this picture.")
    hint = N_("At most {shapes} drawings and {points} points: delete some, then go on.")


class ShapeModel(Body):
    """One thing drawn on a picture."""

    id: str = Field(
        pattern=r"^[A-Za-z0-9_-]{1,40}$", description="Chosen by who draws; unique in the layer."
    )
    kind: Kind
    points: list[XY] = Field(
        min_length=1,
        max_length=2000,
        description="x and y in pixels of the picture in its full size, from its upper left"
        " corner. An angle's vertex is its second point, an arrow's head its last.",
    )
    text: str = Field("", max_length=TEXT * 10, description="One line of at most 200 characters.")
    colour: Colour = "yellow"


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape as it is kept; `points` in pixels of the picture's full size."""

    id: str
    kind: Kind
    points: tuple[tuple[float, float], ...]
    text: str = ""
    colour: Colour = "yellow"

    @classmethod
    def of(cls, kept: dict[str, Any]) -> "Shape":
        """Return what `as_json` has made."""
        return cls(**{**kept, "points": tuple((x, y) for x, y in kept["points"])})

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON-ready data."""
        return {
            "id": self.id,
            "kind": self.kind,
            "points": [list(point) for point in self.points],
            "text": self.text,
            "colour": self.colour,
        }


def checked(given: Sequence[ShapeModel], asset: Asset) -> list[Shape]:
    """Return what was sent as shapes that fit the picture.

    Raises:
        BadShape: a shape has too few or too many points, lies outside, or stands twice.
        TooManyShapes: there are too many of them.
        BadName: a text is too long.
    """
    if len(given) > MOST_SHAPES or sum(len(one.points) for one in given) > MOST_POINTS:
        raise TooManyShapes(f"{len(given)} shapes", shapes=MOST_SHAPES, points=MOST_POINTS)
    if len({one.id for one in given}) != len(given):
        raise BadShape("two shapes have the same id")
    return [_checked(one, asset) for one in given]


def _checked(given: ShapeModel, asset: Asset) -> Shape:
    least, most = POINTS[given.kind]
    if not least <= len(given.points) <= most:
        raise BadShape(f"{given.id}: {given.kind} has {len(given.points)} points")
    # A browser turns a picture upright by its metadata, so either side may be the wide one.
    side = max(asset.width, asset.height)
    margin = MARGIN * side
    points = tuple((_kept(x), _kept(y)) for x, y in given.points)
    if any(not -margin <= value <= side + margin for point in points for value in point):
        raise BadShape(f"{given.id} lies outside the picture")
    text = " ".join(clean_text(given.text, field="text", limit=TEXT).split())
    if given.kind == "label" and not text:
        raise BadShape(f"{given.id}: a label without words")
    return Shape(given.id, given.kind, points, text, given.colour)


def _kept(value: float) -> float:
    return round(value * STEPS) / STEPS
