"""What goes wrong at a transport, as errors of the device model."""

import errno
import ssl
import termios

from hub.device._errors import AccessRefused, DeviceError, TimedOut, Unreachable, WrongDevice
from hub.errors import N_, HubError

FAILURES = (HubError, OSError, EOFError, UnicodeError, termios.error)
"""What opening and using a device raises when it does not work; anything else is a mistake."""

_REFUSED = (errno.EACCES, errno.EPERM, errno.EBUSY, errno.EAGAIN)


class BadRecording(HubError):
    """The file is no recording, or one of a newer hub."""

    code = "bad-recording"
    status = 422
    title = N_("This file is no recording that the hub can read.")
    hint = N_("Choose a file that `classhub record` made, or record the device again.")


class RecordingFailed(HubError):
    """The recording ended before its time; what was written until then can be read."""

    code = "recording-failed"
    status = 507
    title = N_("The recording could not be written to its end.")
    hint = N_("Make room on the disk, for example by deleting recordings, and record again.")


class ReplayDiverged(DeviceError):
    """The driver says something else than it said when the recording was made."""

    code = "replay-diverged"
    status = 409
    title = N_("The driver says something else than in the recording.")
    hint = N_("Record the device again with this version of the driver and these settings.")


class ReplayOver(Unreachable):
    """The recording has no more."""

    code = "replay-over"
    title = N_("The recording has come to its end.")
    hint = N_("Start the replay again, or record for longer.")


_BY_CODE: dict[str, type[DeviceError]] = {
    cls.code: cls for cls in (AccessRefused, TimedOut, Unreachable, WrongDevice)
}


def device_error(error: Exception, what: str) -> DeviceError:
    """Return what the operating system or a library raised as an error of the device model.

    Libraries disagree: pyserial raises `SerialException` with and without an errno, `termios.error`
    (no OSError) comes out of its flush and close, TLS raises its own. All of it means that the
    device has gone, unless it says that the device is refused to us or in use.

    Args:
        error: what was raised.
        what: the transport and where it leads, for the engineer.
    """
    if isinstance(error, DeviceError):
        return error
    number = error.args[0] if error.args and isinstance(error.args[0], int) else None
    text = str(error) or type(error).__name__
    if isinstance(error, ssl.SSLError):
        return WrongDevice(f"no trusted encrypted connection: {error.reason or text}")
    if isinstance(error, PermissionError) or number in _REFUSED:
        return AccessRefused(f"{what}: {text}")
    return Unreachable(f"{what}: {text}")


def error_of_code(code: str, text: str) -> DeviceError:
    """Return the error that a recording tells of."""
    return _BY_CODE.get(code, Unreachable)(text)
