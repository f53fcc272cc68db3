"""The plugin's own table; its name starts with the plugin's id."""

from pathlib import Path

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from hub.plugin import Migrations


class Base(DeclarativeBase):
    """The base of this plugin's tables."""

    metadata = MetaData()


class NoteRow(Base):
    """A temperature that somebody wrote down; `taken` in seconds since the epoch."""

    __tablename__ = "thermometer_note"

    id: Mapped[str] = mapped_column(primary_key=True)
    device: Mapped[str]
    celsius: Mapped[float]
    taken: Mapped[float]
    by: Mapped[str]


MIGRATIONS = Migrations.of_plugin(
    "thermometer", Path(__file__).parent / "migrations", Base.metadata
)
