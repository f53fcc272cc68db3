"""The tables of the plugin. Times are seconds since the epoch as the hub believes them."""

from pathlib import Path
from typing import Any

from sqlalchemy import JSON, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from hub.store import Migrations


class Base(DeclarativeBase):
    """The base of this plugin's tables; it shares none with the hub."""

    metadata = MetaData()


class ZonesRow(Base):
    """How a touch table is divided. `zones`: see `zones.zone.Zone`."""

    __tablename__ = "touch_zones"

    device: Mapped[str] = mapped_column(primary_key=True)
    layout: Mapped[str]
    zones: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    revision: Mapped[int]
    changed: Mapped[float]


MIGRATIONS = Migrations.of_plugin("touch", Path(__file__).parent / "migrations", Base.metadata)
