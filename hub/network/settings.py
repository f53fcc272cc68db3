"""Settings of the class network."""

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

MetricsAccess = Literal["token", "loopback", "off"]


class TlsSettings(BaseModel):
    """HTTPS: on where a certificate is named."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    certificate: Path | None = Field(
        None, description="PEM: the hub's certificate, then those that lead to its issuer."
    )
    key: Path | None = Field(
        None, description="PEM, without a password; left out where the certificate's file has it."
    )

    @model_validator(mode="after")
    def _certificate_first(self) -> Self:
        if self.key is not None and self.certificate is None:
            raise ValueError("`key` is set, and `certificate` is missing")
        return self
