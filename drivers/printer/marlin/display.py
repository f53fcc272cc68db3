"""How far a print is, on the printer's own display, where somebody wants it there.

Source: marlinfw.org, `M117` "Set LCD Message": all that follows is shown; nothing clears it. Only
letters that every display has are sent, and no name: whose part it is, the room need not read.
"""

from drivers.printer.marlin.session import Session
from drivers.printer.values import JobState, Progress

EVERY = 10.0
"""Seconds: displays scroll what is long, and each line costs the print a little."""


class Display:
    """The display of one connected printer."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._shown = ""
        self._again = 0.0

    def look(self, now: float) -> None:
        """Show what is new; `now` is monotonic. It waits for whatever else has been asked."""
        job, talk = self._session.job, self._session.talk
        wanted = "" if job is None else words(job.progress())
        over = not wanted and bool(self._shown)
        if wanted == self._shown or not (over or now >= self._again):
            return
        if self._session.dead or talk.conversation.waiting:
            return
        self._shown, self._again = wanted, now + EVERY
        talk.say([f"M117 {wanted}".rstrip().encode()])


def words(progress: Progress) -> str:
    """Return what is shown of a print: `42% 12/80`; nothing once it is over."""
    if progress.state not in (JobState.PRINTING, JobState.PAUSED):
        return ""
    said = f"{int(progress.fraction * 100)}%"
    if progress.layer and progress.layers:
        said += f" {progress.layer}/{progress.layers}"
    return f"{said} ||" if progress.state is JobState.PAUSED else said
