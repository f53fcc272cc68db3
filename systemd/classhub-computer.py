"""What only root may ask the hub's computer: its disks, what the kernel says of USB, its clock.

`classhub-computer.timer` starts it every five minutes; it asks, writes one small file, and ends.
The hub, which has no rights, reads it (`plugins/health/watching/report.py` says what is in it).
Nothing but the standard library: it runs as root, and what it runs is this file and smartctl.

Disks: `smartctl --json` of Debian's smartmontools (smartctl(8), its JSON since 7.0); a disk that
sleeps is not woken. USB: records of /dev/kmsg (Linux, Documentation/ABI/testing/dev-kmsg), whose
times are seconds since the start, so that a clock that jumps changes nothing. Clock: adjtimex(2),
read only.
"""

import argparse
import ctypes
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

SCHEMA = 1
WITHIN = 3600.0
"""Seconds: how far back the kernel's log is counted."""
MOST_DISKS, MOST_PORTS, MOST_RECORDS = 16, 64, 50_000
SMART_LIMIT = 20.0
_DISK = re.compile(r"(sd[a-z]+|nvme\d+n\d+|hd[a-z])\Z")
# dev-kmsg: "priority and facility,number,microseconds,flags;text".
_RECORD = re.compile(r"(?P<level>\d+),(?P<number>\d+),(?P<at>\d+),[^;]*;(?P<text>.*)")
# A device: "usb 1-2.3: …"; a port of a hub: "usb 1-2-port3: …", of the computer: "usb usb1-port3:
# …"; of a hub before Linux 3.11: "hub 1-2:1.0: over-current change on port 3".
_DEVICE = re.compile(r"usb (?P<path>\d+-[\d.]+): (?P<said>.*)")
_PORT = re.compile(r"usb (?P<hub>usb\d+|\d+-[\d.]+)-port(?P<port>\d+): (?P<said>.*)")
_HUB = re.compile(r"hub (?P<hub>\d+-[\d.]+):\d+\.\d+: (?P<said>.*) (?:on|of) port (?P<port>\d+)")
# drivers/usb/core/hub.c, message.c. Each line is one failed attempt; a bad cable makes a dozen.
_ERRORS = re.compile(
    r"device descriptor read/\w+, error -\d+|device not accepting address|unable to enumerate"
    r"|Device not responding to setup address|cannot enable|cannot reset|disabled by hub \(EMI"
    r"|can't set config #\d+, error|can't read configurations"
)
_OVER_CURRENT = re.compile(r"over-current")
_GONE = re.compile(r"USB disconnect, device number")
# Attributes of ATA disks (smartctl -A): sectors that were replaced, wait for it, are lost.
_REALLOCATED, _PENDING, _LOST = 5, 197, 198
# Of solid-state disks, where the normalised value counts down from 100: wear levelling (Samsung),
# life left (Kingston and others), media wear-out (Intel).
_LIFE = (231, 233, 177)
_STA_UNSYNC, _STA_NANO = 0x0040, 0x2000


def main() -> None:
    """Look at everything, and write down what was found."""
    parser = argparse.ArgumentParser(description="What the hub's computer says of itself.")
    parser.add_argument("--to", type=Path, default=Path("/run/classhub-computer/state.json"))
    parser.add_argument("--kmsg", type=Path, default=Path("/dev/kmsg"), help="for trials")
    parser.add_argument("--sys", type=Path, default=Path("/sys"), help="for trials")
    parser.add_argument("--smartctl", default=None, help="for trials")
    options = parser.parse_args()
    program = options.smartctl or shutil.which("smartctl", path="/usr/sbin:/sbin:/usr/bin")
    smart, disks = look_at_disks(program, disk_names(options.sys))
    log, ports = look_at_usb(options.kmsg, options.sys)
    write(
        options.to,
        {
            "schema": SCHEMA,
            "uptime": round(time.clock_gettime(time.CLOCK_BOOTTIME), 1),
            "smart": smart,
            "disks": disks,
            "kernel_log": log,
            "usb": ports,
            "clock": look_at_clock(),
        },
    )


