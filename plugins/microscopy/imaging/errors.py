"""What can be wrong with pictures that are to be worked on; `which` counts them from 1."""

from hub.errors import N_, HubError


class UnreadablePicture(HubError):
    """One of the pictures is damaged, or none."""

    code = "unreadable-picture"
    status = 422
    title = N_("Picture {which} cannot be read.")
    hint = N_("Open it in the album. If it is damaged, leave it out and take another one.")


class TooManyPixels(HubError):
    """The pictures, or what would become of them, are larger than the hub works on."""

    code = "too-many-pixels"
    status = 422
    title = N_("Picture {which} is too large to work on.")
    hint = N_("Use smaller pictures, or fewer of them.")


class OtherSize(HubError):
    """One of the pictures has not the size of the first."""

    code = "other-size"
    status = 422
    title = N_("Picture {which} has another size than the first one.")
    hint = N_("Choose pictures that were taken with the same camera and resolution.")


class OtherPlace(HubError):
    """One of a stack's pictures does not show what the others show."""

    code = "other-place"
    status = 422
    title = N_("Picture {which} does not show the same place as the others.")
    hint = N_("Leave it out. For a stack move only the focus, not the slide.")


class NoOverlap(HubError):
    """Some of a mosaic's pictures overlap with none of the others."""

    code = "no-overlap"
    status = 422
    title = N_("These pictures do not overlap with the others: {which}.")
    hint = N_("Leave them out, or take pictures in between. Neighbours should share a quarter.")


class NoSuchPlace(HubError):
    """The place that was named lies outside of the picture."""

    code = "no-such-place"
    status = 422
    title = N_("This place is not in the picture.")
    hint = N_("Choose a place within the picture.")


class TooManyObjects(HubError):
    """More objects were found than anybody can look through; most are noise."""

    code = "too-many-objects"
    status = 422
    title = N_("Too many objects were found.")
    hint = N_("Set a smallest size, or make the picture sharper and more evenly lit.")


class FieldTooBright(HubError):
    """The empty field is overexposed."""

    code = "field-too-bright"
    status = 422
    title = N_("The picture is too bright to tell how the light is spread.")
    hint = N_("Turn the light down until nothing is overexposed, then try again.")


class FieldTooDark(HubError):
    """The empty field is almost black."""

    code = "field-too-dark"
    status = 422
    title = N_("The picture is too dark to tell how the light is spread.")
    hint = N_("Turn the light up, then try again.")


class FieldNotEmpty(HubError):
    """The specimen is still to be seen."""

    code = "field-not-empty"
    status = 422
    title = N_("There is still something in the picture.")
    hint = N_("Move the slide to an empty place, or take it away, then try again.")
