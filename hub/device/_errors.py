"""What can go wrong between a driver and its device.

A driver raises these; each carries what happened and what to do (see `hub.errors.HubError`).
`Unreachable` and its kin are retryable: the host disconnects, waits and connects again.
"""

from hub.errors import N_, HubError


class DeviceError(HubError):
    """The device did not do what it was asked."""

    code = "device-error"
    status = 502
    title = N_("The device reported an error.")
    hint = N_("Switch the device off and on again. If it stays, tell the lab engineer.")


class Unreachable(DeviceError):
    """The device does not answer: unplugged, switched off, or the network is down."""

    code = "unreachable"
    status = 503
    title = N_("The device does not answer.")
    hint = N_("Check that it is switched on and that its cable is plugged in.")
    retryable = True


class WrongDevice(DeviceError):
    """Something answers, but it is not the device that the driver is for."""

    code = "wrong-device"
    title = N_("Another kind of device answers here.")
    hint = N_("Check the address or the cable, or choose another driver for this device.")


class AccessRefused(DeviceError):
    """The device or the operating system refuses: password, permission, or it is in use."""

    code = "access-refused"
    title = N_("The device refused access.")
    hint = N_("Check the password, and that no other program is using the device.")


class BadSettings(DeviceError):
    """The settings of the device do not fit it."""

    code = "bad-settings"
    status = 422
    title = N_("The settings of this device are not right.")
    hint = N_("Open the device's page and correct its settings.")


class OutOfRange(DeviceError):
    """The value is not one that the device takes."""

    code = "out-of-range"
    status = 422
    title = N_("The device does not take this value.")
    hint = N_("Choose a value within the range that the device names.")


class NotNow(DeviceError):
    """The device cannot in the state that it is in: it is off, warming up, or at something else.

    That is no fault of it: the log does not have it as one.
    """

    code = "cannot-now"
    status = 409
    title = N_("The device cannot do this now.")
    hint = N_("Switch it on, or wait until it has finished what it is doing.")
    retryable = True


class TimedOut(DeviceError):
    """The device was asked and did not answer in time."""

    code = "timed-out"
    status = 504
    title = N_("The device took too long to answer.")
    hint = N_("Wait a moment and try again.")
    retryable = True
