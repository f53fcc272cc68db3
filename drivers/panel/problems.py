"""What panels refuse, and why."""

from drivers.panel.values import Fault, Level, Part
from hub.device import N_, AccessRefused, DeviceError, NotNow, Problem, Severity


class NotReady(NotNow):
    """The panel cannot do this now: it is off, or warming up or cooling down."""

    code = "panel-not-ready"
    status = 503
    title = N_("The panel cannot do this now.")
    hint = N_("Switch it on and wait until it has warmed up or cooled down.")


class NotOffered(DeviceError):
    """This panel has no such thing."""

    code = "panel-cannot"
    status = 409
    title = N_("This panel cannot do that.")
    hint = N_("Use the panel's own buttons, or choose something else.")


class NotKnown(NotNow):
    """It can be set and not asked for, and was not set yet."""

    code = "panel-does-not-say"
    status = 409
    title = N_("The panel does not say this.")
    hint = N_("Set it once: then the hub knows what was set.")
    retryable = False


class PasswordWanted(AccessRefused):
    """The panel wants a password, or another one."""

    code = "panel-password"
    title = N_("The panel wants a password, or another one.")
    hint = N_("Set the password in the panel's menu under network, and the same one here.")


_PARTS = {
    Part.FAN: N_("The panel says that its fan is faulty."),
    Part.LAMP: N_("The panel says that its lamp is faulty."),
    Part.TEMPERATURE: N_("The panel says that it is too hot."),
    Part.COVER: N_("The panel says that its cover is open."),
    Part.FILTER: N_("The panel says that its filter must be cleaned."),
    Part.SIGNAL: N_("The panel gets no picture on this input."),
    Part.OTHER: N_("The panel says that something is wrong with it."),
}
_HINT = N_("Tell the lab engineer. When it is too hot, let it cool down first.")


def problem_of(faults: list[Fault]) -> Problem | None:
    """Return the worst of a panel's faults as its health; a missing signal is none of its own."""
    told = [fault for fault in faults if fault.part is not Part.SIGNAL]
    if not told:
        return None
    worst = min(told, key=lambda fault: fault.level is not Level.ERROR)
    bad = worst.level is Level.ERROR
    return Problem(
        code=f"panel-{worst.part}",
        title=_PARTS[worst.part],
        hint=_HINT,
        severity=Severity.FAULT if bad else Severity.WARNING,
    )
