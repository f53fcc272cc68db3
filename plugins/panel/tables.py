"""The plugin's tables."""

from pathlib import Path
from typing import Any

from sqlalchemy import JSON, ForeignKey, MetaData, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from hub.plugin import AssetRow
from hub.store import Migrations
from hub.store.tables import LessonRow, PersonRow


class Base(DeclarativeBase):
    """The base of this plugin's tables; it shares none with the hub."""

    metadata = MetaData()


class PlanRow(Base):
    """What is wanted of a panel: see `plans.Plan`."""

    __tablename__ = "panel_plan"

    device: Mapped[str] = mapped_column(primary_key=True)
    plan: Mapped[dict[str, Any]] = mapped_column(JSON)
    changed: Mapped[float]


class ScreenTimeRow(Base):
    """How long the school lets each grade look at a screen; no row where it goes by the rules."""

    __tablename__ = "panel_screen_time"

    id: Mapped[int] = mapped_column(primary_key=True)
    minutes: Mapped[dict[str, Any]] = mapped_column(JSON)
    changed: Mapped[float]


class ScreenSecondsRow(Base):
    """How long the class has looked at the screen in a lesson, so far."""

    __tablename__ = "panel_screen_seconds"

    lesson: Mapped[str] = mapped_column(primary_key=True)
    seconds: Mapped[float]
    changed: Mapped[float]


class ModelRow(Base):
    """What the parts of a 3D model are called: by part, by language."""

    __tablename__ = "panel_model"

    asset: Mapped[str] = mapped_column(
        ForeignKey(AssetRow.__table__.c.id, ondelete="CASCADE"), primary_key=True
    )
    names: Mapped[dict[str, Any]] = mapped_column(JSON)
    changed: Mapped[float]


class TaskRow(Base):
    """What came of a task with a model, kept with its lesson.

    `task`: `find` or `assemble`. `token`: which one; told twice it is kept once. `owner`: whose it
    is; `person`: None for the class's, at its screen. `at_once` parts of `all` were right at the
    first try, within `seconds`.
    """

    __tablename__ = "panel_task"
    __table_args__ = (UniqueConstraint("token", "owner"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    asset: Mapped[str] = mapped_column(
        ForeignKey(AssetRow.__table__.c.id, ondelete="CASCADE"), index=True
    )
    lesson: Mapped[str] = mapped_column(
        ForeignKey(LessonRow.__table__.c.id, ondelete="CASCADE"), index=True
    )
    person: Mapped[str | None] = mapped_column(
        ForeignKey(PersonRow.__table__.c.id, ondelete="SET NULL")
    )
    owner: Mapped[str]
    token: Mapped[str]
    task: Mapped[str]
    at_once: Mapped[int]
    all: Mapped[int]
    seconds: Mapped[int]
    ended: Mapped[float]


MIGRATIONS = Migrations.of_plugin("panel", Path(__file__).parent / "migrations", Base.metadata)
