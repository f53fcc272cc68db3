"""Devices of the classroom: what is connected, how it is, and how to use it.

`Devices` is the registry; each device is a `DeviceHandle`. A handle stays the same object for as
long as its device is configured, also while its driver's process comes and goes. Devices are taken
into use by `hub.devices.adoption`, which needs the store.
"""

from hub.devices._config import (
    IDENTITY,
    DeviceConfig,
    DeviceId,
    DeviceState,
    Presence,
    ProcessState,
)
from hub.devices._errors import (
    AlreadyAdopted,
    NoCandidates,
    NotAnnounced,
    NothingSearches,
    NotWritable,
    SetInFile,
    Unplugged,
    WhichOne,
)
from hub.devices._handle import DeviceHandle
from hub.devices._kept import KeptValues
from hub.devices._pairing import Pairing
from hub.devices._readings import reading_payload
from hub.devices._registry import Devices
from hub.devices._schema import check_value
from hub.devices._searching import Searching, searchers
from hub.devices._touched import Touched
from hub.devices._writes import Superseded

__all__ = [
    "IDENTITY",
    "AlreadyAdopted",
    "DeviceConfig",
    "DeviceHandle",
    "DeviceId",
    "DeviceState",
    "Devices",
    "KeptValues",
    "NoCandidates",
    "NotAnnounced",
    "NotWritable",
    "NothingSearches",
    "Pairing",
    "Presence",
    "ProcessState",
    "Searching",
    "SetInFile",
    "Superseded",
    "Touched",
    "Unplugged",
    "WhichOne",
    "check_value",
    "reading_payload",
    "searchers",
]
