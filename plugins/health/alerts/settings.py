"""The settings of alerts: the table `[plugins.health.alerts]`, and destinations."""

import datetime as dt
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from plugins.health.alerts.rules import Severity

DestinationId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


def _is_address(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    scheme, sign, rest = text.partition("://")
    if not sign or not scheme or not rest or any(one.isspace() or ord(one) < 32 for one in text):
        raise ValueError("must be an address of Apprise, such as mailtos://… or tgram://…")
    return secret


class Destination(BaseModel):
    """Where messages go.

    Attributes:
        name: for people.
        address: of Apprise (`mailtos://…`, `tgram://…`, `workflows://…`, `json://…`); a secret.
        least: from which severity on. language: in which it is told.
        escalations_only: only what nobody took up in time.
        enabled: whether it is told anything.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=80)
    address: Annotated[SecretStr, Field(max_length=2000), AfterValidator(_is_address)]
    least: Severity = "warning"
    language: Literal["kk", "ru", "en"] | None = None
    escalations_only: bool = False
    enabled: bool = True


def _is_local(time: dt.time) -> dt.time:
    if time.tzinfo is not None:
        raise ValueError("must be the computer's local time, without a zone")
    return time


LocalTime = Annotated[dt.time, AfterValidator(_is_local)]


class QuietHours(BaseModel):
    """When only what is urgent is told; the computer's local time. It may go over midnight."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    begins: LocalTime
    ends: LocalTime

    def at(self, seconds: float) -> bool:
        """Tell whether it is quiet at a time, seconds since the epoch."""
        now = datetime.fromtimestamp(seconds).astimezone().time()
        if self.begins <= self.ends:
            return self.begins <= now < self.ends
        return now >= self.begins or now < self.ends


class AlertSettings(BaseModel):
    """What an engineer may set of alerts.

    Attributes:
        rules: folders of the school's own rules, over the shipped ones.
        quiet: hours in which only what is urgent is told; None: none.
        place: how messages name this room, such as "School 12, digital classroom".
        destinations: by their ids; more can be set on the page.
        grace: seconds after the start of the hub in which nothing fires.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    rules: list[Path] = Field([], max_length=20)
    quiet: QuietHours | None = None
    place: str = Field("", max_length=120)
    destinations: dict[DestinationId, Destination] = Field({}, max_length=20)
    grace: float = Field(20, ge=0, le=600)
