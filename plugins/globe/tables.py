"""The tables of the plugin. Times are seconds since the epoch as the hub believes them."""

from pathlib import Path

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from hub.store import Migrations


class Base(DeclarativeBase):
    """The base of this plugin's tables; it shares none with the hub."""

    metadata = MetaData()


class MapRow(Base):
    """A globe map that was made here; those of `configs/globes` have no row."""

    __tablename__ = "globe_map"

    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    owner: Mapped[str]
    made: Mapped[float]


class CodeRow(Base):
    """A code that was taught, also of a map that came with the hub.

    `place`: its id; empty where a code that came with the hub was forgotten.
    """

    __tablename__ = "globe_code"

    map: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[str]
    owner: Mapped[str]
    taught: Mapped[float]


MIGRATIONS = Migrations.of_plugin("globe", Path(__file__).parent / "migrations", Base.metadata)
