"""The tables of the plugin."""

from pathlib import Path

from sqlalchemy import Index, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from hub.plugin import Migrations


class Base(DeclarativeBase):
    """The base of this plugin's tables; it shares none with the hub."""

    metadata = MetaData()


class RecordRow(Base):
    """A record that waits for the district.

    `rank`: what is dropped first where there is no room, 0 samples and 1 alerts; `size`: bytes of
    `body`, which is JSON without what is said of every record.
    """

    __tablename__ = "district_record"
    __table_args__ = (Index("district_record_rank", "rank", "seq", "size"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rank: Mapped[int]
    kind: Mapped[str]
    size: Mapped[int]
    body: Mapped[str]


class PositionRow(Base):
    """Where the sequence stands; one row, with the id 1."""

    __tablename__ = "district_position"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stream: Mapped[str]
    next: Mapped[int]
    confirmed: Mapped[int]
    dropped_samples: Mapped[int]
    dropped_alerts: Mapped[int]


MIGRATIONS = Migrations.of_plugin("district", Path(__file__).parent / "migrations", Base.metadata)
