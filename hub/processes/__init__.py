"""The hub's side of driver processes: finding drivers, starting, watching and ending them."""

from hub.driver_host.errors import DriverBroken, DriverMissing, DriverSlow
from hub.driver_host.timing import Timing
from hub.processes._catalogue import Catalogue, DriverEntry, Searched
from hub.processes._errors import DriverCrashes, DriverGone
from hub.processes._limits import Limits
from hub.processes._nursery import Nursery
from hub.processes._output import Output
from hub.processes._supervisor import DeviceListener, ProcessListener, Supervisor
from hub.processes._virtual import VirtualPeerDescription, describe_virtual_classroom

__all__ = [
    "Catalogue",
    "DeviceListener",
    "DriverBroken",
    "DriverCrashes",
    "DriverEntry",
    "DriverGone",
    "DriverMissing",
    "DriverSlow",
    "Limits",
    "Nursery",
    "Output",
    "ProcessListener",
    "Searched",
    "Supervisor",
    "Timing",
    "VirtualPeerDescription",
    "describe_virtual_classroom",
]
