"""How a printer can be unwell, in words for people."""

from hub.device import N_, Problem, Severity

SILENT = Problem(
    code="printer-silent",
    title=N_("The printer does not answer."),
    hint=N_("Look at the printer: its screen says what it is doing. Check the USB cable."),
    severity=Severity.WARNING,
)
RUN_OUT = Problem(
    code="filament-out",
    title=N_("The filament has run out."),
    hint=N_("Load new filament, then press Resume."),
    severity=Severity.WARNING,
)
HALTED = Problem(
    code="printer-halted",
    title=N_("The printer has stopped for safety."),
    hint=N_("Look at the printer. Switch it off, let it cool, then switch it on again."),
)
