"""The tables of boards. Times are seconds since the epoch as the hub believes them."""

from pathlib import Path

from sqlalchemy import ForeignKey, LargeBinary, MetaData, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from hub.plugin import Migrations
from hub.store.tables import AssetRow, LessonRow


class Base(DeclarativeBase):
    """The base of this plugin's tables; it shares none with the hub."""

    metadata = MetaData()


class BoardRow(Base):
    """A board of a lesson. Its pages stand in the document `shared`."""

    __tablename__ = "whiteboard_board"

    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    lesson: Mapped[str] = mapped_column(
        ForeignKey(LessonRow.__table__.c.id, ondelete="CASCADE"), index=True
    )
    owner: Mapped[str]
    created: Mapped[float]
    updated: Mapped[float]


class DocumentRow(Base):
    """A Yjs document of a board.

    `colour`: what its author draws with. `snapshot`: an update that holds all up to the entry
    `through` of the log; empty where there was none.
    """

    __tablename__ = "whiteboard_document"
    __table_args__ = (UniqueConstraint("board", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    board: Mapped[str] = mapped_column(ForeignKey("whiteboard_board.id", ondelete="CASCADE"))
    name: Mapped[str]
    colour: Mapped[str]
    created: Mapped[float]
    snapshot: Mapped[bytes] = mapped_column(LargeBinary)
    through: Mapped[int]


class UpdateRow(Base):
    """An update as it came, since the snapshot. `by`: who sent it; `pens` for the hub itself."""

    __tablename__ = "whiteboard_update"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy's own way

    seq: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[int] = mapped_column(
        ForeignKey("whiteboard_document.id", ondelete="CASCADE"), index=True
    )
    data: Mapped[bytes] = mapped_column(LargeBinary)
    time: Mapped[float]
    by: Mapped[str]


class PictureRow(Base):
    """A picture that was kept for a board, such as a page of a PDF: it goes with the board."""

    __tablename__ = "whiteboard_picture"

    asset: Mapped[str] = mapped_column(
        ForeignKey(AssetRow.__table__.c.id, ondelete="CASCADE"), primary_key=True
    )
    board: Mapped[str] = mapped_column(
        ForeignKey("whiteboard_board.id", ondelete="CASCADE"), index=True
    )


MIGRATIONS = Migrations.of_plugin("whiteboard", Path(__file__).parent / "migrations", Base.metadata)
