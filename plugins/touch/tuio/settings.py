"""What an engineer sets of TUIO: `[plugins.touch.tuio]`."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Port = Annotated[int, Field(ge=1, le=65535)]


class Profile(StrEnum):
    """A way of saying what touches.

    Programs that understand several take one finger for several: send each what it wants.
    """

    CURSORS = "2Dcur"
    BLOBS = "2Dblb"
    TUIO2 = "2.0"


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Target(_Settings):
    """A program that listens by UDP.

    Attributes:
        host, port: where; this computer, and TUIO's own port.
        profiles: what it is sent.
        table: the id of the only table that it is told of, None for all.
    """

    host: str = Field("127.0.0.1", min_length=1, max_length=253)
    port: Port = 3333
    profiles: frozenset[Profile] = frozenset({Profile.CURSORS})
    table: str | None = None


class Listener(_Settings):
    """Where programs and pages connect by WebSocket.

    Attributes:
        host, port: on which connections are taken.
        profiles, table: as of a target.
        origins: of pages that may connect, such as `https://lessons.example`; programs that are no
            pages, and pages of this computer (`http://localhost`), may always.
    """

    host: str = Field("127.0.0.1", min_length=1, max_length=253)
    port: Annotated[int, Field(ge=0, le=65535)] = 3343
    profiles: frozenset[Profile] = frozenset({Profile.CURSORS})
    table: str | None = None
    origins: tuple[str, ...] = ()


class TuioSettings(_Settings):
    """Attributes: udp: who is sent to. websocket: off unless it is set."""

    udp: tuple[Target, ...] = Field((Target(),), max_length=16)
    websocket: Listener | None = None


class TouchSettings(_Settings):
    """`[plugins.touch]`. `enabled` is the hub's."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    tuio: TuioSettings = TuioSettings()
    results_days: int = Field(
        0, ge=0, le=36_500, description="Games and their results go after so long; 0: never."
    )
