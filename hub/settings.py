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

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr, ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from hub.devices import DeviceConfig
from hub.discovery.settings import DiscoverySettings
from hub.keeping.settings import KeepingSettings
from hub.mqtt.settings import MqttSettings
from hub.network.settings import MetricsAccess, TlsSettings
from hub.processes.settings import DriversSettings
from hub.settings_errors import Sources

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
    announce: bool = Field(
        default=True, description="Tell of the hub by mDNS where it is open to the network."
    )
    tls: TlsSettings = Field(TlsSettings(), description="HTTPS: certificate and key.")
    metrics: MetricsAccess = Field(
        "token", description="Who may read /metrics: engineers, also this computer, or nobody."
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = Field(
        "text", description="Lines for people, or JSON for programs."
    )
    virtual: bool = Field(default=False, description="Start the virtual classroom too.")
    fault_injection: bool = Field(
        default=False, description="Admins may spoil devices' connections, to test."
    )
    mqtt: MqttSettings = Field(MqttSettings(), description="MQTT: broker and topics.")
    keeping: KeepingSettings = Field(
        KeepingSettings(), description="Backups, and how long things are kept."
    )
    discovery: DiscoverySettings = Field(
        DiscoverySettings(), description="Where to look for devices."
    )
    drivers: DriversSettings = Field(
        DriversSettings(), description="What the processes of drivers may use."
    )
    devices: list[DeviceConfig] = Field([], max_length=200, description="The devices.")
    plugins: dict[str, PluginSettings] = Field({}, description="By the plugin's id.")

    _file: Path | None = PrivateAttr(None)

    @property
    def file(self) -> Path | None:
        """The settings file that was read; None where there is none."""
        return self._file


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
        _file: Path | None = PrivateAttr(file)

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
        lines = [_sources(given, file, text).told(one) for one in error.errors(include_url=False)]
        raise SettingsError("\n".join(lines)) from None
    except ValueError as error:  # an environment variable of a list or table that is no JSON
        raise SettingsError(_sources(given, file, text).unreadable(error)) from None


def _sources(given: Mapping[str, Any], file: Path | None, text: str) -> Sources:
    return Sources(given, PREFIX, file, text, Settings.model_json_schema())


def _find(config: Path | None) -> Path | None:
    if config is not None:
        return config
    named = os.environ.get(PREFIX + "CONFIG")
    if named:
        return Path(named)
    try:
        return SERVICE_CONFIG if SERVICE_CONFIG.is_file() else None
    except PermissionError:  # it is not for us to see; reading it says so
        return SERVICE_CONFIG


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
