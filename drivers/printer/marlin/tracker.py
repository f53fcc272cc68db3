"""Where the nozzle is, reckoned from the lines that the printer has taken."""

import re
from dataclasses import dataclass
from typing import Final

INCH = 25.4
FURTHEST = 1e6

_WORDS: Final = re.compile(rb"([XYZEFS])\s*([-+]?(?:\d+\.?\d*|\.\d+))?")
_MOVES: Final = (b"G0", b"G1", b"G2", b"G3")


@dataclass(slots=True)
class Tracker:
    """The modal state of G-code, in millimetres; None where it is not known (before homing).

    Attributes:
        filament: pushed forward so far, retractions made up for.
        fan: 0..255.
    """

    x: float | None = None
    y: float | None = None
    z: float | None = None
    e: float = 0.0
    feed: float | None = None
    relative: bool = False
    relative_e: bool = False
    unit: float = 1.0
    filament: float = 0.0
    fan: float = 0.0
    _pulled_back: float = 0.0

    def take(self, text: bytes) -> None:
        """Take one command."""
        word, _, rest = text.partition(b" ")
        if word in _MOVES:
            self._move(rest)
        elif word in _OTHERS:
            self._other(word, rest)
        elif word[:1] == b"G" and word[2:3].isalpha() and word[:2] in _MOVES:  # `G1X5`
            self._move(text[2:])

    def _move(self, rest: bytes) -> None:
        for letter, number in _WORDS.findall(rest):
            if not number:
                continue
            value = float(number) * self.unit
            if not -FURTHEST < value < FURTHEST:
                continue
            if letter == b"X":
                self.x = value + (self.x or 0.0) if self.relative else value
            elif letter == b"Y":
                self.y = value + (self.y or 0.0) if self.relative else value
            elif letter == b"Z":
                self.z = value + (self.z or 0.0) if self.relative else value
            elif letter == b"E":
                self._extrude(value)
            elif letter == b"F":
                self.feed = value

    def _extrude(self, value: float) -> None:
        length = value if self.relative_e else value - self.e
        self.e += length
        self._pulled_back -= length
        if self._pulled_back < 0:
            self.filament -= self._pulled_back
            self._pulled_back = 0.0

    def _other(self, word: bytes, rest: bytes) -> None:
        if word == b"G90":
            self.relative = self.relative_e = False
        elif word == b"G91":
            self.relative = self.relative_e = True
        elif word == b"M82":
            self.relative_e = False
        elif word == b"M83":
            self.relative_e = True
        elif word in (b"G20", b"G21"):
            self.unit = INCH if word == b"G20" else 1.0
        elif word in (b"M106", b"M107"):
            speed = [float(n) for c, n in _WORDS.findall(rest) if c == b"S" and n]
            self.fan = 0.0 if word == b"M107" else min([*speed, 255.0])
        elif word == b"G28":
            named = {c for c, _ in _WORDS.findall(rest)} or {b"X", b"Y", b"Z"}
            for letter in named & {b"X", b"Y", b"Z"}:
                setattr(self, letter.decode().lower(), 0.0)
        else:  # G92
            for letter, number in _WORDS.findall(rest):
                if number and letter in (b"X", b"Y", b"Z", b"E"):
                    setattr(self, letter.decode().lower(), float(number) * self.unit)


_OTHERS: Final = frozenset(b"G20 G21 G28 G90 G91 G92 M82 M83 M106 M107".split())
