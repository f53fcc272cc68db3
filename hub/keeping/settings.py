"""The settings of keeping: `[keeping]` in the settings file."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

_DAYS = 36_500


class KeepingSettings(BaseModel):
    """What is kept how long, and where backups go. 0 days: for ever."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    assets_days: int = Field(
        0, ge=0, le=_DAYS, description="Pictures and other assets are deleted then; 0: never."
    )
    recordings_days: int = Field(
        0, ge=0, le=_DAYS, description="Recordings of devices are deleted then; 0: never."
    )
    operations_days: int = Field(
        30, ge=1, le=_DAYS, description="What was under way is forgotten then."
    )
    audit_days: int = Field(
        366, ge=30, le=_DAYS, description="Entries of the audit log are deleted then."
    )
    backup_to: Path | None = Field(
        None, description="A folder, best on another disk, for a backup every day; none without."
    )
    backups_kept: int = Field(7, ge=1, le=1000, description="The newest so many backups stay.")
