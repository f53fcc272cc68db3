"""What can go wrong with calibrating."""

from hub.errors import N_, Conflict, Invalid


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
