"""Settings of the hub: from a TOML file, the environment (`CLASSHUB_…`) and the command line.

The command line wins over the environment, the environment over the file. `configs/classhub.toml`
shows every setting with its default.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from hub.devices import DeviceConfig
from hub.mqtt.settings import MqttSettings

PREFIX = "CLASSHUB_"
SERVICE_CONFIG = Path("/etc/classhub/classhub.toml")
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?$")


class SettingsError(Exception):
    """The settings are not right; the message names each place and what is allowed there."""


def _is_origin(text: str) -> str:
    if not _ORIGIN.match(text):
        raise ValueError("must be an origin such as https://school.example or http://10.0.0.5:3000")
    return text.lower()


Origin = Annotated[str, AfterValidator(_is_origin)]


def default_data() -> Path:
    """Return where the hub keeps its data when nobody says: the user's XDG data folder."""
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(home) / "classhub"


class PluginSettings(BaseModel):
    """What is set for one plugin: `enabled`, and whatever the plugin itself asks."""

    model_config = ConfigDict(extra="allow", frozen=True)

    enabled: bool = True


class Settings(BaseSettings):
    """All settings. Field names are those of the file, of `CLASSHUB_<NAME>` and of `--<name>`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    name: str = Field("Classroom", min_length=1, max_length=80, description="The hub's name.")
    language: Literal["kk", "ru", "en"] = Field(
        "kk", description="The language of whoever asks for none."
    )
    host: str = Field("127.0.0.1", min_length=1, description="The address to listen on.")
    port: int = Field(8420, ge=0, le=65535, description="The port; 0 takes any free one.")
    data: Path = Field(default_factory=default_data, description="Where everything is kept.")
    allowed_hosts: list[str] = Field(
        [], max_length=50, description="Further names that browsers may reach the hub by."
    )
    allowed_origins: list[Origin] = Field(
        [], max_length=50, description="Pages of other origins that may use the API."
    )
    join_url: str | None = Field(
        None, max_length=200, description="The address in a lesson's QR code, if not the hub's own."
    )
    lesson_hours: float = Field(12.0, gt=0, le=48, description="A lesson ends by itself then.")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    virtual: bool = Field(default=False, description="Start the virtual classroom too.")
    mqtt: MqttSettings = Field(MqttSettings(), description="MQTT: broker and topics.")
    devices: list[DeviceConfig] = Field([], max_length=200, description="The devices.")
    plugins: dict[str, PluginSettings] = Field({}, description="By the plugin's id.")


def load(config: Path | None = None, **options: Any) -> Settings:
    """Read the settings.

    Args:
        config: the file; None looks at `CLASSHUB_CONFIG`, then at the service's own file.
        options: of the command line; None means that one was not given.

    Raises:
        SettingsError: the file cannot be read, or a value is not allowed.
    """
    given = {name: value for name, value in options.items() if value is not None}
    file = _find(config)
    text, table = _read(file) if file is not None else ("", {})

    class Loaded(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the base's signature
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, env_settings, InitSettingsSource(settings_cls, dict(table))

    try:
        return Loaded(**given)
    except ValidationError as error:
        lines = [f"{_place(one['loc'], given, file, text)}: {_said(one)}" for one in error.errors()]
        raise SettingsError("\n".join(lines)) from None
    except ValueError as error:  # an environment variable of a list or table that is no JSON
        raise SettingsError(f"environment: {error}") from None


def _find(config: Path | None) -> Path | None:
    if config is not None:
        return config
    named = os.environ.get(PREFIX + "CONFIG")
    if named:
        return Path(named)
    return SERVICE_CONFIG if SERVICE_CONFIG.is_file() else None


def _read(file: Path) -> tuple[str, Mapping[str, Any]]:
    try:
        text = file.read_bytes().decode("utf-8")
        return text, tomllib.loads(text)
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{file}: is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: is not TOML: {error}") from None


def _said(error: Any) -> str:
    if error["type"] == "extra_forbidden":
        return "there is no such setting"
    message = str(error["msg"]).removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def _place(
    loc: tuple[str | int, ...], given: Mapping[str, Any], file: Path | None, text: str
) -> str:
    first = str(loc[0]) if loc else ""
    if first in given:
        return f"option --{first.replace('_', '-')}"
    for name in os.environ:
        if name.upper() == (PREFIX + first).upper() or name.upper().startswith(
            f"{PREFIX}{first}__".upper()
        ):
            return f"environment variable {name}"
    path = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in loc).lstrip(".")
    line = line_of(text, loc)
    where = f", line {line}" if line else ""
    return f"{file}{where}: {path}" if file is not None else path


def line_of(text: str, loc: tuple[str | int, ...]) -> int | None:
    """Return the line of a TOML text at which a setting stands, or the nearest table around it."""
    table: tuple[str | int, ...] = ()
    counts: dict[str, int] = {}
    best: tuple[int, int] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if match := re.match(r"\[\[\s*([^\]]+?)\s*\]\]", stripped):
            name = match[1]
            counts[name] = counts.get(name, -1) + 1
            table = (*_keys(name), counts[name])
            here = table
        elif match := re.match(r"\[\s*([^\]]+?)\s*\]", stripped):
            keys = _keys(match[1])
            parent = keys[0] if keys else ""
            table = (parent, counts[parent], *keys[1:]) if parent in counts else tuple(keys)
            here = table
        elif match := re.match(r"([A-Za-z0-9_.\"'-]+)\s*=", stripped):
            here = (*table, *_keys(match[1]))
        else:
            continue
        if here and here == loc[: len(here)] and (best is None or len(here) >= best[0]):
            best = (len(here), number)
    return best[1] if best else None


def _keys(dotted: str) -> list[str]:
    return [key.strip().strip("\"'") for key in dotted.split(".")]
