"""What goes wrong with a driver's process, as people are told."""

from typing import ClassVar

from hub.device import DeviceError
from hub.errors import N_


class DriverGone(DeviceError):
    """The driver's process ended while it was asked; it is being started again."""

    code: ClassVar[str] = "driver-restarting"
    status: ClassVar[int] = 503
    title: ClassVar[str] = N_("The driver of this device is starting again.")
    hint: ClassVar[str] = N_("Wait a few seconds and try again.")
    retryable: ClassVar[bool] = True


class DriverCrashes(DeviceError):
    """The driver's process has ended too often; it is tried again from time to time."""

    code: ClassVar[str] = "driver-crashes"
    status: ClassVar[int] = 503
    title: ClassVar[str] = N_("The driver of this device keeps failing.")
    hint: ClassVar[str] = N_(
        "Unplug the device and plug it in again. If it stays, tell the lab engineer."
    )
