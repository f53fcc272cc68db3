"""What can be wrong with a globe map."""

from hub.errors import N_, HubError


class BadGlobeMap(HubError):
    """A file is no globe map; the detail says where."""

    code = "bad-globe-map"
    status = 422
    title = N_("This file is no globe map.")
    hint = N_("Export one from a hub to see what it looks like, and correct the file.")


class CodeTaken(HubError):
    """The code is another place's already."""

    code = "globe-code-taken"
    status = 409
    title = N_("This code belongs to another place already.")
    hint = N_("Touch the place once more; if the globe really has it here, replace the old place.")


class MapShipped(HubError):
    """What ships with the hub can be taught further, not deleted."""

    code = "globe-map-shipped"
    status = 409
    title = N_("This globe map came with the hub and cannot be deleted.")
    hint = N_("What was taught beside it can be forgotten, code by code.")


class MapFull(HubError):
    """It has as many codes as a map may have."""

    code = "globe-map-full"
    status = 409
    title = N_("No more codes fit.")
    hint = N_("Delete what is no longer needed.")
