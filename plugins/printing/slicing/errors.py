"""What may come in the way of slicing."""

from hub.errors import N_, HubError
from hub.programs import ProgramMissing


class NoSlicer(ProgramMissing):
    """No slicer is installed on this computer."""

    code = "no-slicer"
    title = N_("Models cannot be sliced here yet: no slicer is installed.")
    hint = N_(
        "Ask the lab engineer to install one: sudo apt install prusa-slicer."
        " The hub then goes on by itself."
    )


class ProfileUnknown(HubError):
    """There is no profile of this name."""

    code = "profile-unknown"
    status = 422
    title = N_("The hub has no settings for this printer.")
    hint = N_("Choose a printer from the list.")


class WishNotPossible(HubError):
    """The printer cannot do what is wished: a material that is too hot for it, for one."""

    code = "wish-not-possible"
    status = 422
    title = N_("This printer cannot do that.")
    hint = N_("Choose another material or another printer.")


class SlicingFailed(HubError):
    """A slicer could not slice a model; its kinds say why, `detail` is what it said at last."""

    code = "slicing-failed"
    status = 422
    title = N_("The slicer could not work on this model.")
    hint = N_("Let the hub repair the model, or look at its marked places in your program.")


class TooBigToSlice(SlicingFailed):
    """The model, or all its copies, do not fit onto the plate."""

    code = "too-big-to-slice"
    title = N_("This does not fit onto the printer's plate.")
    hint = N_("Make it smaller, print fewer copies, or leave the brim out.")


class NothingToSlice(SlicingFailed):
    """Nothing was left of the model: it is thinner than a line of plastic."""

    code = "nothing-to-slice"
    title = N_("Nothing is left of this model: it is thinner than a line of plastic.")
    hint = N_("Make it larger, or give its walls more thickness.")


class SlicingTooLarge(SlicingFailed):
    """The slicer wanted more memory, or wrote more, than it may."""

    code = "slicing-too-large"
    title = N_("This model is too detailed to slice here.")
    hint = N_("Export it with a lower resolution, or print it smaller.")
