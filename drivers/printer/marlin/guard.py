"""Heaters are not left on without anyone: neither by a computer that is gone, nor by people.

While it is warm or prints, the firmware is told to switch everything off by itself when nothing has
moved for fifteen minutes (`M85`; Marlin: "inactivity shutdown"; it must be switched off and on
then). It is told before the first line of a print, so that no line is without it. So as not to come
to that while this computer is there, what is warm for nothing is cooled a little earlier, and a
print that is paused is moved a hair's breadth now and then.
"""

from drivers.printer.marlin.job import cold
from drivers.printer.marlin.session import Session
from drivers.printer.values import JobState, PrinterState, Temperatures

SECONDS = 900
COOL = 0.7
NUDGE_AFTER = 0.5
NUDGE = (b"G91", b"G1 X0.3 F600", b"G1 X-0.3 F600", b"G90")


class Guard:
    """The guard over one connected printer.

    Args:
        seconds: without a movement after which the firmware switches off.
    """

    def __init__(self, session: Session, *, seconds: int = SECONDS) -> None:
        self._session = session
        self._seconds = seconds
        self._warm = False
        self._moved = 0.0

    def note(self, temperatures: Temperatures) -> None:
        """Take how warm it is."""
        job = self._session.job
        self.arm(
            warm=(job is not None and job.under_way)
            or any(
                heater is not None and heater.target > 0
                for heater in (*temperatures.tools, temperatures.bed, temperatures.chamber)
            )
        )

    def arm(self, *, warm: bool = True) -> None:
        """Have the firmware watch, or watch no longer.

        Firmware before Marlin 2 counts from its last movement, however long ago that was, and would
        stop at once: so it moves first.
        """
        if warm is not self._warm:
            self._warm = warm
            told = b"M85 S%d" % (self._seconds if warm else 0)
            self._session.talk.say([*NUDGE, told] if warm else [told])

    def look(self, now: float) -> None:
        """Look whether something is due; `now` is monotonic."""
        session = self._session
        job = session.job
        paused = job is not None and job.state is JobState.PAUSED
        if not self._warm or session.state in (PrinterState.PRINTING, PrinterState.BUSY):
            self._moved = now
        elif not session.talk.conversation.waiting:
            share = NUDGE_AFTER if paused else COOL
            if now - self._moved >= share * self._seconds:
                self._moved = now
                session.talk.say(NUDGE if paused else cold(session.firmware.tools))
