"""Why a queued job waits, in words."""

from hub.errors import N_, Conflict
from plugins.printing.queue.matching import WhyNot

WAITS: dict[WhyNot, str] = {
    "other-printer": "other printer",
    "other-profile": "made for another kind of printer",
    "too-big": "too big",
    "other-nozzle": "other nozzle",
    "other-material": "other material",
    "other-policy": "other G-code policy",
}
"""For the detail, which is the engineer's."""


class PrinterBusy(Conflict):
    """Something else is being printed."""

    code = "printer-busy"
    title = N_("The printer still prints another job.")
    hint = N_("This one comes in its turn.")


class PlateNotClear(Conflict):
    """Nobody has said that the plate is clear."""

    code = "plate-not-clear"
    title = N_("The plate of the printer may not be clear.")
    hint = N_("Take the part off and press “The plate is clear”.")


class PrinterNotReady(Conflict):
    """The printer is unplugged, halted, or busy with something that is no print."""

    code = "printer-not-ready"
    title = N_("The printer is not ready.")
    hint = N_("Look at the printer's page: it says what to do.")


class NotEnoughFilament(Conflict):
    """What is left on the spool is less than a print needs; a warning, nothing is refused."""

    code = "spool-short"
    title = N_("“{spool}” has {left} g left for this print, and it needs {more} g.")
    hint = N_("Put a fuller spool in before it begins, and say so on the printer's page.")


class OthersLeftOut(Conflict):
    """By the printer's policy other lines are left out than whoever approves has seen."""

    code = "others-left-out"
    title = N_("This printer leaves out other lines of the file than were shown.")
    hint = N_("Look at what is left out now, and approve the job once more.")


class BroughtBack(Conflict):
    """The hub's data are of a backup: what was printed since it was made is not in them."""

    code = "brought-back"
    title = N_("The hub's data were brought back from a backup.")
    hint = N_("The job may have been printed meanwhile. Approve it again, or cancel it.")


class StillStarting(Conflict):
    """The printer is looking through the file that it is to print."""

    code = "print-still-starting"
    title = N_("The printer is just taking this job.")
    hint = N_("Wait a moment and cancel it then, or press Stop at the printer.")
    retryable = True
