"""The kernel's tables."""

from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint, or_, select, text
from sqlalchemy.orm import Mapped, column_property, mapped_column

from hub.store._base import Base

__all__ = [
    "AssetFavouriteRow",
    "AssetRow",
    "AuditRow",
    "Base",
    "DeviceRow",
    "GroupRow",
    "KeptRow",
    "LessonRow",
    "MemberRow",
    "OperationRow",
    "PersonRow",
    "SeatRow",
    "SessionRow",
    "SignInCodeRow",
    "SittingRow",
    "TaskRow",
    "TokenRow",
]


class PersonRow(Base):
    """Somebody of the school; the row outlives the person's erasure, the name does not."""

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(String, primary_key=True)
    name: Mapped[str]
    role: Mapped[str]
    group_id: Mapped[str | None] = mapped_column(
        ForeignKey("group.id", ondelete="SET NULL"), index=True
    )
    created: Mapped[float]
    erased: Mapped[float | None]


class GroupRow(Base):
    """A class or a circle of pupils."""

    __tablename__ = "group"

    id: Mapped[str] = mapped_column(String, primary_key=True)
    name: Mapped[str]
    created: Mapped[float]


class SeatRow(Base):
    """A place in the room."""

    __tablename__ = "seat"

    id: Mapped[str] = mapped_column(String, primary_key=True)
    name: Mapped[str]
    created: Mapped[float]


class LessonRow(Base):
    """A lesson; `code` is unique among the running ones, since it is emptied at the end.

    `task`: the id of the sheet that its pupils work on, None where they have none. `shared`: they
    see each other's pictures.
    """

    __tablename__ = "lesson"

    id: Mapped[str] = mapped_column(String, primary_key=True)
    title: Mapped[str]
    group_id: Mapped[str | None] = mapped_column(ForeignKey("group.id", ondelete="SET NULL"))
    teacher: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    owner: Mapped[str]
    started: Mapped[float]
    ended: Mapped[float | None] = mapped_column(index=True)
    code: Mapped[str | None] = mapped_column(unique=True)
    task: Mapped[str | None]
    shared: Mapped[bool] = mapped_column(default=False, server_default=text("0"))


class MemberRow(Base):
    """A person who has joined a lesson; `removed` by the teacher or by leaving."""

    __tablename__ = "member"

    lesson: Mapped[str] = mapped_column(
        ForeignKey("lesson.id", ondelete="CASCADE"), primary_key=True
    )
    person: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    joined: Mapped[float]
    removed: Mapped[float | None]


