"""The tables of the plugin. Times are seconds since the epoch as the hub believes them."""

from pathlib import Path
from typing import Any

from sqlalchemy import JSON, ForeignKey, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from hub.store import Migrations
from hub.store.tables import LessonRow


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


class QuizRow(Base):
    """A quiz that a teacher has prepared.

    `questions`: `{"text", "answers", "right"}`, `right` an index. `revision` grows with changes.
    """

    __tablename__ = "touch_quiz"

    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    questions: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    revision: Mapped[int]
    owner: Mapped[str]
    changed: Mapped[float]


class GameRow(Base):
    """A quiz as it is played.

    `teams`: their names. `questions`: as of the quiz when it began, answers mixed. `answers`: see
    `quiz.rules.Answer`, in their order. `at`: the question that is asked. `ended`: None while it is
    played.
    """

    __tablename__ = "touch_game"

    id: Mapped[str] = mapped_column(primary_key=True)
    lesson: Mapped[str] = mapped_column(
        ForeignKey(LessonRow.__table__.c.id, ondelete="CASCADE"), index=True
    )
    title: Mapped[str]
    teams: Mapped[list[str]] = mapped_column(JSON)
    questions: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    answers: Mapped[list[list[int]]] = mapped_column(JSON)
    at: Mapped[int]
    started: Mapped[float]
    ended: Mapped[float | None]


class ResultRow(Base):
    """What came out of an activity, kept with its lesson.

    `activity`: `quiz` or `match`. `teams`: `{"name", "points", "right", "of"}`, the best first.
    """

    __tablename__ = "touch_result"

    id: Mapped[str] = mapped_column(primary_key=True)
    lesson: Mapped[str] = mapped_column(
        ForeignKey(LessonRow.__table__.c.id, ondelete="CASCADE"), index=True
    )
    activity: Mapped[str]
    title: Mapped[str]
    teams: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    ended: Mapped[float]


MIGRATIONS = Migrations.of_plugin("touch", Path(__file__).parent / "migrations", Base.metadata)
