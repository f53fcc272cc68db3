"""The computer's own troubles as measured values: its disks, its USB ports, its clock.

What the kernel says of a USB port is a device's where a device of the hub is, or was, in it.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from hub.clock import CLOCK
from hub.plugin import N_, DeviceHandle
from plugins.health.series import SeriesInfo
from plugins.health.watching.computer import COMPUTER
from plugins.health.watching.devices import Value
from plugins.health.watching.report import WHERE, Disk, Read, Report, UsbPort, read_report

EXT4 = Path("/sys/fs/ext4")
JUMP = 2.0
"""Seconds by which a clock that is only steered never moves between two looks."""
STORM = 4
"""Disconnects in an hour that no hand makes; fewer are a cable that was moved."""
_ID_PATH = re.compile(r"(?P<under>.*)-usb(?:v\d)?-\d+:(?P<ports>[\d.]+)(?::[\d.]+)?\Z")

_DISK = {
    "temperature": (N_("Temperature of the disk"), "Cel"),
    "hours": (N_("Hours of use of the disk"), "h"),
    "used": (N_("Wear of the disk"), "%"),
    "reallocated": (N_("Replaced sectors of the disk"), "1"),
    "damaged": (N_("Places of the disk that cannot be read"), "1"),
    "spare": (N_("Spare blocks left of the disk"), "%"),
}
USB_ERRORS = N_("USB errors in the last hour")


class Troubles:
    """Yields what is measured of the computer's own troubles, and remembers where devices were.

    Args:
        path: the file that the program with the rights writes.
        drift: the computer's clock less the seconds since its start.
        ext4: where the kernel tells the errors of its file systems.
    """

    def __init__(
        self, path: Path = WHERE, drift: Callable[[], float] = CLOCK.drift, ext4: Path = EXT4
    ) -> None:
        self._path = path
        self._drift = drift
        self._ext4 = ext4
        self._before = drift()
        self._told: float | None = None
        self._suffered: set[str] = set()
        self.places: dict[str, str] = {}
        self.read = Read("missing")

    def look(self, devices: Iterable[DeviceHandle]) -> None:
        """Take in in which ports devices are; of those that are pulled, where they were."""
        found = {}
        for device in devices:
            port = "" if device.found is None else device.found.port
            found[device.id] = port or self.places.get(device.id, "")
        self.places = found

    def values(self) -> Iterator[Value]:
        """Yield what is to be told now. Blocking."""
        self.read = read_report(self._path)
        yield from self._clock()
        errors = _file_systems(self._ext4)
        if errors is not None:
            yield _of("file_system_errors", N_("Errors of the file system"), "1", errors)
        report = self.read.report
        if report is None:
            return
        age = N_("Age of what the computer says of its disks and ports")
        yield _of("report_age", age, "s", self.read.age or 0.0)
        if self.read.state != "fresh" or report.uptime == self._told:
            return
        self._told = report.uptime
        yield from _disks(report.disks)
        if report.clock is not None:
            kept = N_("A time server keeps the clock right")
            yield _of("clock_synchronised", kept, "1", float(report.clock.synchronised))
            if report.clock.synchronised:
                wrong = N_("The clock is wrong by at most")
                yield _of("clock_error", wrong, "s", report.clock.at_most)
        if report.kernel_log == "ok":
            yield from self._usb(report)

    def of_port(self, port: UsbPort) -> str:
        """Return the device that is in a port, or behind the hub in it alone; else empty."""
        here = [id_ for id_, place in self.places.items() if is_in(place, port)]
        return here[0] if len(here) == 1 else ""

    def _usb(self, report: Report) -> Iterator[Value]:
        of_device: dict[str, float] = {}
        others = 0.0
        for port in report.usb:
            count = float(bad(port))
            device = self.of_port(port)
            if device:
                of_device[device] = of_device.get(device, 0.0) + count
            else:
                others = max(others, count)
        # Whose port was bad an hour ago is told that it is well now.
        for device in sorted(of_device.keys() | self._suffered):
            if device in self.places:
                series = SeriesInfo(device, "usb_errors", USB_ERRORS, "1")
                yield Value(series, of_device.get(device, 0.0))
        self._suffered = {device for device, count in of_device.items() if count}
        rest = N_("USB errors of devices that are not the hub's, in the last hour")
        yield _of("usb_errors_of_others", rest, "1", others)
        current = float(sum(port.over_current for port in report.usb))
        yield _of("usb_over_current", N_("USB ports that gave too much current"), "1", current)

    def _clock(self) -> Iterator[Value]:
        drift = self._drift()
        moved, self._before = abs(drift - self._before), drift
        jumped = SeriesInfo(COMPUTER, "clock_jumps", N_("Jumps of the clock"), "1", sums=True)
        if moved > JUMP:
            yield Value(jumped, 1.0)
            yield _of("clock_jump", N_("The clock jumped by"), "s", moved)


def is_in(place: str, port: UsbPort) -> bool:
    """Tell whether a device's place (udev's `ID_PATH`) is this port, or lies behind it."""
    found = _ID_PATH.match(place)
    if found is None or not port.under or not found["under"].endswith(port.under):
        return False
    ports = port.port.partition("-")[2]
    return found["ports"] == ports or found["ports"].startswith(f"{ports}.")


def bad(port: UsbPort) -> int:
    """Return how many of the last hour's events of a port are its cable's or its own fault."""
    gone = port.disconnects if port.disconnects >= STORM else 0
    return port.errors + port.over_current + gone


def _disks(disks: Iterable[Disk]) -> Iterator[Value]:
    for disk in disks:
        if disk.passed is not None:
            series = SeriesInfo(COMPUTER, f"disk.{disk.name}.failing", _titled(disk, _FAILING), "1")
            yield Value(series, float(not disk.passed))
        for name, (title, unit) in _DISK.items():
            value = getattr(disk, name)
            if value is not None:
                told = _titled(disk, title)
                yield Value(SeriesInfo(COMPUTER, f"disk.{disk.name}.{name}", told, unit), value)


_FAILING = N_("The disk says that it fails")


def _titled(disk: Disk, title: str) -> str:
    return f"{title}\n{disk.name}"


def _file_systems(ext4: Path) -> float | None:
    """Return how many errors ext4 has noted on its file systems since they were last checked."""
    found = None
    for file in ext4.glob("*/errors_count"):
        try:
            found = (found or 0.0) + float(file.read_text("ascii"))
        except (OSError, ValueError):
            continue
    return found


def _of(name: str, title: str, unit: str, value: float) -> Value:
    return Value(SeriesInfo(COMPUTER, name, title, unit), value)


def shown(troubles: Troubles, names: Mapping[str, str]) -> dict[str, object]:
    """Return what the page shows, as JSON-ready data.

    Args:
        troubles: as they were looked at last.
        names: of devices, by id.
    """
    read = troubles.read
    report = read.report
    if report is None:
        return {"state": read.state, "age": None, "smart": None, "kernel_log": None,
                "disks": [], "ports": [], "clock": None}  # fmt: skip
    age = read.age
    if age is not None and read.state == "fresh":
        age = max(0.0, time.clock_gettime(time.CLOCK_BOOTTIME) - report.uptime)
    ports = []
    for port in report.usb:
        device = troubles.of_port(port)
        ports.append(
            {**port.model_dump(include={"port", "errors", "over_current", "disconnects", "said"}),
             "device": device, "name": names.get(device, ""), "bad": bad(port)}
        )  # fmt: skip
    return {
        "state": read.state,
        "age": age,
        "smart": report.smart,
        "kernel_log": report.kernel_log,
        "disks": [{**disk.model_dump(), "damaged": disk.damaged} for disk in report.disks],
        "ports": ports,
        "clock": None if report.clock is None else report.clock.model_dump(),
    }
