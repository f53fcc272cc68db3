"""The route of the computer's own troubles."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from hub.plugin import Devices, Requires, Role, Router
from plugins.health.watching.troubles import Troubles, shown


class DiskModel(BaseModel):
    """A disk; null is what it does not tell."""

    name: str = Field(examples=["sda"])
    model: str
    passed: bool | None = Field(description="Whether it believes itself to be sound (SMART).")
    temperature: float | None = Field(description="Degrees Celsius.")
    hours: int | None = Field(description="Of use.")
    used: float | None = Field(description="Percent of the writing that it is made for.")
    reallocated: int | None = Field(description="Sectors that were replaced.")
    damaged: int | None = Field(description="Places that cannot be read.")
    spare: float | None = Field(description="Percent of spare blocks left.")


class PortModel(BaseModel):
    """What the kernel said of a USB port in the last hour."""

    port: str = Field(examples=["1-2.3"])
    device: str = Field(description="The hub's device that is in it, or was; empty for none.")
    name: str
    errors: int
    over_current: int
    disconnects: int
    bad: int = Field(description="How many of them its cable or port is to blame for.")
    said: str = Field(description="The kernel's own words.")


class ClockModel(BaseModel):
    """The kernel's view of its clock."""

    synchronised: bool
    offset: float = Field(description="Seconds that are still to be mended.")
    at_most: float = Field(description="By how many seconds it may be wrong.")


class ComputerModel(BaseModel):
    """What the computer says of itself; see docs/health.md."""

    state: Literal["fresh", "stale", "missing", "bad"]
    age: float | None = Field(description="Seconds since it was said.")
    smart: Literal["ok", "missing", "failed"] | None = Field(
        description="Whether disks could be asked; `missing`: smartmontools is not installed."
    )
    kernel_log: Literal["ok", "unreadable"] | None
    disks: list[DiskModel]
    ports: list[PortModel]
    clock: ClockModel | None


def add_routes(router: Router, troubles: Troubles, devices: Devices) -> None:
    """Add the route to the plugin's."""

    @router.get(
        "/health/computer",
        operation_id="getHealthComputer",
        summary="How the hub's computer is",
        dependencies=[Requires(Role.ENGINEER)],
        response_model=ComputerModel,
    )
    async def computer() -> dict[str, Any]:
        """Its disks, its USB ports and its clock, as it said last."""
        return shown(troubles, {one.id: one.name for one in devices.list()})
