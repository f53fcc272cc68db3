"""One print: its file, how far it is, and the lines around a pause and an end."""

import time

from drivers.printer.marlin.command import Command
from drivers.printer.marlin.source import Contents, Source
from drivers.printer.marlin.tracker import Tracker
from drivers.printer.values import JobState, PrintHappened, PrintOrder, Progress, Volume

RETRACT = 2.0
LIFT = 5.0
PRESENT = 10.0
TRAVEL = b"F6000"
PLUNGE = b"F600"
PULL = b"F2100"

UNDER_WAY = (JobState.PRINTING, JobState.PAUSED)


class Job:
    """A print that is under way, or the last one.

    Attributes:
        state: how it is.
        line: of the file, the last one that was taken.
        parked: the nozzle was moved away for a pause and must come back.
    """

    def __init__(
        self, order: PrintOrder, contents: Contents, source: Source, tracker: Tracker
    ) -> None:
        self.state = JobState.PRINTING
        self.line = 0
        self.parked = False
        self.source = source
        self.tracker = tracker
        self._order = order
        self._contents = contents
        self._held: Command | None = None
        self._pulled = 0
        self._taken = 0
        self._byte = 0
        self._layer = 0
        self._began = time.time()
        self._since: float | None = time.monotonic()
        self._printed = 0.0

    # Its lines.

    def pull(self) -> Command | None:
        """Return the next line to send."""
        held, self._held = self._held, None
        if held is not None:
            return held
        command = self.source.pull()
        self._pulled += command is not None
        return command

    def hold(self, command: Command | None) -> None:
        """Keep a line that was pulled and not sent for the next `pull`."""
        self._held = command

    def take(self, command: Command) -> None:
        """The printer has taken a line."""
        self._taken += 1
        self.line = command.line
        self._byte, self._layer = command.note
        self.tracker.take(command.text)

    @property
    def quiet(self) -> bool:
        """Whether the printer has taken all that was sent."""
        return self._pulled - self._taken == (self._held is not None)

    @property
    def through(self) -> bool:
        """Whether all lines of the file were taken."""
        return self.source.ended and self._pulled == self._taken

    # How it is.

    @property
    def under_way(self) -> bool:
        """Whether it is printing or paused."""
        return self.state in UNDER_WAY

    def pause(self) -> None:
        """Stop its clock."""
        self.state = JobState.PAUSED
        self._printed, self._since = self.printed, None

    def resume(self) -> None:
        """Start its clock again."""
        self.state = JobState.PRINTING
        self._since = time.monotonic()

    def end(self, state: JobState) -> None:
        """It is over."""
        self._printed, self._since = self.printed, None
        self.state = state
        self.source.close()

    @property
    def printed(self) -> float:
        """Seconds that it has printed, without pauses."""
        running = 0.0 if self._since is None else time.monotonic() - self._since
        return self._printed + running

    def progress(self) -> Progress:
        """Return how far it is."""
        found = self._contents
        done = self.state is JobState.FINISHED
        share = min(self._byte / found.bytes, 1.0) if found.bytes else 0.0
        return Progress(
            state=self.state,
            job=self._order.job,
            name=self._order.file.title,
            fraction=1.0 if done else round(min(share, 0.999), 4),
            line=self.line,
            lines=found.lines,
            byte=min(self._byte, found.bytes),
            bytes=found.bytes,
            layer=self._layer_now,
            layers=found.layers,
            height=self._height,
            filament=round(self.tracker.filament, 1),
            started=self._began,
            printed=round(self.printed, 1),
        )

    def happened(self, reason: str = "", detail: str = "") -> PrintHappened:
        """Return what an event tells of it."""
        return PrintHappened(
            job=self._order.job,
            name=self._order.file.title,
            line=self.line,
            lines=self._contents.lines,
            height=self._height,
            layer=self._layer_now,
            filament=round(self.tracker.filament, 1),
            printed=round(self.printed, 1),
            reason=reason,
            detail=detail[:300],
        )

    @property
    def _layer_now(self) -> int | None:
        return None if self._contents.layers is None else min(self._layer, self._contents.layers)

    @property
    def _height(self) -> float | None:
        return bounded(self.tracker.z)


def bounded(value: float | None) -> float | None:
    """Return a coordinate that may be told; None for what no printer reaches."""
    return None if value is None or abs(value) > 2000 else round(value, 3)


# What is said around a pause and an end. `G91` makes E relative too in Marlin, `G90` absolute; all
# is said in millimetres, and put back as the file had it.


def away(at: Tracker, volume: Volume) -> list[bytes]:
    """Return the lines that pull the filament back, lift the nozzle and park it."""
    lines = [b"G21", b"G91", b"M83", b"G1 E-%.2f %b" % (RETRACT, PULL)]
    if at.z is not None:
        lines.append(b"G1 Z%.2f %b" % (min(LIFT, max(volume.z - at.z, 0.0)), PLUNGE))
    if at.x is not None and at.y is not None:
        lines += [b"G90", b"G1 X0 Y%.2f %b" % (volume.y - 5, TRAVEL)]
    return [*lines, b"M400"]


def back(at: Tracker) -> list[bytes]:
    """Return the lines that undo `away` and put everything back as it was."""
    lines = [b"G21", b"G90"]
    if at.x is not None and at.y is not None:
        lines.append(b"G1 X%.3f Y%.3f %b" % (at.x, at.y, TRAVEL))
    if at.z is not None:
        lines.append(b"G1 Z%.3f %b" % (at.z, PLUNGE))
    lines += [b"M83", b"G1 E%.2f %b" % (RETRACT, PULL), b"G92 E%.5f" % at.e]
    if at.feed is not None:
        lines.append(b"G1 F%.1f" % at.feed)
    lines.append(b"G91" if at.relative else b"G90")
    lines.append(b"M83" if at.relative_e else b"M82")
    return [*lines, b"G20"] if at.unit != 1.0 else lines


def cold(tools: int) -> list[bytes]:
    """Return the lines that switch every heater off."""
    lines = [b"M104 T%d S0" % number for number in range(tools)] if tools > 1 else [b"M104 S0"]
    return [*lines, b"M140 S0"]


def given_up(at: Tracker, volume: Volume, tools: int) -> list[bytes]:
    """Return the lines that cool, lift the nozzle and bring the part forward."""
    lines = [*cold(tools), b"M107", b"G21", b"G91", b"M83", b"G1 E-%.2f %b" % (RETRACT, PULL)]
    if at.z is not None:
        lines.append(b"G1 Z%.2f %b" % (min(PRESENT, max(volume.z - at.z, 0.0)), PLUNGE))
    lines.append(b"G90")
    if at.x is not None and at.y is not None:
        lines.append(b"G1 X0 Y%.2f %b" % (volume.y - 5, TRAVEL))
    return [*lines, b"M82", b"M400", b"M84 X Y E"]
