"""What is set for MQTT."""

from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    model_validator,
)

from hub.ids import ID_PATTERN

PORTS = {"mqtt": 1883, "mqtts": 8883}


def _is_broker(text: str) -> str:
    try:
        parts = urlsplit(text)
        good = parts.scheme in PORTS and parts.hostname and parts.path in ("", "/")
        good = good and not (parts.username or parts.password or parts.query or parts.fragment)
        _ = parts.port
    except ValueError:
        good = False
    if not good:
        raise ValueError(
            "must be an address such as mqtt://10.0.0.2:1883 or mqtts://broker.example"
        )
    return text


class MqttSettings(BaseModel):
    """MQTT: the hub's own broker, or that of a school or district."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = True
    url: Annotated[str, AfterValidator(_is_broker)] | None = Field(
        None, max_length=200, description="A broker elsewhere; left out, the hub runs its own."
    )
    username: str | None = Field(None, max_length=200, description="For the broker at `url`.")
    password: SecretStr | None = Field(None, description="For the broker at `url`.")
    tls_ca: Path | None = Field(
        None, description="Who vouches for an mqtts:// broker; the computer's own list if left out."
    )
    host: str = Field(
        "127.0.0.1",
        pattern=r"^[A-Za-z0-9.:_-]{1,253}$",
        description="Where the hub's own broker listens.",
    )
    port: int = Field(
        1883, ge=0, le=65535, description="The port of the hub's own broker; 0 takes a free one."
    )
    tls_certificate: Path | None = Field(
        None, description="Opens an mqtts:// listener too: the certificate, a PEM file."
    )
    tls_key: Path | None = Field(None, description="The certificate's key, a PEM file.")
    tls_port: int = Field(
        8883, ge=0, le=65535, description="The port of that listener; 0 takes a free one."
    )
    site: str = Field("school", pattern=ID_PATTERN, description="The school, in every topic.")
    hub: str | None = Field(
        None, pattern=ID_PATTERN, description="The hub, in every topic; left out, its id."
    )
    commands_from_foreign_broker: bool = Field(
        default=False,
        description="Take commands from the broker at `url`, whose rights the hub does not manage.",
    )

    @model_validator(mode="after")
    def _certificate_has_a_key(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key belong together")
        return self

    @property
    def plain_host(self) -> str:
        """Where the hub's own broker listens without TLS: this computer alone where it has TLS."""
        if self.tls_certificate is None:
            return self.host
        return "::1" if ":" in self.host else "127.0.0.1"