def disk_names(sys: Path) -> list[str]:
    """Return the kernel's names of the disks that are built in, memory sticks left out."""
    found = [
        disk.name
        for disk in sorted((sys / "block").glob("*"))
        if _DISK.match(disk.name) and "/usb" not in str(disk.resolve())
    ]
    return found[:MOST_DISKS]


def look_at_disks(program: str | None, names: Iterable[str]) -> tuple[str, list[dict[str, Any]]]:
    """Return whether disks could be asked (`ok`, `missing`, `failed`), and what each says."""
    names = list(names)
    if program is None:
        return "missing", [{"name": name} for name in names]
    disks, failed = [], False
    for name in names:
        command = [program, "--json=c", "-i", "-H", "-A", "-n", "standby", f"/dev/{name}"]
        try:
            done = subprocess.run(
                command,
                check=False,
                capture_output=True,
                timeout=SMART_LIMIT,
                stdin=subprocess.DEVNULL,
            )
            said = json.loads(done.stdout)
            failed = failed or refused(said)
            disks.append({"name": name, **of_smartctl(said)})
        except (OSError, ValueError, subprocess.TimeoutExpired):
            failed = True
            disks.append({"name": name})
    return ("failed" if failed else "ok"), disks


def refused(said: Any) -> bool:
    """Tell whether smartctl could not open a disk (bit 1 of its exit status); sleep is none.

    Without the right to ask an ATA disk smartctl takes it for a SCSI one, has nothing to say, and
    calls that a success.
    """
    if "STANDBY" in json.dumps(_at(said, "smartctl", "messages") or "").upper():
        return False
    status = _at(said, "smartctl", "exit_status")
    return (isinstance(status, int) and bool(status & 2)) or not of_smartctl(said)


def of_smartctl(said: Any) -> dict[str, Any]:
    """Return what is of use in smartctl's JSON; what it does not say is left out."""
    found: dict[str, Any] = {}
    model = _at(said, "model_name") or _at(said, "scsi_model_name")
    if isinstance(model, str):
        found["model"] = model[:80]
    passed = _at(said, "smart_status", "passed")
    if isinstance(passed, bool):
        found["passed"] = passed
    nvme = "nvme_smart_health_information_log"
    attributes = {
        one["id"]: one
        for one in _at(said, "ata_smart_attributes", "table") or ()
        if isinstance(one, dict) and isinstance(one.get("id"), int)
    }
    used = _at(said, "endurance_used", "current_percent")
    if used is None:
        used = _at(said, nvme, "percentage_used")
    if used is None and _at(said, "rotation_rate") == 0:
        left = next((_at(attributes[one], "value") for one in _LIFE if one in attributes), None)
        if isinstance(left, int) and 0 <= left <= 100:
            used = 100 - left
    numbers = {
        "temperature": _at(said, "temperature", "current"),
        "hours": _at(said, "power_on_time", "hours"),
        "used": used,
        "reallocated": _raw(attributes, _REALLOCATED),
        "pending": _raw(attributes, _PENDING),
        "lost": _raw(attributes, _LOST),
        "media_errors": _at(said, nvme, "media_errors"),
        "spare": _at(said, nvme, "available_spare"),
    }
    found |= {name: value for name, value in numbers.items() if _is_number(value)}
    return found


def look_at_usb(kmsg: Path, sys: Path) -> tuple[str, list[dict[str, Any]]]:
    """Return whether the kernel's log could be read, and what it says of each USB port."""
    now = time.clock_gettime(time.CLOCK_MONOTONIC)
    try:
        ports = of_kernel(records(kmsg), now)
    except OSError:
        return "unreadable", []
    for one in ports:
        one["under"] = controller(sys, one["port"])
    return "ok", ports


