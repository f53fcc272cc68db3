"""The plugin's settings: the table `[plugins.health]`."""

import datetime as dt
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from plugins.health.alerts.settings import AlertSettings
from plugins.health.network.settings import NetworkSettings
from plugins.health.uptime import SchoolHours
from plugins.health.watching.report import WHERE


class HealthSettings(BaseModel):
    """What an engineer may set.

    Attributes:
        hours: when the school needs its devices; uptime is counted in these.
        check_at: when all devices are tried on each school day, the computer's local time; None
            tries them only when somebody asks.
        check_on_screen: the class's screen shows what the check at that time has found, unless
            something is shown there; until a lesson starts.
        history_days: for how long what was measured is kept at most.
        report: the file in which the computer says how its disks, USB ports and clock are.
        alerts: who is told when something is wrong.
        network: who is asked on the network, and against whom the internet's speed is measured.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    hours: SchoolHours = SchoolHours()
    check_at: dt.time | None = None
    check_on_screen: bool = False
    history_days: int = Field(800, ge=0, le=36_500)
    report: Path = WHERE
    alerts: AlertSettings = AlertSettings()
    network: NetworkSettings = NetworkSettings()

    @model_validator(mode="after")
    def _speed_outside_school(self) -> "HealthSettings":
        at = None if self.network.speed is None else self.network.speed.at
        if at is not None and self.hours.begins <= at < self.hours.ends:
            raise ValueError("`network.speed.at` must lie outside of the school's `hours`")
        return self
