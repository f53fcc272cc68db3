"""What a driver raises, as an error that can be told."""

import logging
import time
from typing import ClassVar

from pydantic import ValidationError

from hub.device import AccessRefused, DeviceError, TimedOut, Unreachable
from hub.errors import N_, HubError


class DriverError(DeviceError):
    """The driver itself has a fault: it raised what is no error of the device model."""

    code: ClassVar[str] = "driver-error"
    title: ClassVar[str] = N_("The driver of this device made a mistake.")
    hint: ClassVar[str] = N_("Tell the lab engineer; the log says what happened.")


class DriverBroken(DeviceError):
    """The driver cannot be loaded, or describes itself wrongly."""

    code: ClassVar[str] = "driver-broken"
    status: ClassVar[int] = 503
    title: ClassVar[str] = N_("The driver of this device cannot be loaded.")
    hint: ClassVar[str] = N_("Tell the lab engineer: the driver must be installed again.")


class DriverSlow(DriverBroken):
    """Its process gave no answer in time, as on a computer that is busy: it may be asked again."""

    code: ClassVar[str] = "driver-slow"
    title: ClassVar[str] = N_("The driver of this device did not answer in time.")
    hint: ClassVar[str] = N_(
        "The computer is busy: wait a moment and try again. If it stays, tell the lab engineer."
    )
    retryable: ClassVar[bool] = True


class DriverMissing(DriverBroken):
    """No driver of the configured name is installed."""

    code: ClassVar[str] = "driver-missing"
    title: ClassVar[str] = N_("The driver of this device is not installed.")
    hint: ClassVar[str] = N_("Tell the lab engineer: install it, or correct its name.")


class DriverTwice(DriverBroken):
    """Several distributions bring a driver of one name; none is taken for the other."""

    code: ClassVar[str] = "driver-twice"
    title: ClassVar[str] = N_("Two packages bring a driver of this name.")
    hint: ClassVar[str] = N_("Tell the lab engineer: one of the packages must be removed.")


class BadReading(DeviceError):
    """The device gave a value that its kind does not allow."""

    code: ClassVar[str] = "bad-reading"
    title: ClassVar[str] = N_("The device gave a value that makes no sense.")
    hint: ClassVar[str] = N_("Switch the device off and on again. If it stays, tell the engineer.")


def where(error: ValidationError) -> str:
    """Return what is wrong with which fields, without the values (they may be secrets)."""
    return "; ".join(
        f"{'.'.join(str(step) for step in one['loc']) or 'value'}: {one['msg']}"
        for one in error.errors(include_input=False, include_url=False, include_context=False)
    )


SAID_AGAIN = 600.0
_MOST_SAID = 200
_said: dict[str, tuple[str, float]] = {}


def as_hub_error(error: Exception, what: str, log: logging.Logger) -> HubError:
    """Return whatever a driver raised as an error of the device model.

    The operating system's errors mean that the device has gone (`Unreachable`), is in use or not
    ours (`AccessRefused`), or did not answer (`TimedOut`). Anything else is the driver's mistake
    and is logged with its traceback; the same one again, as of a property that is polled, only
    after `SAID_AGAIN` seconds.
    """
    text = f"{what}: {type(error).__name__}: {error}"
    if isinstance(error, HubError):
        return error
    if isinstance(error, PermissionError):
        return AccessRefused(text)
    if isinstance(error, TimeoutError):
        return TimedOut(text)
    if isinstance(error, OSError | EOFError):
        return Unreachable(text)
    if _is_news(what, text):
        log.error("%s failed", what, exc_info=error)
    return DriverError(text)


def _is_news(what: str, text: str) -> bool:
    """Tell whether this was not logged of late."""
    before, since = _said.get(what, ("", 0.0))
    now = time.monotonic()
    if before == text and now - since < SAID_AGAIN:
        return False
    if len(_said) >= _MOST_SAID:
        _said.clear()
    _said[what] = (text, now)
    return True
