"""The plugin's tables."""

from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Index, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from hub.store import Migrations


class Base(DeclarativeBase):
    """The base of this plugin's tables; it shares none with the hub."""

    metadata = MetaData()


class ItemRow(Base):
    """A thing that somebody answers for: see `items.Item`."""

    __tablename__ = "inventory_item"

    id: Mapped[str] = mapped_column(primary_key=True)
    device: Mapped[str | None] = mapped_column(unique=True)
    kind: Mapped[str]
    name: Mapped[str]
    number: Mapped[str]
    serial: Mapped[str]
    maker: Mapped[str]
    model: Mapped[str]
    firmware: Mapped[str]
    quantity: Mapped[int]
    purchased: Mapped[date | None]
    price: Mapped[float | None]
    warranty: Mapped[date | None]
    room: Mapped[str]
    responsible: Mapped[str]
    notes: Mapped[str]
    revision: Mapped[int]
    changed: Mapped[float]


class EntryRow(Base):
    """A line of an item's service log: see `items.Entry`."""

    __tablename__ = "inventory_entry"
    __table_args__ = (Index("inventory_entry_item", "item", "id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    item: Mapped[str]
    kind: Mapped[str]
    day: Mapped[date]
    text: Mapped[str]
    params: Mapped[dict[str, Any]] = mapped_column(JSON)
    code: Mapped[str]
    who: Mapped[str]
    cost: Mapped[float | None]
    times: Mapped[int]
    ended: Mapped[date | None]
    by: Mapped[str]
    made: Mapped[float]
    told: Mapped[float]


class ReportRow(Base):
    """A filled form: see `readiness.Report`."""

    __tablename__ = "inventory_report"

    id: Mapped[str] = mapped_column(primary_key=True)
    form: Mapped[str]
    day: Mapped[date]
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
    measured: Mapped[dict[str, Any]] = mapped_column(JSON)
    devices: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    by: Mapped[str]
    revision: Mapped[int]
    changed: Mapped[float]


MIGRATIONS = Migrations.of_plugin("inventory", Path(__file__).parent / "migrations", Base.metadata)
