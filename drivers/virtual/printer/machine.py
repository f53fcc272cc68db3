"""The printer's body, and what its commands do to it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from drivers.virtual.printer.heating import heated_bed, hot_end
from drivers.virtual.printer.motion import Planner, Point

SIZE = (220.0, 220.0, 250.0)
COLDEST_EXTRUSION = 170.0
FAN_LOSS = 0.03
RESIDENCY = 3.0
HOMING = 40.0

_WORDS: Final = re.compile(r"([A-Z])\s*([-+]?(?:\d+\.?\d*|\.\d+))?")

Handler = Callable[[dict[str, float | None]], "Iterator[Wait] | None"]


@dataclass(frozen=True, slots=True)
class Wait:
    """Why a command is not done yet: what `busy` says, and when to look again."""

    why: str = "processing"
    until: float | None = None


class Machine:
    """Nozzle, plate, axes, and the modal state of G-code.

    Args:
        say: takes a line for whoever listens.

    Attributes:
        now: seconds of the machine's own time.
        filament: whether there is some. ran_out: noticed and not yet acted on.
        user: it waits for someone to press a button.
        hurried: waiting for heat is given up.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self.now = 0.0
        self.nozzle = hot_end()
        self.bed = heated_bed()
        self.planner = Planner()
        self.fan = 0
        self.filament = True
        self.ran_out = False
        self.user = False
        self.hurried = False
        self.homed = False
        self._say = say
        self._relative = False
        self._relative_e = False
        self._unit = 1.0
        self._feed = 25.0
        self._percent = 100.0
        self._handlers: dict[str, Handler] = {
            "G0": self._go,
            "G1": self._go,
            "G2": self._go,
            "G3": self._go,
            "G4": self._dwell,
            "G28": self._home,
            "G92": self._place,
            "M0": self._stop_for_user,
            "M1": self._stop_for_user,
            "M104": self._nozzle,
            "M109": self._nozzle_wait,
            "M140": self._bed,
            "M190": self._bed_wait,
            "M106": self._fan_on,
            "M400": self._finish,
            "M600": self._change,
        }

    def advance(self, seconds: float) -> None:
        """Let time pass (ThermalFault)."""
        self.now += seconds
        self.planner.advance(self.now)
        self.nozzle.lost = FAN_LOSS * self.fan / 255
        self.nozzle.advance(seconds, self.now)
        self.bed.advance(seconds, self.now)

    def off(self) -> None:
        """Switch heaters, motors and fan off."""
        self.nozzle.aim(0, self.now)
        self.bed.aim(0, self.now)
        self.fan = 0
        self.planner.stop()
        self.homed = False

    def knows(self, word: str) -> bool:
        """Whether it has such a command."""
        return word in self._handlers or word in _PLAIN

    def execute(self, word: str, text: str) -> Iterator[Wait] | None:
        """Do a command; where it takes a while, what is returned says why until it is done."""
        words = {letter: float(n) if n else None for letter, n in _WORDS.findall(text)}
        handler = self._handlers.get(word)
        if handler is not None:
            return handler(words)
        self._plain(word, words)
        return None

    def temperatures(self) -> str:
        """Return what `M105` says."""
        tool, bed = self.nozzle, self.bed
        return (
            f"T:{tool.actual:.2f} /{tool.target:.2f} B:{bed.actual:.2f} /{bed.target:.2f}"
            f" @:{tool.duty * 127:.0f} B@:{bed.duty * 127:.0f}"
        )

    def position(self) -> str:
        """Return what `M114` says."""
        x, y, z, e = self.planner.at
        return f"X:{x:.2f} Y:{y:.2f} Z:{z:.2f} E:{e:.2f} Count X:{x * 80:.0f} Y:{y * 80:.0f}"

    # Commands.

    def _plain(self, word: str, words: dict[str, float | None]) -> None:
        if word in ("G90", "G91"):
            self._relative = self._relative_e = word == "G91"
        elif word in ("M82", "M83"):
            self._relative_e = word == "M83"
        elif word in ("G20", "G21"):
            self._unit = 25.4 if word == "G20" else 1.0
        elif word == "M107":
            self.fan = 0
        elif word == "M220":
            self._percent = min(max(words.get("S") or 100.0, 10.0), 999.0)
        elif word in ("M18", "M84") and not words.keys() - {"M"}:
            self.homed = False

    def _go(self, words: dict[str, float | None]) -> Iterator[Wait] | None:
        to = self._target(words)
        if (feed := words.get("F")) is not None:
            self._feed = feed * self._unit / 60
        if self.planner.full:
            return self._queue(to)
        self.planner.move(to, max(self._feed * self._percent / 100, 0.1))
        return None

    def _queue(self, to: Point) -> Iterator[Wait]:
        while self.planner.full:
            yield Wait(until=self.planner.due)
        self.planner.move(to, max(self._feed * self._percent / 100, 0.1))

    def _target(self, words: dict[str, float | None]) -> Point:
        at = list(self.planner.at)
        for i, letter in enumerate("XYZE"):
            number = words.get(letter)
            if number is None:
                continue
            relative = self._relative_e if letter == "E" else self._relative
            to = number * self._unit + (at[i] if relative else 0.0)
            if letter != "E":
                to = min(max(to, 0.0), SIZE[i]) if self.homed else to
            elif self.nozzle.actual < COLDEST_EXTRUSION and to != at[i]:
                self._say("echo: cold extrusion prevented")
                self.planner.place((at[0], at[1], at[2], to))
            elif to > at[i] and not self.filament and not self.user:
                self.ran_out = True
            at[i] = to
        return at[0], at[1], at[2], at[3]

    def _dwell(self, words: dict[str, float | None]) -> Iterator[Wait]:
        yield from self._finish({})
        end = self.now + (words.get("P") or 0.0) / 1000 + (words.get("S") or 0.0)
        while self.now < end:
            yield Wait(until=end)

    def _finish(self, _: dict[str, float | None]) -> Iterator[Wait]:
        while len(self.planner):
            yield Wait(until=self.planner.done)

    def _home(self, words: dict[str, float | None]) -> Iterator[Wait]:
        yield from self._finish({})
        axes = [i for i, letter in enumerate("XYZ") if letter in words] or [0, 1, 2]
        for i in axes:
            to = list(self.planner.at)
            # Switched on, it knows not how far the ends are: half an axis, say.
            way = to[i] if self.homed else SIZE[i] / 2 if i < 2 else 5.0
            self.planner.place((*to[:i], way, *to[i + 1 :]))  # type: ignore[arg-type]
            to[i] = 0.0
            self.planner.move((to[0], to[1], to[2], to[3]), HOMING)
            yield from self._finish({})
        self.homed = self.homed or len(axes) == 3
        self._say(self.position())

    def _place(self, words: dict[str, float | None]) -> Iterator[Wait]:
        yield from self._finish({})
        at = list(self.planner.at)
        for i, letter in enumerate("XYZE"):
            if (number := words.get(letter)) is not None:
                at[i] = number * self._unit
        self.planner.place((at[0], at[1], at[2], at[3]))

    def _nozzle(self, words: dict[str, float | None]) -> None:
        if (target := words.get("S")) is not None:
            self.nozzle.aim(target, self.now)

    def _bed(self, words: dict[str, float | None]) -> None:
        if (target := words.get("S")) is not None:
            self.bed.aim(target, self.now)

    def _nozzle_wait(self, words: dict[str, float | None]) -> Iterator[Wait]:
        self._nozzle(words)
        yield from self._warm(lambda: self.nozzle.there)

    def _bed_wait(self, words: dict[str, float | None]) -> Iterator[Wait]:
        self._bed(words)
        yield from self._warm(lambda: self.bed.there)

    def _warm(self, there: Callable[[], bool]) -> Iterator[Wait]:
        self.hurried = False
        since: float | None = None
        while not self.hurried:
            if not there():
                since = None
            elif since is None:
                since = self.now
            elif self.now - since >= RESIDENCY:
                return
            yield Wait("heating", self.now + 0.5)

    def _fan_on(self, words: dict[str, float | None]) -> None:
        speed = words.get("S")
        self.fan = 255 if speed is None else int(min(max(speed, 0), 255))

    def _stop_for_user(self, _: dict[str, float | None]) -> Iterator[Wait]:
        yield from self._finish({})
        yield from self._ask("M0/1 Break Called")

    def _ask(self, question: str) -> Iterator[Wait]:
        self.user = True
        for line in ("end", f"begin {question}", "button Continue", "show"):
            self._say(f"//action:prompt_{line}")
        while self.user:
            yield Wait("paused for user")
        self._say("//action:prompt_end")

    def _change(self, _: dict[str, float | None]) -> Iterator[Wait]:
        """Park, wait for someone to put in filament, and go back."""
        yield from self._finish({})
        self._say("//action:paused")
        back = self.planner.at
        if self.homed:
            self.planner.move((0.0, 0.0, min(back[2] + 10, SIZE[2]), back[3]), 60)
            yield from self._finish({})
        yield from self._ask("Load filament")
        self.filament, self.ran_out = True, False
        self.planner.move(back, 60)
        yield from self._finish({})
        self._say("//action:resumed")


# Known, and done at once (or without any effect here).
_PLAIN: Final = frozenset(
    [
        "G20",
        "G21",
        "G90",
        "G91",
        "M17",
        "M18",
        "M73",
        "M82",
        "M83",
        "M84",
        "M107",
        "M117",
        "M200",
        "M201",
        "M203",
        "M204",
        "M205",
        "M211",
        "M220",
        "M221",
        "M300",
        "M302",
        "M413",
        "M420",
        "M900",
    ]
)
