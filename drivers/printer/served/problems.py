"""What can go wrong with a printer behind a print server, in words for people."""

from hub.device import N_, DeviceError, Problem, Unreachable

HALTED = Problem(
    code="printer-halted",
    title=N_("The printer has stopped for safety."),
    hint=N_("Look at the printer. Switch it off, let it cool, then switch it on again."),
)


class PrinterBusy(DeviceError):
    """It prints, or does something else."""

    code = "printer-busy"
    status = 409
    retryable = True
    title = N_("The printer is busy.")
    hint = N_("Wait until it has finished, or cancel what it prints.")


class PrintsOn(Unreachable):
    """The print server does not answer in the middle of a print, which goes on without us."""

    code = "unreachable-prints-on"
    title = N_("The printer cannot be reached; what it prints goes on.")
    hint = N_("Check the network. How the print has ended is told once the printer answers again.")


class PrinterGone(Unreachable):
    """The print server answers, but its printer does not."""

    code = "printer-not-connected"
    title = N_("The print server has no connection to its printer.")
    hint = N_("Switch the printer on, and check the cable between it and the print server.")


class NotStarted(DeviceError):
    """The file is on the server, but the print did not begin."""

    code = "print-not-started"
    title = N_("The printer did not begin to print.")
    hint = N_("Look at the printer's screen: it may be asking something.")


class DamagedUpload(DeviceError):
    """The file did not arrive whole; nothing was started."""

    code = "damaged-upload"
    retryable = True
    title = N_("The file did not reach the printer whole.")
    hint = N_("Nothing was printed. Try again; if it happens again, check the network.")


class NotWhilePrinting(DeviceError):
    """Something was asked that cannot be done in the middle of a print, or without one."""

    code = "not-now"
    status = 409
    title = N_("The printer cannot do this now.")
    hint = N_("Look at what the printer is doing, then try again.")