def records(kmsg: Path) -> Iterator[str]:
    """Yield the records that the kernel still has, the oldest first, without waiting for more."""
    handle = os.open(kmsg, os.O_RDONLY | os.O_NONBLOCK)
    rest = b""
    try:
        for _ in range(MOST_RECORDS):
            try:
                read = os.read(handle, 8192)
            except BlockingIOError:
                break
            except BrokenPipeError:
                continue  # what was to be read is overwritten; the next call goes on behind it
            if not read:
                break
            *lines, rest = (rest + read).split(b"\n")
            yield from (line.decode("utf-8", "replace") for line in lines)
    finally:
        os.close(handle)


def of_kernel(lines: Iterable[str], now: float) -> list[dict[str, Any]]:
    """Count what the kernel said of each USB port in the last hour, the worst first.

    Args:
        lines: records of /dev/kmsg; those of other programs (facility not 0) are left out.
        now: seconds since the start, as the records count them.
    """
    ports: dict[str, dict[str, Any]] = {}
    for line in lines:
        record = _RECORD.match(line)
        if record is None or int(record["level"]) >> 3:
            continue
        at = int(record["at"]) / 1e6
        if not now - WITHIN <= at <= now + 1:
            continue
        port, said = _place(record["text"])
        what = _sort(said)
        if port is None or what is None:
            continue
        one = ports.setdefault(
            port, {"port": port, "errors": 0, "over_current": 0, "disconnects": 0}
        )
        one[what] += 1
        if what != "disconnects":
            one["said"] = said[:120]
    order = sorted(
        ports.values(), key=lambda one: -(one["errors"] + one["over_current"] + one["disconnects"])
    )
    return order[:MOST_PORTS]


def controller(sys: Path, port: str) -> str:
    """Return what the bus of a port hangs on, as udev's ID_PATH names it: "0000:00:14.0"."""
    bus = sys / "bus/usb/devices" / f"usb{port.partition('-')[0]}"
    return bus.resolve().parent.name if bus.exists() else ""


def look_at_clock() -> dict[str, Any] | None:
    """Return whether something keeps the clock right, and by how much it may be wrong (seconds)."""

    class Timex(ctypes.Structure):
        # adjtimex(2); the rest is room that is not looked at.
        _fields_ = (
            ("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long),
            ("maxerror", ctypes.c_long), ("esterror", ctypes.c_long), ("status", ctypes.c_int),
            ("rest", ctypes.c_char * 256),
        )  # fmt: skip

    timex = Timex()
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex))
    except (OSError, AttributeError):
        return None
    if state < 0:
        return None
    unit = 1e9 if timex.status & _STA_NANO else 1e6
    return {
        "synchronised": not timex.status & _STA_UNSYNC,
        "offset": timex.offset / unit,
        "at_most": timex.maxerror / 1e6,
    }


def write(to: Path, found: dict[str, Any]) -> None:
    """Put the file in its place in one step, for everybody to read."""
    new = to.with_name(f".{to.name}.new")
    new.write_text(json.dumps(found) + "\n", "utf-8")
    new.chmod(0o644)
    new.replace(to)


def _place(text: str) -> tuple[str | None, str]:
    """Return which port a line is about ("1-2.3"), and what it says."""
    port = _PORT.match(text) or _HUB.match(text)
    if port is not None:
        hub = port["hub"]
        path = f"{hub[3:]}-{port['port']}" if hub.startswith("usb") else f"{hub}.{port['port']}"
        if hub.endswith("-0"):  # the computer's own hub: "1-0"
            path = f"{hub[:-2]}-{port['port']}"
        return path, port["said"]
    device = _DEVICE.match(text)
    return (None, "") if device is None else (device["path"], device["said"])


def _sort(said: str) -> str | None:
    if _OVER_CURRENT.search(said):
        return "over_current"
    if _ERRORS.search(said):
        return "errors"
    return "disconnects" if _GONE.search(said) else None


def _raw(attributes: dict[int, Any], id_: int) -> Any:
    return _at(attributes.get(id_), "raw", "value")


def _at(data: Any, *path: str) -> Any:
    for name in path:
        data = data.get(name) if isinstance(data, dict) else None
    return data


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


if __name__ == "__main__":
    main()
