"""How a print job goes: its states, the steps between them, and who may take which.

A pure module: the service, the pages' `can` and the tests all ask it.

    uploaded → checking → refused
                        → slicing → waiting → queued → printing ⇄ paused → done | failed | cancelled
                                            → sent-back
"""

from dataclasses import dataclass
from enum import StrEnum


class JobState(StrEnum):
    """Where a job is."""

    UPLOADED = "uploaded"
    """Its file is safe; nobody has looked at it yet."""
    CHECKING = "checking"
    REFUSED = "refused"
    """It cannot be printed so; `problem` or the verdict says why. Its owner may mend it."""
    SLICING = "slicing"
    WAITING = "waiting"
    """For a teacher's approval."""
    SENT_BACK = "sent-back"
    """The teacher wants it changed; `note` says what."""
    QUEUED = "queued"
    PRINTING = "printing"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Step(StrEnum):
    """What somebody may do with a job; most are routes of that name."""

    EDIT = "edit"
    """Another name, printer or settings; settings are checked and sliced anew."""
    FILE = "file"
    """Another file in the place of the one that was handed in."""
    REPAIR = "repair"
    CHANGE = "change"
    """Another size, or turned."""
    APPROVE = "approve"
    SEND_BACK = "send-back"
    CANCEL = "cancel"
    PAUSE = "pause"
    RESUME = "resume"
    MOVE = "move"
    """Another place in the queue."""
    REPRINT = "reprint"
    DELETE = "delete"


S = JobState

PREPARING = frozenset({S.UPLOADED, S.CHECKING, S.SLICING})
"""The hub works on it; begun anew after a restart."""
MENDABLE = frozenset({S.REFUSED, S.WAITING, S.SENT_BACK})
"""It can still be changed: nobody has approved it."""
UNDER_WAY = frozenset({S.PRINTING, S.PAUSED})
ENDED = frozenset({S.DONE, S.FAILED, S.CANCELLED})
OPEN = frozenset(S) - ENDED

LEADS: dict[JobState, frozenset[JobState]] = {
    S.UPLOADED: frozenset({S.CHECKING, S.CANCELLED}),
    S.CHECKING: frozenset({S.REFUSED, S.SLICING, S.WAITING, S.CANCELLED}),
    S.SLICING: frozenset({S.REFUSED, S.WAITING, S.CANCELLED}),
    S.REFUSED: frozenset({S.CHECKING, S.CANCELLED}),
    S.WAITING: frozenset({S.CHECKING, S.QUEUED, S.SENT_BACK, S.CANCELLED}),
    S.SENT_BACK: frozenset({S.CHECKING, S.CANCELLED}),
    # Back to waiting where the printer would leave out other lines than were approved.
    S.QUEUED: frozenset({S.PRINTING, S.WAITING, S.SENT_BACK, S.CANCELLED}),
    # Back to the queue only where the print has surely never begun.
    S.PRINTING: frozenset({S.PAUSED, S.DONE, S.FAILED, S.CANCELLED, S.QUEUED}),
    S.PAUSED: frozenset({S.PRINTING, S.DONE, S.FAILED, S.CANCELLED}),
    S.DONE: frozenset(),
    S.FAILED: frozenset(),
    S.CANCELLED: frozenset(),
}
"""To which states each state leads; an end leads nowhere."""


@dataclass(frozen=True, slots=True)
class _Rule:
    states: frozenset[JobState]
    owner: bool
    """The job's owner may; teachers may each step."""


RULES: dict[Step, _Rule] = {
    Step.EDIT: _Rule(MENDABLE, owner=True),
    Step.FILE: _Rule(MENDABLE, owner=True),
    Step.REPAIR: _Rule(MENDABLE, owner=True),
    Step.CHANGE: _Rule(MENDABLE, owner=True),
    Step.APPROVE: _Rule(frozenset({S.WAITING}), owner=False),
    Step.SEND_BACK: _Rule(frozenset({S.WAITING, S.QUEUED}), owner=False),
    Step.CANCEL: _Rule(OPEN, owner=True),
    Step.PAUSE: _Rule(frozenset({S.PRINTING}), owner=False),
    Step.RESUME: _Rule(frozenset({S.PAUSED}), owner=False),
    Step.MOVE: _Rule(frozenset({S.QUEUED}), owner=False),
    Step.REPRINT: _Rule(ENDED, owner=True),
    Step.DELETE: _Rule(frozenset(S) - UNDER_WAY - {S.QUEUED}, owner=True),
}


def fits(step: Step, state: JobState) -> bool:
    """Tell whether a step can be taken with a job in this state, by whoever may."""
    return state in RULES[step].states


def allowed(step: Step, *, owner: bool, teacher: bool) -> bool:
    """Tell whether somebody may take a step, whatever the state."""
    return teacher or (owner and RULES[step].owner)


def steps(
    state: JobState, *, owner: bool, teacher: bool, model: bool, repairable: bool, sliced: bool
) -> list[Step]:
    """Return what somebody may do with a job now.

    Args:
        state: of the job.
        owner: it is theirs.
        teacher: they are a teacher, or above.
        model: it came as a model; finished G-code can be neither mended nor turned.
        repairable: the check has said that a repair would help.
        sliced: there is G-code that could be printed once more.
    """
    found = []
    for step in Step:
        if not (fits(step, state) and allowed(step, owner=owner, teacher=teacher)):
            continue
        if (
            (step is Step.CHANGE and not model)
            or (step is Step.REPAIR and not (model and repairable))
            or (step is Step.REPRINT and not sliced)
        ):
            continue
        found.append(step)
    return found
