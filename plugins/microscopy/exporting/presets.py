"""What platforms take: a table that a school may change."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

FILE = Path(__file__).parent / "presets.toml"


class Preset(BaseModel):
    """The largest JPEG and the largest MP4 that a platform takes, as far as it is known."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=1, max_length=80)
    max_side: int = Field(ge=320, le=8192, description="Pixels of the longer side.")
    max_bytes: int = Field(ge=50_000, le=100_000_000, description="Of a picture.")
    max_video_bytes: int = Field(
        default=100_000_000, ge=1_000_000, le=4_000_000_000, description="Of a video."
    )
    source: str = Field(max_length=300, description="Where the figures come from.")
    verified: bool = Field(description="Somebody has uploaded such a file there.")


_TABLE = TypeAdapter(dict[str, Preset])


def presets(settings: Mapping[str, Any]) -> dict[str, Preset]:
    """Return the platforms: ours, changed and added to by `[plugins.microscopy.presets]`.

    Raises:
        ValidationError: a field of the settings is not right; the plugin is then switched off.
    """
    ours: dict[str, Any] = tomllib.loads(FILE.read_text("utf-8"))
    for name, changed in settings.get("presets", {}).items():
        ours[name] = {"source": "settings", "verified": False} | ours.get(name, {}) | changed
    return _TABLE.validate_python(ours)
