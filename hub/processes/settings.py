"""What is set for driver processes: how much each may use."""

import re
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from hub.processes._limits import Limits

_UNITS = {"": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
_SIZE = re.compile(r"(\d{1,15}) ?(|KiB|MiB|GiB)\Z")


def _bytes(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = _SIZE.match(value.strip())
    if found is None:
        raise ValueError('must be a size such as "512 MiB"')
    return int(found[1]) * _UNITS[found[2]]


Size = Annotated[int, BeforeValidator(_bytes)]


class DriverLimits(BaseModel):
    """What one driver process may use, with all that it starts; see `Limits`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    memory: Size | None = Field(
        None, ge=64 << 20, le=1 << 40, description='Memory, such as "512 MiB".'
    )
    cpu: float | None = Field(
        None, ge=5, le=3600, description="Seconds of processor time that nobody asked for."
    )
    processes: int | None = Field(None, ge=1, le=1000, description="Programs that it has started.")
    files: int | None = Field(None, ge=64, le=1 << 16, description="Open files of each process.")


class DriversSettings(DriverLimits):
    """Limits of every driver process; `of` holds those of single drivers, by name."""

    of: dict[str, DriverLimits] = Field({}, max_length=100, description="By the driver's name.")

    def limits(self, driver: str) -> Limits:
        """Return what a process of this driver may use."""
        given = self.model_dump(exclude={"of"}, exclude_none=True)
        if driver in self.of:
            given |= self.of[driver].model_dump(exclude_none=True)
        return Limits(**given)
