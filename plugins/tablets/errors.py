"""What can go wrong with calibrating."""

from hub.errors import N_, Conflict, HubError, Invalid


class NothingToCalibrate(Conflict):
    """The device is neither a tablet nor a touch table."""

    code = "nothing-to-calibrate"
    title = N_("Only tablets and touch tables are calibrated.")
    hint = N_("Choose a tablet or a touch table.")


class TouchedElsewhere(Invalid):
    """The places that were touched do not fit those that were shown."""

    code = "touched-elsewhere"
    title = N_("The touched places do not fit the shown ones.")
    hint = N_("Begin again, and touch the middle of each mark exactly.")


class PenNotThere(HubError):
    """The kernel makes no input devices here."""

    code = "virtual-pen-not-there"
    title = N_("This computer cannot have a virtual pen.")
    hint = N_("Load the kernel's module uinput (modprobe uinput), or switch the virtual pen off.")
    status = 503


class PenNotAllowed(HubError):
    """The hub may not make input devices."""

    code = "virtual-pen-not-allowed"
    title = N_("The hub may not make a virtual pen.")
    hint = N_("Allow it as the page “A pen for this computer's programs” says, or switch it off.")
    status = 503
