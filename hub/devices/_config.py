"""What is configured of a device, and the state that it is in."""

import time
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from hub.device import Problem
from hub.ids import ID_PATTERN

IDENTITY = (
    r"^(usb:[0-9a-f]{4}:[0-9a-f]{4}[:@].{1,400}|mdns:_[A-Za-z0-9-]+\._(tcp|udp)\.local\.:.{1,100})$"
)
_OF_THE_BUS = ("hub", "state", "operations", "lessons", "people", "groups", "assets", "discoveries")
RESERVED = frozenset((*_OF_THE_BUS, "school", "cmd", "reply", "x"))
"""First levels of the hub's own topics: no device is called so."""


def _not_reserved(id_: str) -> str:
    if id_ in RESERVED:
        raise ValueError(f"{id_} is what the hub calls topics of its own: choose another id")
    return id_


DeviceId = Annotated[str, Field(pattern=ID_PATTERN), AfterValidator(_not_reserved)]
Presence = Literal["present", "absent", "unknown"]
ProcessState = Literal["starting", "running", "restarting", "fault", "stopped"]


class DeviceConfig(BaseModel):
    """One device as the engineer configured it.

    Attributes:
        id: opaque, never changes; the first level of its topics and addresses.
        driver: the name of its driver's entry point.
        name: what people call it; untrusted text, may be empty.
        settings: what its driver's `Settings` ask; checked in the driver's process.
        seat: where it stands, None where that is not said.
        identity: which device it is of those that discovery finds; None where the settings say
            where it is.
        replay: a recording that is played in place of the device, again and again; see
            docs/recording.md. Without `settings` those of the recording are used.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: DeviceId
    driver: str
    name: str = Field(default="", max_length=200)
    settings: dict[str, Any] = {}
    seat: str | None = None
    identity: str | None = Field(default=None, pattern=IDENTITY, max_length=600)
    replay: Path | None = None


class DeviceState(BaseModel):
    """How a device is: presence, reachability and health are three facts, not one.

    Attributes:
        presence: whether it is plugged in, or announces itself; `unknown` where nothing tells.
        reachable: its driver has a connection to it.
        problem: why it is not reachable, or what is wrong with its driver.
        health: what the device says of itself, None when it is well.
        since: when `reachable`, `problem`, `health` or `process` last changed, epoch seconds.
        process: how its driver's process is.
    """

    model_config = ConfigDict(frozen=True)

    presence: Presence = "unknown"
    reachable: bool = False
    problem: Problem | None = None
    health: Problem | None = None
    since: float = Field(default_factory=time.time)
    process: ProcessState = "stopped"
