"""What the routes of tables take and answer with."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from hub.plugin import Body
from plugins.touch.zones.zone import MOST_ZONES, Layout, Side

SeatName = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]+$"
    ),
]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Extent = Annotated[float, Field(ge=0.02, le=1, allow_inf_nan=False)]


class ZoneModel(BaseModel):
    """A part of a table. Places are fractions of the table, from its left and upper edge."""

    number: int = Field(ge=1, description="Also the user that TUIO 2.0 tells.")
    x: float
    y: float
    width: float
    height: float
    side: Side = Field(description="The edge at which its pupils stand and from which they read.")
    seat: str | None = Field(description="The name of the seat of who works there.")


class OwnZone(Body):
    """A zone as a teacher draws it; zones are numbered in their order."""

    x: Share
    y: Share
    width: Extent
    height: Extent
    side: Side = Side.BOTTOM
    seat: SeatName | None = None


class ZonesModel(BaseModel):
    """How a table is divided."""

    layout: Layout
    revision: int = Field(ge=0, description="Grows with every change; 0 before the first.")
    zones: list[ZoneModel]


class NewZones(Body):
    """How to divide a table."""

    layout: Layout
    revision: int = Field(ge=0, le=2**31, strict=True, description="The one that you have seen.")
    zones: list[OwnZone] = Field(
        default_factory=list, max_length=MOST_ZONES, description="Of the layout `own`."
    )
    seats: list[SeatName | None] = Field(
        default_factory=list, max_length=MOST_ZONES, description="Of the other layouts' zones."
    )


class SizeModel(BaseModel):
    """Millimetres."""

    width: float
    height: float


class TableModel(ZonesModel):
    """A touch table and how it is divided."""

    id: str
    name: str
    reachable: bool
    size: SizeModel | None = Field(description="Null where the table does not say.")


class TablesModel(BaseModel):
    """All touch tables."""

    items: list[TableModel]


class TuioWayModel(BaseModel):
    """A way by which TUIO leaves the hub."""

    by: Literal["udp", "websocket"]
    host: str
    port: int
    profiles: list[str]
    table: str | None = Field(description="The only table it is told of; null for all.")
    open: bool
    problem: str
    clients: int | None = Field(description="Connected by WebSocket.")
    sent: int = Field(description="Bundles since the hub started.")
    dropped: int


class TuioModel(BaseModel):
    """To whom TUIO is sent."""

    items: list[TuioWayModel]
