"""Devices of the classroom: what is connected, how it is, and how to use it.

`Devices` is the registry; each device is a `DeviceHandle`. A handle stays the same object for as
long as its device is configured, also while its driver's process comes and goes.
"""

from hub.devices._config import DeviceConfig, DeviceState, Presence, ProcessState
from hub.devices._handle import DeviceHandle, NotWritable
from hub.devices._readings import reading_payload
from hub.devices._registry import Devices
from hub.devices._schema import check_value
from hub.devices._writes import Superseded

__all__ = [
    "DeviceConfig",
    "DeviceHandle",
    "DeviceState",
    "Devices",
    "NotWritable",
    "Presence",
    "ProcessState",
    "Superseded",
    "check_value",
    "reading_payload",
]
