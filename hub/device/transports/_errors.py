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


class NotTrusted(WrongDevice):
    """It answers by TLS, and its certificate does not show that it is the one that was asked for.

    Expired, for another name, or signed by nobody whom this computer trusts.
    """

    code = "not-trusted"
    title = N_("The certificate of the device is not trusted.")
    hint = N_(
        "Check the address and the clock of this computer. Where the device has signed its"
        " certificate itself, the engineer adds that to the trusted ones of this computer."
    )


class NoTls(WrongDevice):
    """What answers speaks no TLS that we speak, too."""

    code = "no-tls"
    title = N_("The device does not speak the encryption that it is asked for.")
    hint = N_("Check the port, or write the address without encryption (http:// for https://).")


_EXPIRED, _NOT_YET = 10, 9
_OTHER_NAME = (62, 64)
_UNKNOWN_SIGNER = (18, 19, 20, 21)
"""OpenSSL's verdicts (x509_vfy.h, X509_V_ERR_...)."""

_BY_CODE: dict[str, type[DeviceError]] = {
    cls.code: cls for cls in (AccessRefused, NotTrusted, NoTls, TimedOut, Unreachable, WrongDevice)
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
        return _tls_error(error, what)
    if isinstance(error, PermissionError) or number in _REFUSED:
        return AccessRefused(f"{what}: {text}")
    return Unreachable(f"{what}: {text}")


def _tls_error(error: ssl.SSLError, what: str) -> DeviceError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return NotTrusted(f"{what}: {_verdict(error)}")
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return Unreachable(f"{what}: it hung up")
    # A plain answer is "wrong version number", and an old device's TLS 1.0 "unsupported protocol".
    return NoTls(f"{what}: {(error.reason or str(error)).lower().replace('_', ' ')}")


def _verdict(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code == _EXPIRED:
        return "its certificate has expired"
    if error.verify_code == _NOT_YET:
        return "its certificate is not valid yet"
    if error.verify_code in _OTHER_NAME:
        return "its certificate is for another name or address"
    if error.verify_code in _UNKNOWN_SIGNER:
        return "nobody whom this computer trusts has signed its certificate"
    return f"its certificate is not good: {error.verify_message}"


def error_of_code(code: str, text: str) -> DeviceError:
    """Return the error that a recording tells of."""
    return _BY_CODE.get(code, Unreachable)(text)
