"""The plugin's settings: the table `[plugins.health]`."""

from pydantic import BaseModel, ConfigDict, Field

from plugins.health.uptime import SchoolHours


class HealthSettings(BaseModel):
    """What an engineer may set.

    Attributes:
        hours: when the school needs its devices; uptime is counted in these.
        history_days: for how long what was measured is kept at most.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    hours: SchoolHours = SchoolHours()
    history_days: int = Field(800, ge=0, le=36_500)
