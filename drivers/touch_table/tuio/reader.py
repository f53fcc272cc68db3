"""TUIO 1.1 and 2.0 bundles into what touches now (tuio.org/?specification, tuio.org/?tuio20).

TUIO 1.1: `/tuio/2Dcur` (s, x, y, …), `/tuio/2Dblb` (s, x, y, angle, width, height, area, …) and
`/tuio/2Dobj`, each with `source`, `alive`, `set`, `fseq`. A bundle is one frame of one profile.
TUIO 2.0: `/tuio2/frm` (number, time, dimension, source), `/tuio2/ptr`, `/tuio2/tok`, `/tuio2/bnd`,
`/tuio2/alv`. Places are 0..1; sizes too, of the surface.

Frames that come late (UDP) are left out; a source that begins anew is followed.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from drivers.touch_table.contacts import Place
from drivers.touch_table.contract import MOST_CONTACTS, TouchTool
from drivers.touch_table.osc import Argument, OscMessage

BEGUN_ANEW = 100
"""Frames: one whose number is that much smaller is of a source that was started again."""
_ONCE = -1  # the number of frames that repeat what is alive

Key = tuple[str, str, int]
"""Of a contact: source, profile, session id."""

_PROFILES = {
    "/tuio/2Dcur": TouchTool.FINGER,
    "/tuio/2Dblb": TouchTool.FINGER,
    "/tuio/2Dobj": TouchTool.OBJECT,
}
_PEN_TYPES = range(0x20, 0x30)
"""TUIO 2.0's types of pointers: 1..0x1f are fingers and hands, from 0x20 on pens and others."""


@dataclass(slots=True)
class TuioFrame:
    """What a bundle says: where contacts are, and of which source and profile those alone are."""

    source: str
    profile: str
    places: dict[Key, Place] = field(default_factory=dict)
    alive: set[Key] = field(default_factory=set)


class TuioReader:
    """Understands the bundles of a table.

    Args:
        width, height: millimetres of the table, where they are known; sizes follow.

    Attributes:
        late: frames that were left out.
    """

    def __init__(self, width: float | None = None, height: float | None = None) -> None:
        self.late = 0
        self._width = width
        self._height = height
        self._numbers: dict[tuple[str, str], int] = {}

    def read(self, messages: Sequence[OscMessage]) -> list[TuioFrame]:
        """Return the frames that a bundle ends, one of each profile in it."""
        frames = [
            frame
            for profile, tool in _PROFILES.items()
            if (frame := self._read_1(profile, tool, messages)) is not None
        ]
        if any(one.address.startswith("/tuio2/") for one in messages):
            second = self._read_2(messages)
            frames += [] if second is None else [second]
        return frames

    def _read_1(
        self, profile: str, tool: TouchTool, messages: Sequence[OscMessage]
    ) -> TuioFrame | None:
        source, number = "", None
        alive: list[int] | None = None
        places: dict[int, Place] = {}
        for message in messages:
            if message.address != profile or not message.arguments:
                continue
            word, rest = message.arguments[0], message.arguments[1:]
            if word == "source" and rest:
                source = str(rest[0])[:100]
            elif word == "alive":
                alive = [one for one in rest if type(one) is int][:MOST_CONTACTS]
            elif word == "set" and (found := self._set_1(profile, tool, rest)) is not None:
                places[found[0]] = found[1]
            elif word == "fseq" and rest and type(rest[0]) is int:
                number = rest[0]
        if alive is None or number is None or not self._follows(source, profile, number):
            return None
        return self._frame(source, profile, places, alive)

    def _set_1(
        self, profile: str, tool: TouchTool, rest: tuple[Argument, ...]
    ) -> tuple[int, Place] | None:
        if not rest or type(rest[0]) is not int:
            return None
        at = 2 if profile.endswith("obj") else 1
        numbers = _numbers(rest[at:])
        if numbers is None or len(numbers) < 2:
            return None
        place = Place(x=_inside(numbers[0]), y=_inside(numbers[1]), tool=tool)
        if profile.endswith("blb") and len(numbers) >= 5:
            self._look(place, *numbers[2:5])
        return rest[0], place

    def _read_2(self, messages: Sequence[OscMessage]) -> TuioFrame | None:
        source, number = "", None
        alive: list[int] | None = None
        places: dict[int, Place] = {}
        for address, arguments in messages:
            if not arguments or type(arguments[0]) is not int:
                if address == "/tuio2/alv":
                    alive = []
                continue
            if address == "/tuio2/frm":
                number = arguments[0]
                source = str(arguments[3])[:100] if len(arguments) > 3 else ""
            elif address == "/tuio2/alv":
                alive = [one for one in arguments if type(one) is int][:MOST_CONTACTS]
            elif address in ("/tuio2/ptr", "/tuio2/tok"):
                found = _set_2(address, arguments)
                if found is not None:
                    places[found[0]] = found[1]
            elif address == "/tuio2/bnd" and arguments[0] in places:
                numbers = _numbers(arguments[1:])
                if numbers is not None and len(numbers) >= 5:
                    self._look(places[arguments[0]], *numbers[2:5])
        if alive is None or number is None or not self._follows(source, "2", number):
            return None
        return self._frame(source, "2", places, alive)

    def _frame(
        self, source: str, profile: str, places: dict[int, Place], alive: list[int]
    ) -> TuioFrame:
        frame = TuioFrame(source, profile)
        frame.alive = {(source, profile, one) for one in alive}
        frame.places = {
            (source, profile, one): place for one, place in places.items() if one in set(alive)
        }
        return frame

    def _look(self, place: Place, angle: float, width: float, height: float) -> None:
        place.angle = math.remainder(math.degrees(angle), 360.0)
        if self._width is not None and self._height is not None:
            wide, high = abs(width) * self._width, abs(height) * self._height
            place.width_mm, place.height_mm = round(max(wide, high), 2), round(min(wide, high), 2)

    def _follows(self, source: str, profile: str, number: int) -> bool:
        """Tell whether a frame is no older than those before; -1 only repeats what is alive.

        A large frame comes in several bundles with one number.
        """
        if number == _ONCE:
            return True
        key = (source, profile)
        last = self._numbers.get(key)
        if last is not None and last - BEGUN_ANEW < number < last:
            self.late += 1
            return False
        if last is None and len(self._numbers) >= MOST_CONTACTS:
            return False
        self._numbers[key] = number
        return True


def _set_2(address: str, arguments: tuple[Argument, ...]) -> tuple[int, Place] | None:
    """`ptr` s_id tu_id c_id x y angle shear radius press; `tok` s_id tu_id c_id x y angle."""
    numbers = _numbers(arguments[3:])
    if type(arguments[0]) is not int or numbers is None or len(numbers) < 2:
        return None
    kind = arguments[1] & 0xFFFF if type(arguments[1]) is int else 0
    tool = TouchTool.OBJECT if address.endswith("tok") else TouchTool.FINGER
    if tool is TouchTool.FINGER and kind in _PEN_TYPES:
        tool = TouchTool.PEN
    place = Place(x=_inside(numbers[0]), y=_inside(numbers[1]), tool=tool)
    if address.endswith("ptr") and len(numbers) > 5:
        # Negative: the table does not measure it, or the pointer hovers.
        place.pressure = min(numbers[5], 1.0) if numbers[5] >= 0 else None
    return arguments[0], place


def _numbers(arguments: Sequence[Argument]) -> list[float] | None:
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in arguments):
        return None
    return [float(one) for one in arguments if isinstance(one, int | float)]


def _inside(value: float) -> float:
    return min(max(value, 0.0), 1.0)
