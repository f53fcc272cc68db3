"""The last lines of a device's log."""

from typing import Any, Literal

from pydantic import BaseModel

from hub.api.context import TheHub
from hub.api.models import Id
from hub.api.routing import PREFIX, Router
from hub.api.security import Requires
from hub.clock import rfc3339
from hub.device import Role

router = Router(prefix=PREFIX, tags=["Devices"])


class LogLine(BaseModel):
    """One line; `text` was written by the driver."""

    time: str
    level: Literal["debug", "info", "warning", "error"]
    text: str


class DeviceLog(BaseModel):
    """The last lines, the oldest first."""

    lines: list[LogLine]


@router.get(
    "/devices/{device}/log",
    operation_id="getDeviceLog",
    summary="The last lines of a device's log",
    response_model=DeviceLog,
    dependencies=[Requires(Role.ENGINEER)],
)
async def log(hub: TheHub, device: Id) -> dict[str, Any]:
    """What its driver said, 500 lines at most; of a driver that serves several devices, of all."""
    handle = hub.devices.get(device)
    names = [handle.id]
    if handle.driver is not None and handle.driver.isolation == "driver":
        names.append(handle.driver_name)
    lines = [
        {"time": rfc3339(line.time), "level": line.level, "text": line.text}
        for line in hub.logs.lines(*names)
    ]
    return {"lines": lines}