class SittingRow(Base):
    """Who sits at a seat in a lesson. A seat is a name, as devices have it (`DeviceRow.seat`).

    Who was removed from the lesson, or erased, sits there no longer, whatever the row says.
    """

    __tablename__ = "sitting"

    lesson: Mapped[str] = mapped_column(
        ForeignKey("lesson.id", ondelete="CASCADE"), primary_key=True
    )
    seat: Mapped[str] = mapped_column(String, primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    since: Mapped[float]

    __table_args__ = (UniqueConstraint("lesson", "person"),)


class TokenRow(Base):
    """A standing credential of a program; only hashes are kept (`broker`: for MQTT, adr/0007).

    `scope`: what alone it is good for, None for all that its role may (adr/0025). `lesson`: the one
    with which it ends, None where it ends with none.
    """

    __tablename__ = "token"

    id: Mapped[str] = mapped_column(String, primary_key=True)
    name: Mapped[str]
    role: Mapped[str]
    person: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    hash: Mapped[str] = mapped_column(unique=True)
    broker: Mapped[str | None]
    created: Mapped[float]
    expires: Mapped[float | None]
    revoked: Mapped[float | None]
    scope: Mapped[str | None]
    lesson: Mapped[str | None]


class SessionRow(Base):
    """A browser that is signed in; pupils' sessions belong to a lesson and end with it."""

    __tablename__ = "session"

    id: Mapped[str] = mapped_column(String, primary_key=True)
    hash: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    person: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    lesson: Mapped[str | None] = mapped_column(ForeignKey("lesson.id"), index=True)
    created: Mapped[float]
    expires: Mapped[float] = mapped_column(index=True)
    revoked: Mapped[float | None]


class SignInCodeRow(Base):
    """A one-time code that becomes a session."""

    __tablename__ = "signin"

    hash: Mapped[str] = mapped_column(String, primary_key=True)
    role: Mapped[str]
    name: Mapped[str]
    person: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    created: Mapped[float]
    expires: Mapped[float]


class AssetRow(Base):
    """A thing that a lesson made, with its file; `seq` is the order in which they came.

    `words`: what is searched, folded (`hub.folding`). `handed_in`: when its owner gave it to the
    teacher, None where it was not; `answer`: what was answered with it, for the two of them, and
    `task` the id of the sheet that it answers. `open`: its whole lesson may see it, because the
    lesson's pictures are shared or because no pupil of the lesson made it. `keeper`: the plugin
    whose working thing it is, None where it is in the albums.
    """

    __tablename__ = "asset"
    __table_args__ = ({"sqlite_autoincrement": True},)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(unique=True)
    media_type: Mapped[str]
    sha256: Mapped[str] = mapped_column(index=True)
    size: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    owner: Mapped[str] = mapped_column(index=True)
    owner_name: Mapped[str]
    lesson: Mapped[str | None] = mapped_column(
        ForeignKey("lesson.id", ondelete="SET NULL"), index=True
    )
    device: Mapped[str | None] = mapped_column(index=True)
    derived_from: Mapped[str | None] = mapped_column(
        ForeignKey("asset.id", ondelete="SET NULL"), index=True
    )
    title: Mapped[str]
    note: Mapped[str]
    created: Mapped[float]
    damaged: Mapped[bool]
    info: Mapped[dict[str, Any]] = mapped_column(JSON)
    words: Mapped[str] = mapped_column(default="", server_default=text("''"))
    handed_in: Mapped[float | None] = mapped_column(index=True)
    answer: Mapped[str] = mapped_column(default="", server_default=text("''"))
    task: Mapped[str | None]
    keeper: Mapped[str | None]
    open: Mapped[bool] = column_property(
        select(
            or_(
                LessonRow.shared,
                ~select(MemberRow.person)
                .where(MemberRow.lesson == LessonRow.id, MemberRow.person == owner)
                .correlate_except(MemberRow)
                .exists(),
            )
        )
        .where(LessonRow.id == lesson)
        .correlate_except(LessonRow, MemberRow)
        .scalar_subquery()
    )


class TaskRow(Base):
    """A task sheet as it was sent: what pupils are to do. Sent again it is another row."""

    __tablename__ = "task"

    id: Mapped[str] = mapped_column(String, primary_key=True)
    owner: Mapped[str] = mapped_column(index=True)
    title: Mapped[str]
    text: Mapped[str]
    picture: Mapped[str | None] = mapped_column(
        ForeignKey("asset.id", ondelete="SET NULL"), index=True
    )
    sent: Mapped[float]


class AssetFavouriteRow(Base):
    """Somebody wants to find this again; `owner` as in `AssetRow`."""

    __tablename__ = "asset_favourite"

    owner: Mapped[str] = mapped_column(primary_key=True)
    asset: Mapped[str] = mapped_column(
        ForeignKey("asset.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class OperationRow(Base):
    """Something that took a while; one without an end was interrupted by a restart."""

    __tablename__ = "operation"

    id: Mapped[str] = mapped_column(String, primary_key=True)
    device: Mapped[str | None]
    action: Mapped[str]
    title: Mapped[str]
    by: Mapped[str]
    status: Mapped[str]
    fraction: Mapped[float]
    message: Mapped[str]
    result: Mapped[Any | None] = mapped_column(JSON)
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    started: Mapped[float]
    ended: Mapped[float | None]


class AuditRow(Base):
    """Who did what; `seq` is the order in which it was done, whatever the clock said."""

    __tablename__ = "audit"
    __table_args__ = ({"sqlite_autoincrement": True},)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    time: Mapped[float]
    by: Mapped[str]
    name: Mapped[str]
    role: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


class KeptRow(Base):
    """A value that was set of a device's property and holds for good (`Property.kept`)."""

    __tablename__ = "kept"

    device: Mapped[str] = mapped_column(String, primary_key=True)
    name: Mapped[str] = mapped_column(String, primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


class DeviceRow(Base):
    """A device that the engineer adopted; those of the settings file are not here."""

    __tablename__ = "device"

    id: Mapped[str] = mapped_column(String, primary_key=True)
    driver: Mapped[str]
    name: Mapped[str]
    seat: Mapped[str | None]
    identity: Mapped[str | None] = mapped_column(unique=True)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)
    adopted: Mapped[float]
