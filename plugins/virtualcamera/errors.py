"""What can be in the way of a virtual camera."""

import errno

from hub.errors import N_, Conflict, HubError, NotFound


class NoVirtualCamera(HubError):
    """The kernel has no node that could be written to."""

    code = "no-virtual-camera"
    status = 503
    title = N_("This computer has no virtual camera.")
    hint = N_("The lab engineer installs it once; the page “Camera for video calls” says how.")


class CameraUnknown(NotFound):
    """There is no virtual camera of this name."""

    title = N_("There is no such virtual camera.")
    hint = N_("Load the page again: it shows those that are there.")


class NoMicroscope(Conflict):
    """The device gives no picture."""

    code = "no-microscope"
    title = N_("Only a microscope's picture can be shown to video calls.")
    hint = N_("Choose a microscope.")


class NotAllowed(HubError):
    """The hub may not open the node."""

    code = "virtual-camera-not-allowed"
    status = 503
    title = N_("The hub may not use the virtual camera.")
    hint = N_("Put the hub's user into the group of cameras (video), or install the hub again.")


class Busy(HubError):
    """Another program writes to the node, or it has a format that cannot be changed now."""

    code = "virtual-camera-in-use"
    status = 503
    title = N_("Another program writes to the virtual camera.")
    hint = N_("Close it (OBS, for instance); then the picture comes by itself.")
    retryable = True


class WriterFailed(HubError):
    """The program that writes the pictures ended, or does not answer."""

    code = "virtual-camera-failed"
    status = 503
    title = N_("The virtual camera takes no picture.")
    hint = N_(
        "It is tried again by itself. If it stays so, the lab engineer restarts the computer."
    )
    retryable = True


def refused(number: int, text: str) -> HubError:
    """Return what the kernel's refusal means."""
    if number in (errno.EACCES, errno.EPERM):
        return NotAllowed(text)
    if number == errno.EBUSY:
        return Busy(text)
    if number in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
        return NoVirtualCamera(text)
    return WriterFailed(text)
