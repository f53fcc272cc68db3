"""The plugin's tables."""

from pathlib import Path
from typing import Any

from sqlalchemy import JSON, ForeignKey, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from hub.plugin import AssetRow
from hub.store import Migrations


class Base(DeclarativeBase):
    """The base of this plugin's tables; it shares none with the hub."""

    metadata = MetaData()


class PlanRow(Base):
    """What is wanted of a panel: see `plans.Plan`."""

    __tablename__ = "panel_plan"

    device: Mapped[str] = mapped_column(primary_key=True)
    plan: Mapped[dict[str, Any]] = mapped_column(JSON)
    changed: Mapped[float]


class ModelRow(Base):
    """What the parts of a 3D model are called: by part, by language."""

    __tablename__ = "panel_model"

    asset: Mapped[str] = mapped_column(
        ForeignKey(AssetRow.__table__.c.id, ondelete="CASCADE"), primary_key=True
    )
    names: Mapped[dict[str, Any]] = mapped_column(JSON)
    changed: Mapped[float]


MIGRATIONS = Migrations.of_plugin("panel", Path(__file__).parent / "migrations", Base.metadata)
