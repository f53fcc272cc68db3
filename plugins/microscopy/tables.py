"""The tables of microscopy."""

from pathlib import Path

from sqlalchemy import ForeignKey, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from hub.store import Migrations
from hub.store.tables import AssetRow


class Base(DeclarativeBase):
    """The base of this plugin's tables; it shares none with the hub."""

    metadata = MetaData()


class CaptureRow(Base):
    """How a picture was taken. Its file, owner and title are the asset's; both come and go as one.

    `taken`: seconds since the epoch. `frame`: its id in the live view. `frame_sha256`: of the
    camera's bytes. `scale`: micrometres to a pixel. `focus`: micrometres. None: not known.
    """

    __tablename__ = "microscopy_capture"

    asset: Mapped[str] = mapped_column(
        # The asset's table belongs to another MetaData, so its column is named, not its name.
        ForeignKey(AssetRow.__table__.c.id, ondelete="CASCADE"),
        primary_key=True,
    )
    device: Mapped[str] = mapped_column(index=True)
    frame: Mapped[int]
    frame_sha256: Mapped[str]
    taken: Mapped[float]
    objective: Mapped[str | None]
    scale: Mapped[float | None]
    focus: Mapped[float | None]


MIGRATIONS = Migrations.of_plugin("microscopy", Path(__file__).parent / "migrations", Base.metadata)
