"""The tables of the plugin. Times are seconds since the epoch as the hub believes them."""

from pathlib import Path
from typing import Any

from sqlalchemy import JSON, ForeignKey, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from hub.store import Migrations
from hub.store.tables import AssetRow, LessonRow


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


class PackRow(Base):
    """A version of a content pack, whose file is an asset that the plugin keeps.

    `used`: it is this version that is used; the one beside it is what Undo goes back to.
    """

    __tablename__ = "globe_pack"

    asset: Mapped[str] = mapped_column(ForeignKey(AssetRow.__table__.c.id), primary_key=True)
    pack: Mapped[str] = mapped_column(index=True)
    version: Mapped[int]
    used: Mapped[bool]


class GameRow(Base):
    """A game as it is played; over, it is a result that stays with its lesson.

    `players`: their names. `questions`: see `games.questions.Question`. `answers`: the places that
    were given, in the questions' order, empty where nobody knew. `at`: the question that is asked.
    `mode`: see `games.buzzer.Mode`; `tries`: those who pressed, see there. `seconds`: for a
    question, 0 as long as it takes.
    """

    __tablename__ = "globe_game"

    id: Mapped[str] = mapped_column(primary_key=True)
    lesson: Mapped[str] = mapped_column(
        ForeignKey(LessonRow.__table__.c.id, ondelete="CASCADE"), index=True
    )
    players: Mapped[list[str]] = mapped_column(JSON)
    level: Mapped[str]
    mode: Mapped[str]
    seconds: Mapped[int]
    questions: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    answers: Mapped[list[str]] = mapped_column(JSON)
    tries: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    at: Mapped[int]
    started: Mapped[float]
    ended: Mapped[float | None]


MIGRATIONS = Migrations.of_plugin("globe", Path(__file__).parent / "migrations", Base.metadata)
