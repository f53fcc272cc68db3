"""The tables of the plugin."""

from pathlib import Path

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from hub.store import Migrations


class Base(DeclarativeBase):
    """The base of this plugin's tables; it shares none with the hub."""

    metadata = MetaData()


class CurveRow(Base):
    """How hard somebody presses: see `drivers.tablet.contract.PressureCurve`."""

    __tablename__ = "tablets_curve"

    person: Mapped[str] = mapped_column(primary_key=True)
    lightest: Mapped[float]
    hardest: Mapped[float]
    softness: Mapped[float]


class NameCurveRow(Base):
    """How hard somebody of this name in this class pressed when they last said so.

    `group` is empty for lessons of no class, `name` is as `str.casefold` makes it, `person` is who
    it was.
    """

    __tablename__ = "tablets_curve_of_name"

    group: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str]
    used: Mapped[float]
    lightest: Mapped[float]
    hardest: Mapped[float]
    softness: Mapped[float]


MIGRATIONS = Migrations.of_plugin("tablets", Path(__file__).parent / "migrations", Base.metadata)
