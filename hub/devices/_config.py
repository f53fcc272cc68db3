"""What is configured of a device, and the state that it is in."""

import time
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from hub.device import Problem
from hub.ids import ID_PATTERN

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
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=ID_PATTERN)
    driver: str
    name: str = Field(default="", max_length=200)
    settings: dict[str, Any] = {}
    seat: str | None = None


class DeviceState(BaseModel):
    """How a device is: presence, reachability and health are three facts, not one.

    Attributes:
        presence: whether it is plugged in; `unknown` where nothing tells.
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
