"""The device model: all that a driver needs of the hub.

A *contract* declares a kind of device, a *driver* serves it, and the compiled *description* of both
is what every other part of the hub works from. See `docs/writing-a-driver.md`.
"""

from hub.device._description import (
    ActionDescription,
    ContractError,
    DeviceDescription,
    DriverDescription,
    EventDescription,
    KindDescription,
    Members,
    PropertyDescription,
    StreamDescription,
    contract_of,
    describe_device,
    describe_driver,
    describe_kind,
    handlers_of,
    members_of,
)
from hub.device._device import CHECK_LIMIT, Device, DeviceLink, DeviceSettings, Isolation
from hub.device._discovery import Candidate, Found, Match, MdnsMatch, Subsystem, UsbMatch
from hub.device._errors import (
    AccessRefused,
    BadSettings,
    DeviceError,
    NotNow,
    OutOfRange,
    TimedOut,
    Unreachable,
    WrongDevice,
)
from hub.device._members import (
    Action,
    Call,
    Event,
    FrameStream,
    Member,
    NoInput,
    Property,
    SampleStream,
)
from hub.device._roles import Role
from hub.device._values import AssetFile, Frame, Problem, Quality, Reading, Severity
from hub.errors import N_

__all__ = [
    "CHECK_LIMIT",
    "N_",
    "AccessRefused",
    "Action",
    "ActionDescription",
    "AssetFile",
    "BadSettings",
    "Call",
    "Candidate",
    "ContractError",
    "Device",
    "DeviceDescription",
    "DeviceError",
    "DeviceLink",
    "DeviceSettings",
    "DriverDescription",
    "Event",
    "EventDescription",
    "Found",
    "Frame",
    "FrameStream",
    "Isolation",
    "KindDescription",
    "Match",
    "MdnsMatch",
    "Member",
    "Members",
    "NoInput",
    "NotNow",
    "OutOfRange",
    "Problem",
    "Property",
    "PropertyDescription",
    "Quality",
    "Reading",
    "Role",
    "SampleStream",
    "Severity",
    "StreamDescription",
    "Subsystem",
    "TimedOut",
    "Unreachable",
    "UsbMatch",
    "WrongDevice",
    "contract_of",
    "describe_device",
    "describe_driver",
    "describe_kind",
    "handlers_of",
    "members_of",
]
