"""What can go wrong with a print job, in words that say what to do."""

from typing import Any

from hub.device import DeviceError, Problem
from hub.errors import N_, Conflict, HubError, TooMany


class JobMovedOn(Conflict):
    """The step does not fit the state that the job is in by now."""

    code = "job-moved-on"
    title = N_("This cannot be done with the print job any more.")
    hint = N_("Somebody was faster, or it has gone on meanwhile. Look at how it is now.")


class NoModelFile(Conflict):
    """The job came as finished G-code, which can be neither mended nor turned."""

    code = "job-has-no-model"
    title = N_("This job is finished G-code, not a model.")
    hint = N_("Change the model in your program, and hand in the new file.")


class NeverSliced(Conflict):
    """There is no G-code of the job that could be printed."""

    code = "job-never-sliced"
    title = N_("There is nothing yet that could be printed once more.")
    hint = N_("Hand the model in as a new job.")


class TooManyJobs(TooMany):
    """Somebody has more open jobs than one may have."""

    code = "too-many-jobs"
    title = N_("You have {most} print jobs that are not finished yet.")
    hint = N_("Wait until some are printed, or withdraw one that you do not need.")


class TooManyInAll(TooMany):
    """The school has more open jobs than are kept."""

    code = "too-many-jobs"
    title = N_("Too many print jobs are waiting.")
    hint = N_("Ask the teacher to approve or send back some of them first.")


class GaveUp(HubError):
    """The hub ended again and again while it worked on this job."""

    code = "job-given-up"
    status = 422
    title = N_("The hub could not finish the check of this file.")
    hint = N_("Hand in the model once more; export it with fewer details if this happens again.")


class NotPrintable(HubError):
    """The check has found something for which a model is refused; the findings say what."""

    code = "model-not-printable"
    status = 422
    title = N_("This model cannot be printed yet.")
    hint = N_("Look at what was found: each point says what to do.")


class NoSlicerYet(HubError):
    """The part of the hub that slices is not there."""

    code = "no-slicer"
    status = 503
    title = N_("No program for slicing is installed on the hub.")
    hint = N_(
        "Ask the lab engineer to install one (PrusaSlicer), or hand in finished G-code for the"
        " printer."
    )


class NoPrinter(HubError):
    """No printer of the hub can print this job."""

    code = "no-printer-fits"
    status = 409
    title = N_("No printer of this class can print this job.")
    hint = N_("Compare its size, nozzle and material with the printers' before approving it.")


class PlateInUse(Conflict):
    """Something is being printed on the plate."""

    code = "plate-in-use"
    title = N_("The printer is printing: its plate cannot be clear.")
    hint = N_("Wait until the print has ended and take the part off.")


class PrinterDoesNotAnswer(HubError):
    """The printer on which the job prints cannot be reached."""

    code = "printer-does-not-answer"
    status = 503
    title = N_("The printer of this job does not answer.")
    hint = N_("Look at the printer itself. Cancel the job if it prints no longer.")
    retryable = True


class Interrupted(HubError):
    """Printer or hub went away in the middle of a print."""

    code = "interrupted"
    status = 409
    title = N_("The print was interrupted.")
    hint = N_(
        "Look at the printer, take the part off once the plate is cool, say that the plate is"
        " clear, and print the job again."
    )


class PrinterGone(HubError):
    """The printer was taken out of the hub while it printed."""

    code = "printer-gone"
    status = 409
    title = N_("The printer of this job belongs to the hub no longer.")
    hint = N_("Look at the printer itself; print the job again on another one.")


class PrintFailed(HubError):
    """The printer gave the print up."""

    code = "print-failed"
    status = 409
    title = N_("The printer gave up this print.")
    hint = N_("Look at the printer and at what it says, then clear the plate and print it again.")


class CancelledAtPrinter(HubError):
    """Somebody gave the print up."""

    code = "print-cancelled"
    status = 409
    title = N_("The print was cancelled.")
    hint = N_("Take off what was printed and say that the plate is clear.")


class PrintRefused(HubError):
    """The printer's driver would not begin the print."""

    code = "print-refused"
    status = 409
    title = N_("The printer did not take this file.")
    hint = N_("The detail says why. Slice the model for this printer and hand it in again.")


class PrinterSaid(DeviceError):
    """What a printer answered when it was asked to do something; it speaks for itself."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail, **problem.params)
        said: dict[str, Any] = {"code": problem.code, "title": problem.title, "hint": problem.hint}
        vars(self).update(said, status=409)
