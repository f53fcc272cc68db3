"""What is set: where the district is, and what it is told."""

import re
import ssl
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.x509.oid import NameOID
from pydantic import BaseModel, ConfigDict, Field, model_validator

from hub.plugin import N_, HubError

Sort = Literal["summary", "health", "uptime", "alerts"]
EVERYTHING: tuple[Sort, ...] = ("summary", "health", "uptime", "alerts")
PORT = 8883
_URL = r"^mqtts://[A-Za-z0-9.-]+(:[0-9]{1,5})?$"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class CertificateUnusable(HubError):
    """The certificate of the uplink, its key or the district's authority cannot be used."""

    code = "district-certificate-unusable"
    status = 503
    title = N_("The certificate for the district cannot be used.")
    hint = N_("{why} Ask the district for a certificate and put its files where the settings say.")


class DistrictSettings(BaseModel):
    """`[plugins.district]`.

    Attributes:
        url: of the district's broker, `mqtts://host:port`; None: nothing is told.
        ca: who vouches for the broker. certificate, key: of this hub, PEM; the certificate's
            common name is the hub's name at the district.
        school: as the district calls it.
        send: what is told. names: also what devices are called and what alerts say, in words that
            people of the school have chosen.
        confirmed_by: who says that a record is safe: the `collector` when it is in the district's
            database, or the `broker` when it has taken it.
        keep: how many records wait at most.
        uptime_minutes: how long a stretch of uptime is. summary_minutes: at the latest, another
            summary.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str | None = Field(None, pattern=_URL, max_length=200)
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    school: str = Field("", max_length=80)
    send: tuple[Sort, ...] = EVERYTHING
    names: bool = False
    confirmed_by: Literal["collector", "broker"] = "collector"
    keep: int = Field(50_000, ge=100, le=1_000_000)
    uptime_minutes: int = Field(60, ge=1, le=1440)
    summary_minutes: int = Field(15, ge=1, le=1440)

    @model_validator(mode="after")
    def _whole(self) -> "DistrictSettings":
        wanted = {"ca": self.ca, "certificate": self.certificate, "key": self.key}
        missing = [name for name, value in wanted.items() if value is None]
        if not self.school:
            missing.append("school")
        if self.url is not None and missing:
            raise ValueError(f"with url, these must be set too: {', '.join(missing)}")
        return self

    @property
    def place(self) -> tuple[str, int]:
        """Host and port of the broker."""
        host, _, port = (self.url or "").removeprefix("mqtts://").partition(":")
        return host, int(port or PORT)


def name_of(certificate: Path) -> str:
    """Return the hub's name at the district: its certificate's common name. Blocking.

    Raises:
        CertificateUnusable: it cannot be read, or the name has other characters than small letters,
            digits and dashes.
    """
    try:
        found = x509.load_pem_x509_certificate(certificate.read_bytes())
    except (OSError, ValueError) as error:
        raise _unusable(certificate, error) from error
    names = found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    name = str(names[0].value) if names else ""
    if _NAME.fullmatch(name) is None:
        raise _unusable(certificate, ValueError(f"its common name is {name[:80]!r}"))
    return name


def tls_of(settings: DistrictSettings) -> ssl.SSLContext:
    """Return how the uplink is made safe. Blocking.

    Raises:
        CertificateUnusable: one of the files cannot be used.
    """
    assert settings.certificate is not None  # noqa: S101 - it is set where `url` is
    try:
        made = ssl.create_default_context(cafile=str(settings.ca))
        made.minimum_version = ssl.TLSVersion.TLSv1_2
        made.load_cert_chain(str(settings.certificate), str(settings.key), password=_no_password)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise _unusable(settings.certificate, error) from error
    return made


def _no_password() -> str:
    raise ValueError("its key is encrypted, and the hub has no password for it")


def _unusable(file: Path, error: Exception) -> CertificateUnusable:
    said = str(error) if isinstance(error, ValueError) else (getattr(error, "strerror", "") or "")
    why = f"{file.name}: {said or type(error).__name__}."
    return CertificateUnusable(why, why=why)
