"""Where a nozzle goes: positions followed through a file, and what lies outside the printer.

Source: marlinfw.org, G0-G5, G28, G90-G92, M82, M83. Millimetres.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

AXES: Final = "XYZ"
_FAR = 1e7
"""mm: no nozzle is farther; numbers beyond say nothing."""
_BELOW = 2.0
"""mm below the plate: some start codes press the nozzle there while it is wiped."""
_FULL = 1e-6


class Outside(Exception):
    """A move ends, or passes, where the printer cannot reach."""


class Motion:
    """Follows moves. Positions that are not known yet are taken to be inside.

    Args:
        volume: of the printer, x, y, z.
        margin: how far beyond it a nozzle may go.
        centred: x 0, y 0 is the middle of the plate.

    Attributes:
        pushed: filament, less what was pulled back.
        low, high: corners of the box around all plastic; None where there is none.
        top: height of the highest plastic.
    """

    def __init__(self, volume: tuple[float, float, float], margin: float, *, centred: bool) -> None:
        half = (volume[0] / 2, volume[1] / 2, 0.0) if centred else (0.0, 0.0, 0.0)
        self._low = [-half[0] - margin, -half[1] - margin, -_BELOW]
        self._high = [volume[axis] - half[axis] + margin for axis in range(3)]
        self._at: list[float | None] = [None, None, None]
        self._offset = [0.0, 0.0, 0.0]
        self._relative = False
        self._relative_e = False
        self._e = 0.0
        self.pushed = 0.0
        self.low: tuple[float, float, float] | None = None
        self.high: tuple[float, float, float] | None = None
        self.top = 0.0

    def run(self, moves: Sequence[tuple[bytes, bytes, bytes, bytes]]) -> Iterator[tuple[int, str]]:
        """Follow many moves, each x, y, z, e as text, empty where not given.

        Yields:
            Which of them go wrong, and the reason.
        """
        if self._relative or not self._inside(moves):
            yield from self._each(moves)
            return
        self._plastic(moves)

    def _inside(self, moves: Sequence[tuple[bytes, bytes, bytes, bytes]]) -> bool:
        """Look whether all ends are inside. Straight lines between them are, too."""
        for axis in range(3):
            values = [float(move[axis]) for move in moves if move[axis]]
            if values:
                offset = self._offset[axis]
                if min(values) + offset < self._low[axis]:
                    return False
                if max(values) + offset > self._high[axis]:
                    return False
        return True

    def _plastic(self, moves: Sequence[tuple[bytes, bytes, bytes, bytes]]) -> None:
        pushes = [float(move[3]) for move in moves if move[3]]
        if pushes:
            if self._relative_e:
                self.pushed += math.fsum(pushes)
                pushing = [move for move in moves if move[3] and move[3][0] != 45]  # a minus
            else:
                self.pushed += pushes[-1] - self._e
                self._e = pushes[-1]
                pushing = [move for move in moves if move[3]]
            xs = [float(move[0]) for move in pushing if move[0]]
            ys = [float(move[1]) for move in pushing if move[1]]
            if xs or ys:
                self._grow(xs, ys, self._highest(moves))
        for axis in range(3):
            last = next((move[axis] for move in reversed(moves) if move[axis]), None)
            if last is not None:
                self._at[axis] = float(last) + self._offset[axis]

    def _highest(self, moves: Sequence[tuple[bytes, bytes, bytes, bytes]]) -> float:
        """Return the height of the highest plastic among the moves."""
        z, top = (self._at[2] or 0.0) - self._offset[2], -_FAR
        for x, y, up, e in moves:
            if up:
                z = float(up)
            if e and (x or y) and z > top:
                top = z
        return top + self._offset[2]

    def _grow(self, xs: Sequence[float], ys: Sequence[float], top: float) -> None:
        x, y, _ = self._offset
        at_x, at_y = self._at[0] or 0.0, self._at[1] or 0.0
        low = (min(xs) + x if xs else at_x, min(ys) + y if ys else at_y, 0.0)
        high = (max(xs) + x if xs else at_x, max(ys) + y if ys else at_y, max(top, 0.0))
        self.top = max(self.top, top)
        if self.low is None or self.high is None:
            self.low, self.high = low, high
            return
        self.low = (min(self.low[0], low[0]), min(self.low[1], low[1]), 0.0)
        self.high = (max(self.high[0], high[0]), max(self.high[1], high[1]), self.top)

    def _each(
        self, moves: Sequence[tuple[bytes, bytes, bytes, bytes]]
    ) -> Iterator[tuple[int, str]]:
        for number, move in enumerate(moves):
            given = {letter: float(text) for letter, text in zip("XYZE", move, strict=True) if text}
            try:
                self.move(given, arc=False, clockwise=False)
            except Outside:
                yield number, "outside"

    def move(self, given: Mapping[str, float | None], *, arc: bool, clockwise: bool) -> None:
        """Follow one move.

        Raises:
            Outside: it leaves the printer; it is followed all the same.
            ValueError: its numbers make no sense.
        """
        start = list(self._at)
        for axis, letter in enumerate(AXES):
            value = given.get(letter)
            if value is None:
                continue
            if abs(value) > _FAR:
                raise ValueError(f"{letter} is {value}")
            known = self._at[axis]
            if not self._relative:
                self._at[axis] = value + self._offset[axis]
            elif known is not None:
                self._at[axis] = known + value
        pushed = self._push(given.get("E"))
        ways = [*self._bow(start, given, clockwise=clockwise)] if arc else []
        if pushed > 0 and (given.get("X") is not None or given.get("Y") is not None or arc):
            points = [*ways, (self._at[0] or 0.0, self._at[1] or 0.0)]
            x, y, _z = self._offset
            xs, ys = [one[0] - x for one in points], [one[1] - y for one in points]
            self._grow(xs, ys, self._at[2] or 0.0)
        self._check(ways)

    def _check(self, ways: Sequence[tuple[float, float]]) -> None:
        for axis in range(3):
            at = self._at[axis]
            passed = [one[axis] for one in ways] if axis < 2 else []
            for value in (*passed, *(() if at is None else (at,))):
                if not self._low[axis] <= value <= self._high[axis]:
                    raise Outside(f"{AXES[axis]} {value:g}")

    def _push(self, value: float | None) -> float:
        if value is None:
            return 0.0
        if abs(value) > _FAR:
            raise ValueError(f"E is {value}")
        if self._relative_e:
            self.pushed += value
            self._e += value
            return value
        pushed = value - self._e
        self.pushed += pushed
        self._e = value
        return pushed

    def _bow(
        self, start: Sequence[float | None], given: Mapping[str, float | None], *, clockwise: bool
    ) -> Iterator[tuple[float, float]]:
        """Yield where an arc is farthest out: the ends of its circle's axes that it passes.

        Raises:
            ValueError: it has no centre.
        """
        (x0, y0, _), (x1, y1, _) = start, self._at
        if x0 is None or y0 is None or x1 is None or y1 is None:
            return
        x, y, radius = _centre((x0, y0), (x1, y1), given, clockwise=clockwise)
        begin = math.atan2(y0 - y, x0 - x)
        sweep = math.atan2(y1 - y, x1 - x) - begin
        sweep = (-sweep if clockwise else sweep) % math.tau
        if sweep < _FULL:
            sweep = math.tau
        for quarter in range(4):
            angle = quarter * math.pi / 2
            passed = (begin - angle if clockwise else angle - begin) % math.tau
            if passed <= sweep:
                yield x + radius * math.cos(angle), y + radius * math.sin(angle)

    def home(self, axes: set[str]) -> None:
        """Follow `G28`: these axes, or all, are at their ends, and offsets are gone."""
        named = [axis for axis, letter in enumerate(AXES) if letter in axes] or range(3)
        for axis in named:
            self._at[axis], self._offset[axis] = 0.0, 0.0

    def mode(self, word: str, given: Mapping[str, float | None]) -> None:
        """Follow `G90`, `G91`, `G92`, `M82` and `M83`."""
        if word in ("G90", "G91"):
            self._relative = word == "G91"
            self._relative_e = self._relative
        elif word in ("M82", "M83"):
            self._relative_e = word == "M83"
        elif word == "G92":
            self._set(given)

    def _set(self, given: Mapping[str, float | None]) -> None:
        named = {letter: value or 0.0 for letter, value in given.items() if letter in "XYZE"}
        for letter, value in (named or dict.fromkeys("XYZE", 0.0)).items():
            if abs(value) > _FAR:
                raise ValueError(f"{letter} is {value}")
            if letter == "E":
                self._e = value
                continue
            axis = AXES.index(letter)
            self._offset[axis] = (self._at[axis] or 0.0) - value


def _centre(
    start: tuple[float, float],
    end: tuple[float, float],
    given: Mapping[str, float | None],
    *,
    clockwise: bool,
) -> tuple[float, float, float]:
    """Return an arc's centre and radius, from I and J or from R."""
    (x0, y0), (x1, y1) = start, end
    reach = given.get("R")
    if reach is None:
        i, j = given.get("I") or 0.0, given.get("J") or 0.0
        radius = math.hypot(i, j)
        if not 0 < radius <= _FAR:
            raise ValueError("an arc without a centre")
        return x0 + i, y0 + j, radius
    chord = math.hypot(x1 - x0, y1 - y0)
    if not 0 < chord <= 2 * abs(reach) + _FULL or abs(reach) > _FAR:
        raise ValueError("an arc that reaches nowhere")
    away = math.sqrt(max(reach * reach - chord * chord / 4, 0.0))
    side = away if clockwise == (reach < 0) else -away
    x = (x0 + x1) / 2 - side * (y1 - y0) / chord
    y = (y0 + y1) / 2 + side * (x1 - x0) / chord
    return x, y, abs(reach)
