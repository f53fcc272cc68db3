"""The tables of microscopy."""

from pathlib import Path
from typing import Any

from sqlalchemy import JSON, ForeignKey, MetaData
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


class CalibrationRow(Base):
    """How large a pixel is through an objective. All are kept; of each size the last counts.

    `width`, `height`: of the picture it was made on, pixels. `scale`: micrometres to a pixel.
    `how`: "two-points" or "ruling". `error`: relative, as estimated. `length`: micrometres between
    the two `points`. `made`: seconds since the epoch.
    """

    __tablename__ = "microscopy_calibration"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy's own way

    id: Mapped[int] = mapped_column(primary_key=True)
    device: Mapped[str] = mapped_column(index=True)
    objective: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    scale: Mapped[float]
    how: Mapped[str]
    error: Mapped[float]
    length: Mapped[float]
    points: Mapped[list[list[float]]] = mapped_column(JSON)
    by: Mapped[str]
    by_name: Mapped[str]
    made: Mapped[float]


class ObjectivesRow(Base):
    """The objectives of a microscope: `items` with name and magnification, in their order."""

    __tablename__ = "microscopy_objectives"

    device: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int]
    items: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


class AnnotationRow(Base):
    """What one person has drawn on a picture: their layer. It goes with the picture.

    `author`: a person's id, or a program's. `shapes`: see `measuring/shapes.py`. `revision`: one
    more with every change. `shared`: for all who may see the picture, else for author and teachers.
    """

    __tablename__ = "microscopy_annotation"

    asset: Mapped[str] = mapped_column(
        ForeignKey(AssetRow.__table__.c.id, ondelete="CASCADE"), primary_key=True
    )
    author: Mapped[str] = mapped_column(primary_key=True)
    shared: Mapped[bool]
    revision: Mapped[int]
    changed: Mapped[float]
    shapes: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


class CountRow(Base):
    """What one person has counted in a picture. It goes with the picture.

    `author`, `shared`: as of an annotation. `document`: what was found, with the corrections, see
    `processing/objects.py`. `changed`: seconds since the epoch.
    """

    __tablename__ = "microscopy_count"

    asset: Mapped[str] = mapped_column(
        ForeignKey(AssetRow.__table__.c.id, ondelete="CASCADE"), primary_key=True
    )
    author: Mapped[str] = mapped_column(primary_key=True)
    shared: Mapped[bool]
    changed: Mapped[float]
    document: Mapped[dict[str, Any]] = mapped_column(JSON)


class SeriesRow(Base):
    """Pictures that belong together: a burst, a clip, a time-lapse, a stack or a mosaic.

    Times are seconds since the epoch as the hub believes them (`hub.clock`). `place`: the pictures
    of a time-lapse that were due so far; it is `taken` and `missed`. `gaps`: when and why none was
    taken. `problem`: why it is not whole. `result`: the asset of the video or the joined picture.
    `tries`: how often that was begun. `settled`: what was settled at its beginning (count,
    interval, seconds, rate; of a stack or mosaic also where to go).
    """

    __tablename__ = "microscopy_series"

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    device: Mapped[str] = mapped_column(index=True)
    owner: Mapped[str]
    owner_name: Mapped[str]
    lesson: Mapped[str | None]
    title: Mapped[str]
    note: Mapped[str]
    settled: Mapped[dict[str, Any]] = mapped_column(JSON)
    started: Mapped[float]
    ended: Mapped[float | None]
    stopped: Mapped[bool]
    place: Mapped[int]
    taken: Mapped[int]
    missed: Mapped[int]
    gaps: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    result: Mapped[str | None]
    tries: Mapped[int]


class SeriesPictureRow(Base):
    """A picture of a burst or time-lapse; `place` counts from 0."""

    __tablename__ = "microscopy_series_picture"

    asset: Mapped[str] = mapped_column(
        ForeignKey(AssetRow.__table__.c.id, ondelete="CASCADE"), primary_key=True
    )
    series: Mapped[str] = mapped_column(index=True)
    place: Mapped[int]


class EmptyFieldRow(Base):
    """The picture of an empty place by which the light of an objective's pictures is made even.

    The newest of each microscope and objective; it goes with its picture. `objective`: empty where
    it is not known. `falloff`: how much darker its darkest place is than its brightest, 0..1.
    `made`: seconds since the epoch.
    """

    __tablename__ = "microscopy_empty_field"

    device: Mapped[str] = mapped_column(primary_key=True)
    objective: Mapped[str] = mapped_column(primary_key=True)
    asset: Mapped[str] = mapped_column(
        ForeignKey(AssetRow.__table__.c.id, ondelete="CASCADE"), index=True
    )
    width: Mapped[int]
    height: Mapped[int]
    falloff: Mapped[float]
    by_name: Mapped[str]
    made: Mapped[float]


class FilmRow(Base):
    """A film's storyboard. `document`: see `film/storyboard.py`. `revision`: one more a change.

    `result`: the newest video that was made of it.
    """

    __tablename__ = "microscopy_film"

    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(index=True)
    owner_name: Mapped[str]
    lesson: Mapped[str | None] = mapped_column(index=True)
    title: Mapped[str]
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    revision: Mapped[int]
    created: Mapped[float]
    changed: Mapped[float]
    result: Mapped[str | None]


MIGRATIONS = Migrations.of_plugin("microscopy", Path(__file__).parent / "migrations", Base.metadata)
