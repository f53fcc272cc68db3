"""The tables of the plugin."""

from pathlib import Path

from sqlalchemy import Index, LargeBinary, MetaData, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from hub.store import Migrations


class Base(DeclarativeBase):
    """The base of this plugin's tables; it shares none with the hub."""

    metadata = MetaData()


class SeriesRow(Base):
    """What is measured: of which subject (a device's id, `computer`, `hub`), and in which unit."""

    __tablename__ = "health_series"
    __table_args__ = (UniqueConstraint("subject", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str]
    name: Mapped[str]
    title: Mapped[str]
    unit: Mapped[str]
    sums: Mapped[bool]


class MinuteRow(Base):
    """What was measured of all series in a minute, until its hour is folded into chunks."""

    __tablename__ = "health_minute"

    id: Mapped[int] = mapped_column(primary_key=True)
    hour: Mapped[int] = mapped_column(index=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class FoldRow(Base):
    """An hour whose rows are being folded: how far it came. Such series of them are in chunks."""

    __tablename__ = "health_fold"

    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    until: Mapped[int]
    series: Mapped[int]


class ChunkRow(Base):
    """What was measured of one series in a stretch of time, as finely as its tier says."""

    __tablename__ = "health_chunk"

    tier: Mapped[str] = mapped_column(primary_key=True)
    series: Mapped[int] = mapped_column(primary_key=True)
    start: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class ChangeRow(Base):
    """A subject is otherwise than before: what the log and the uptime are made of."""

    __tablename__ = "health_change"
    __table_args__ = (Index("health_change_subject_time", "subject", "time"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    time: Mapped[float]
    subject: Mapped[str]
    presence: Mapped[str]
    reachable: Mapped[bool]
    process: Mapped[str]
    code: Mapped[str | None]
    title: Mapped[str | None]
    severity: Mapped[str | None]


class RunRow(Base):
    """A run of the hub: of the time between two of them nothing is known."""

    __tablename__ = "health_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    began: Mapped[float]
    seen: Mapped[float]


class SpeedRow(Base):
    """A measurement of the internet's speed."""

    __tablename__ = "health_speed"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[float]
    download: Mapped[float | None]
    upload: Mapped[float | None]
    bytes: Mapped[int]
    address: Mapped[str]
    by: Mapped[str]
    said: Mapped[str]


MIGRATIONS = Migrations.of_plugin("health", Path(__file__).parent / "migrations", Base.metadata)
