"""What somebody may want of a print."""

from typing import Annotated, Any

from pydantic import Field, ValidationError

from hub.errors import Invalid
from hub.plugin import Body

Word = Annotated[str, Field(max_length=60, pattern=r"^\w[\w .+()-]*$")]


class JobSettings(Body):
    """What the slicer is told; what is left out is the profile's."""

    profile: Word | None = Field(None, description="An id of `GET /print-profiles`.")
    material: Word | None = Field(None, description="Such as PLA.")
    infill: int | None = Field(None, ge=0, le=100, description="Percent.")
    supports: bool | None = None
    brim: bool | None = None
    scale: float | None = Field(None, gt=0, le=1000)
    copies: int | None = Field(None, ge=1, le=50)


def settings_of(text: str) -> JobSettings:
    """Return settings that came as JSON text in a form. Raises `Invalid`."""
    if not text.strip():
        return JobSettings()
    try:
        return JobSettings.model_validate_json(text)
    except ValidationError as error:
        errors = [
            {
                "field": ".".join(["settings", *(str(part)[:40] for part in one["loc"])]),
                "message": one["msg"][:200],
            }
            for one in error.errors()[:10]
        ]
        raise Invalid("the settings are not right", errors=errors) from None


def kept(settings: JobSettings) -> dict[str, Any]:
    """Return settings as they are kept: only what was said."""
    return settings.model_dump(exclude_none=True)
