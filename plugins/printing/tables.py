"""The tables of printing. Times are seconds since the epoch as the hub believes them."""

from pathlib import Path
from typing import Any

from sqlalchemy import JSON, ForeignKey, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from hub.store import Migrations
from hub.store.tables import AssetRow


class Base(DeclarativeBase):
    """The base of this plugin's tables; it shares none with the hub."""

    metadata = MetaData()


class JobRow(Base):
    """A print job; see `jobs.states` for how it goes.

    `kind`: `model` or `gcode`. `group`: the class that it is counted for. `origin`: by which way it
    came. `settings`: what its owner wants of the slicer. `revision`: one more with each new version
    or setting, so that what is worked out for an older one is not taken for the newer's. `tries`:
    how often the hub began to work on this revision. `facts`: what the G-code needs of a printer.
    `approval`: the one of the last time that somebody approved it. `place`: in the queue, the
    smallest first. `printer`: on which it prints or was printed. `reprint_of`: the job that it
    repeats.
    """

    __tablename__ = "printing_job"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    owner: Mapped[str] = mapped_column(index=True)
    owner_name: Mapped[str]
    lesson: Mapped[str | None] = mapped_column(index=True)
    group: Mapped[str | None]
    origin: Mapped[str]
    printer_wanted: Mapped[str | None]
    printer: Mapped[str | None] = mapped_column(index=True)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)
    revision: Mapped[int]
    tries: Mapped[int]
    verdict: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    estimate: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    note: Mapped[str]
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    progress: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    ending: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    approval: Mapped[str | None]
    place: Mapped[float | None]
    reprint_of: Mapped[str | None]
    created: Mapped[float]
    updated: Mapped[float]
    started: Mapped[float | None]
    ended: Mapped[float | None]


class JobFileRow(Base):
    """A file of a job; of each `role` the last one counts.

    `role`: `model`, `gcode`, `thumbnail`, `preview`, `layers`, `layer-index`. `made`: how a version
    came about: `upload`, `repair`, `scale`, `turn`, `slice`. `revision`: of the job, that it
    belongs to.
    """

    __tablename__ = "printing_job_file"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy's own way

    seq: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str] = mapped_column(ForeignKey("printing_job.id", ondelete="CASCADE"), index=True)
    role: Mapped[str]
    # Nobody deletes a file under a job: it would be lost.
    asset: Mapped[str] = mapped_column(ForeignKey(AssetRow.__table__.c.id), index=True)
    made: Mapped[str]
    revision: Mapped[int]
    info: Mapped[dict[str, Any]] = mapped_column(JSON)
    created: Mapped[float]


class PictureRow(Base):
    """A picture that a camera took of a print: `layer`, `end`, or the `time-lapse` made of them."""

    __tablename__ = "printing_picture"

    asset: Mapped[str] = mapped_column(
        ForeignKey(AssetRow.__table__.c.id, ondelete="CASCADE"), primary_key=True
    )
    job: Mapped[str] = mapped_column(ForeignKey("printing_job.id", ondelete="CASCADE"), index=True)
    role: Mapped[str]
    layer: Mapped[int | None]
    taken: Mapped[float]


class HistoryRow(Base):
    """A step of a job. `by`: who took it, empty for the hub itself."""

    __tablename__ = "printing_history"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy's own way

    seq: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str] = mapped_column(ForeignKey("printing_job.id", ondelete="CASCADE"), index=True)
    time: Mapped[float]
    what: Mapped[str]
    state: Mapped[str]
    by: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


class StartRow(Base):
    """That a print is about to be started, written before the printer is asked.

    `approval` is unique: no approval is used twice. It is given back (None) where the print has
    surely never begun. `outcome`: None while that is not known, `begun`, `never`, `unknown`.
    """

    __tablename__ = "printing_start"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy's own way

    seq: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str] = mapped_column(ForeignKey("printing_job.id", ondelete="CASCADE"), index=True)
    printer: Mapped[str]
    approval: Mapped[str | None] = mapped_column(unique=True)
    time: Mapped[float]
    outcome: Mapped[str | None]


class PrinterRow(Base):
    """What is known and set of a printer beside its driver.

    `plate_clear`: somebody has said so since the last print began. `plate_job`: whose part lies on
    it. `plate_seen`: when the printer with the clear plate was in sight last; on one that is not
    clear: it has been out of sight since, None where that is not why. `settings`: profile, camera,
    spool, policy, heaters_off_after, time_lapse.
    """

    __tablename__ = "printing_printer"

    device: Mapped[str] = mapped_column(primary_key=True)
    plate_clear: Mapped[bool]
    plate_job: Mapped[str | None]
    plate_since: Mapped[float]
    plate_by: Mapped[str]
    plate_seen: Mapped[float | None]
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)


class SpoolRow(Base):
    """A spool of filament. `diameter`: mm. `density`: g/cm³. `grams`: of filament when it was new.

    `used`: grams taken off it since. `gone`: when it was put away.
    """

    __tablename__ = "printing_spool"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    material: Mapped[str]
    colour: Mapped[str]
    diameter: Mapped[float]
    density: Mapped[float]
    grams: Mapped[float]
    used: Mapped[float]
    created: Mapped[float]
    gone: Mapped[float | None]


class UseRow(Base):
    """Filament and time that a print has used. It outlives its job.

    `outcome`: `done`, `failed` or `cancelled`. `millimetres`: of filament. `seconds`: of printing.
    """

    __tablename__ = "printing_use"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy's own way

    seq: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str] = mapped_column(unique=True)
    owner: Mapped[str] = mapped_column(index=True)
    group: Mapped[str | None] = mapped_column(index=True)
    lesson: Mapped[str | None]
    printer: Mapped[str]
    spool: Mapped[str | None] = mapped_column(index=True)
    material: Mapped[str]
    millimetres: Mapped[float]
    grams: Mapped[float]
    seconds: Mapped[float]
    outcome: Mapped[str]
    time: Mapped[float] = mapped_column(index=True)


class QuotaRow(Base):
    """How much a class may print; `group` is empty for all who have no row of their own.

    `grams`, `minutes`: in the last `days` days; `longest`: minutes of one print. None: no limit.
    """

    __tablename__ = "printing_quota"

    group: Mapped[str] = mapped_column(primary_key=True)
    grams: Mapped[float | None]
    minutes: Mapped[float | None]
    longest: Mapped[float | None]
    days: Mapped[int]


MIGRATIONS = Migrations.of_plugin("printing", Path(__file__).parent / "migrations", Base.metadata)
