"""What can be wrong with a wish to work on pictures."""

from hub.errors import N_, Conflict, HubError


class SourceGone(HubError):
    """One of the pictures was deleted while it was worked on."""

    code = "source-gone"
    status = 404
    title = N_("Picture {which} was deleted meanwhile.")
    hint = N_("Choose the pictures again.")


class NotAPicture(HubError):
    """One of the things chosen is no picture."""

    code = "not-a-picture"
    status = 415
    title = N_("Number {which} of your choice is no picture.")
    hint = N_("Choose JPEG or PNG pictures.")


class OtherScale(HubError):
    """One of the pictures was taken with another objective."""

    code = "other-scale"
    status = 422
    title = N_("Picture {which} has another scale than the first one.")
    hint = N_("Choose pictures that were taken with the same objective.")


class NotCounted(HubError):
    """Nothing has been counted in this picture yet."""

    code = "not-counted"
    status = 404
    title = N_("Nothing has been counted in this picture yet.")
    hint = N_("Press Count first.")


class TooManyCounts(Conflict):
    """More people count in one picture than is kept."""

    code = "too-many-counts"
    title = N_("Too many people have counted in this picture.")
    hint = N_("Take another picture of the same thing and count in that.")


class NoEmptyField(Conflict):
    """Nothing says how the light of the objective is spread."""

    code = "no-empty-field"
    title = N_("No empty field is kept for the objective of this picture.")
    hint = N_("Open the microscope, press the sun, and follow the steps under Even light.")
