"""What the computer says of itself as root: the file that `classhub-computer.service` writes.

The hub's service has no rights, so a small program (`systemd/classhub-computer.py`) asks disks, the
kernel's log and the clock, and leaves its answer in a file. It is read as anything from outside is:
bounded, checked, and old where it is old.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

WHERE = Path("/run/classhub-computer/state.json")
LARGEST = 256 << 10
FRESH = 1200.0
"""Seconds: the program runs every five minutes."""
Count = Annotated[int, Field(ge=0, le=2**63)]


class _Said(BaseModel):
    """A newer program may say more: that is left out."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


class Disk(_Said):
    """A disk; what it does not tell is None.

    Attributes:
        name: the kernel's, such as `sda`. model: as it calls itself; untrusted text.
        passed: whether it believes itself to be sound.
        temperature: degrees Celsius. hours: in use.
        used: percent of the writing that it is made for; may be over 100.
        reallocated, pending, lost: sectors that were replaced, wait to be, cannot be read.
        media_errors: of NVMe: data that it could not give back.
        spare: of NVMe: percent of its spare blocks that are left.
    """

    name: str = Field(pattern=r"^[a-z0-9]{1,20}$")
    model: str = Field("", max_length=80)
    passed: bool | None = None
    temperature: float | None = Field(None, ge=-60, le=250)
    hours: Count | None = None
    used: float | None = Field(None, ge=0, le=255)
    reallocated: Count | None = None
    pending: Count | None = None
    lost: Count | None = None
    media_errors: Count | None = None
    spare: float | None = Field(None, ge=0, le=100)

    @property
    def damaged(self) -> int | None:
        """Places that cannot be read, or could not just now; None where it does not tell."""
        told = [one for one in (self.pending, self.lost, self.media_errors) if one is not None]
        return sum(told) if told else None


class UsbPort(_Said):
    """What the kernel said of a USB port in the last hour.

    Attributes:
        port: such as `1-2.3`: port 3 of the hub in port 2 of bus 1.
        under: what the bus hangs on, as udev names it: `0000:00:14.0`.
        errors, over_current, disconnects: how often. said: the newest of the first two.
    """

    port: str = Field(pattern=r"^\d{1,3}-\d{1,3}(\.\d{1,3}){0,8}$")
    under: str = Field("", max_length=80)
    errors: Count = 0
    over_current: Count = 0
    disconnects: Count = 0
    said: str = Field("", max_length=120)


class Clock(_Said):
    """The kernel's view of its clock.

    Attributes:
        synchronised: a time server keeps it right.
        offset: seconds that are still to be mended. at_most: by how many it may be wrong.
    """

    synchronised: bool
    offset: float = Field(ge=-1e9, le=1e9)
    at_most: float = Field(ge=0, le=1e9)


class Report(_Said):
    """The file.

    Attributes:
        uptime: seconds since the computer's start (CLOCK_BOOTTIME) when it was written.
        smart: whether disks could be asked; `missing`: smartctl is not installed.
        kernel_log: whether it could be read.
    """

    version: Literal[1] = Field(alias="schema")
    uptime: float = Field(ge=0, le=1e10)
    smart: Literal["ok", "missing", "failed"]
    disks: list[Disk] = Field(max_length=16)
    kernel_log: Literal["ok", "unreadable"]
    usb: list[UsbPort] = Field(max_length=64)
    clock: Clock | None = None


State = Literal["fresh", "stale", "missing", "bad"]


@dataclass(frozen=True, slots=True)
class Read:
    """What came of reading.

    Attributes:
        state: `missing`: the program is not installed, or has not run yet; `bad`: not its file.
        report: None unless it is fresh or stale.
        age: seconds since it was written, of the same.
    """

    state: State
    report: Report | None = None
    age: float | None = None


def read_report(path: Path = WHERE, uptime: float | None = None) -> Read:
    """Read the file. Blocking, and never raises: what is no such file is `bad`.

    Args:
        path: where it is.
        uptime: seconds since the computer's start; now where it is left out.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        return Read("missing")
    except OSError:
        return Read("bad")
    if len(data) > LARGEST:
        return Read("bad")
    try:
        report = Report.model_validate_json(data)
    except ValidationError:
        return Read("bad")
    now = time.clock_gettime(time.CLOCK_BOOTTIME) if uptime is None else uptime
    age = now - report.uptime
    # From the future it cannot be: that is another computer's file, or another start's.
    fresh = -1.0 <= age <= FRESH
    return Read("fresh" if fresh else "stale", report, max(age, 0.0))
