"""The clock, the kernel's modules, udev's rules, systemd."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from hub.clock import plausible
from hub.doctor._finding import Finding, failed, ok, skipped, warning

Run = Callable[[Sequence[str]], str | None]

RULES = tuple(
    Path(one)
    for one in (
        "/etc/udev/rules.d",
        "/run/udev/rules.d",
        "/usr/lib/udev/rules.d",
        "/lib/udev/rules.d",
    )
)
MODULES = {
    "cdc_acm": "printers and pens on USB (ttyACM)",
    "usbserial": "USB serial adapters (ttyUSB)",
    "uvcvideo": "USB microscopes and cameras",
    "usbhid": "tablets and touch tables",
}
SERVICE = "classhub.service"
COMPUTER_TIMER = Path("/etc/systemd/system/classhub-computer.timer")
COMPUTER_REPORT = Path("/run/classhub-computer/state.json")
_REPORT_FRESH = 1200.0
_REPORT_SIZE = 256 << 10
SYSTEMD = Path("/run/systemd/system")
_LIMIT = 10.0


def run(command: Sequence[str]) -> str | None:
    """Return what a program prints, None where it is not there or fails."""
    if shutil.which(command[0]) is None:
        return None
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_LIMIT, check=False, errors="replace"
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def clock(now: Callable[[], float] = time.time, run: Run = run) -> Finding:
    """The clock can be right, and something keeps it right."""
    seconds = now()
    shown = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
    if not plausible(seconds):
        return failed(
            "clock",
            f"it cannot be {shown}",
            "sudo timedatectl set-ntp true, or sudo date -s 'YYYY-MM-DD HH:MM'; the battery may"
            " be empty",
        )
    said = run(("timedatectl", "show", "--property=NTPSynchronized", "--value"))
    if said is not None and said.strip() == "no":
        return warning(
            "clock", f"{shown}; no time server keeps it right", "sudo timedatectl set-ntp true"
        )
    return ok("clock", shown)


def modules(
    wanted: Iterable[tuple[str, str]] = tuple(MODULES.items()),
    *,
    loaded: Path = Path("/sys/module"),
    installed: Path | None = None,
) -> Finding:
    """The kernel has the modules that devices need.

    Args:
        wanted: names and what they are for.
        loaded: where the kernel shows those that are loaded.
        installed: the folder of this kernel's modules.
    """
    folder = installed or Path("/lib/modules") / _kernel()
    there: set[str] = set()
    for listing in ("modules.dep", "modules.builtin"):
        try:
            lines = (folder / listing).read_text("utf-8", "replace").splitlines()
        except OSError:
            continue
        there.update(line.split(":")[0].rpartition("/")[2].split(".")[0] for line in lines)
    there = {name.replace("-", "_") for name in there}
    if loaded.is_dir():
        there |= {name for name, _ in wanted if (loaded / name).is_dir()}
    missing = [(name, what) for name, what in wanted if name not in there]
    if not missing:
        return ok("modules", ", ".join(name for name, _ in wanted))
    if not folder.is_dir():
        return skipped("modules", f"{folder} is not there: this may be a container")
    said = "; ".join(f"{name} ({what})" for name, what in missing)
    return warning(
        "modules",
        f"the kernel {folder.name} lacks {said}",
        "sudo apt install linux-image-amd64 (not the -cloud kernel), then restart the computer",
    )


def _kernel() -> str:
    return os.uname().release


def rules(folders: Iterable[Path] = RULES, *, hidraw: Path = Path("/sys/class/hidraw")) -> Finding:
    """The udev rules that give the hub its devices are installed."""
    found = installed_rules(folders)
    if found is not None:
        return ok("udev rules", str(found))
    mend = (
        "sudo cp systemd/70-classhub.rules /etc/udev/rules.d/"
        " && sudo udevadm control --reload && sudo udevadm trigger"
    )
    try:
        needed = any(hidraw.iterdir())
    except OSError:
        needed = False
    if needed:
        return warning(
            "udev rules", "not installed: only root can open devices that are read directly", mend
        )
    return skipped("udev rules", "not installed, and no device here needs them", mend)


def installed_rules(folders: Iterable[Path] = RULES) -> Path | None:
    """Return the file of our udev rules, None where they are not installed."""
    for folder in folders:
        for file in sorted(folder.glob("*classhub.rules")):
            return file
    return None


def service(*, systemd: Path = SYSTEMD, run: Run = run) -> Finding:
    """The service runs, where the hub is installed as one."""
    name = "service"
    if not systemd.is_dir():
        return skipped(name, "this computer does not run systemd")
    said = run(("systemctl", "show", SERVICE, "--property=LoadState,ActiveState,Result,NRestarts"))
    if said is None:
        return skipped(name, "systemctl does not answer")
    about = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
    if about.get("LoadState") != "loaded":
        return skipped(name, "the hub is not installed as a service")
    state = about.get("ActiveState", "unknown")
    if state == "failed":
        return failed(
            name,
            f"{SERVICE} has failed ({about.get('Result', 'unknown')})",
            "see why: journalctl -u classhub -n 50; then: sudo systemctl restart classhub",
        )
    restarts = about.get("NRestarts", "0")
    if state != "active":
        return warning(name, f"{SERVICE} is {state}", "sudo systemctl enable --now classhub")
    if restarts not in ("0", ""):
        return warning(
            name,
            f"{SERVICE} runs, and was started again {restarts} times",
            "see why: journalctl -u classhub -p warning",
        )
    return ok(name, f"{SERVICE} runs")


def computer(
    *,
    report: Path = COMPUTER_REPORT,
    timer: Path = COMPUTER_TIMER,
    uptime: Callable[[], float] = lambda: time.clock_gettime(time.CLOCK_BOOTTIME),
) -> Finding:
    """The computer says how its disks and USB ports are, and they are well.

    Args:
        report: the file that `classhub-computer.service` writes.
        timer: what starts it, where it is installed.
        uptime: seconds since the computer's start.
    """
    name = "disks and USB"
    if not timer.exists():
        return skipped(name, "the hub is not installed as a service")
    mend = "sudo systemctl enable --now classhub-computer.timer; journalctl -u classhub-computer"
    try:
        with report.open("rb") as file:
            said = json.loads(file.read(_REPORT_SIZE))
        age = uptime() - float(said["uptime"])
        disks = [(str(one["name"]), one.get("passed")) for one in said["disks"]]
        errors = {str(one["port"]): int(one["errors"]) for one in said["usb"]}
        smart = str(said["smart"])
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        return warning(name, f"{report} cannot be read: {type(error).__name__}", mend)
    if not -1 <= age <= _REPORT_FRESH:
        return warning(name, f"{report} is {age / 60:.0f} minutes old", mend)
    failing = [disk for disk, passed in disks if passed is False]
    if failing:
        return failed(
            name,
            f"says that it is about to fail: {', '.join(failing)}",
            "classhub backup, copy it to another computer, then have the disk replaced",
        )
    bad = [f"{port} ({count} errors in the hour)" for port, count in errors.items() if count > 3]
    if bad:
        return warning(name, f"bad USB cable or port: {', '.join(bad)}", "try another port, cable")
    if smart == "missing" and disks:
        return warning(name, "disks cannot be asked", "sudo apt install smartmontools")
    return ok(name, ", ".join(disk for disk, _ in disks) or "no disk that could be asked")
