"""What the API answers with. Times are RFC 3339 in UTC; names and notes are untrusted text."""

from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from hub.assets import Asset
from hub.clock import rfc3339
from hub.device import Role
from hub.ids import ID_PATTERN
from hub.rights import Principal
from hub.school import Group, Lesson, Person, Token

Id = Annotated[str, Path(pattern=ID_PATTERN, description="An id of the hub.")]
MemberName = Annotated[
    str, Path(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}$", description="The name of a member.")
]
IdField = Annotated[str, Field(pattern=ID_PATTERN)]
StreamName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}$")]


class Body(BaseModel):
    """The base of what the API takes: a field that it does not know is refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Named(BaseModel):
    """Somebody, as others see them; the name is empty once they are erased."""

    id: str
    name: str


class PrincipalModel(BaseModel):
    """Who is signed in."""

    id: str
    name: str
    role: Role
    person: str | None = Field(description="The person; null for programs.")


class TaskModel(BaseModel):
    """A task sheet: what pupils are to do, and to answer with what they hand in."""

    id: str
    title: str = Field(description="May be empty where there is a text.")
    text: str = Field(description="Several lines; may be empty where there is a title.")
    picture: str | None = Field(description="The asset that is shown with it.")
    sent: str


class LessonModel(BaseModel):
    """A lesson; it runs while `ended` is null."""

    id: str
    title: str
    group: str | None
    teacher: Named | None
    started: str
    ended: str | None
    shared: bool = Field(
        default=False, description="Its pupils may see each other's pictures; else the teacher's."
    )
    task: TaskModel | None = Field(default=None, description="What its pupils work on.")
    code: str | None = Field(
        default=None, description="Six digits to join with; teachers see them while it runs."
    )
    join_url: str | None = Field(default=None, description="What the QR code says.")


class SessionModel(BaseModel):
    """Who is signed in, in which lesson, and the language that the hub speaks to them."""

    principal: PrincipalModel
    lesson: LessonModel | None
    language: str


class ProblemModel(BaseModel):
    """What is wrong with a device and what to do now."""

    code: str
    title: str
    hint: str
    detail: str
    severity: str


class StateModel(BaseModel):
    """How a device is: presence, reachability and health are three facts."""

    presence: Literal["present", "absent", "unknown"]
    reachable: bool
    process: Literal["starting", "running", "restarting", "fault", "stopped"]
    problem: ProblemModel | None
    health: ProblemModel | None
    since: str


class ReadingModel(BaseModel):
    """A value of a property, when it was read, and how far it can be trusted."""

    value: Any
    time: str
    quality: Literal["good", "stale", "bad"]


class DeviceModel(BaseModel):
    """A device."""

    id: str
    name: str
    kind: str = Field(description="Empty while its driver is not known.")
    kind_title: str
    icon: str = Field(description="The Lucide icon of its kind.")
    driver: str
    seat: str | None
    state: StateModel
    properties: dict[str, ReadingModel]
    streams: list[str]
    description: dict[str, Any] | None = Field(
        default=None, description="All that it has; only where one device is asked for."
    )
    counters: dict[str, int] | None = Field(
        default=None, description="What was counted since the hub started; for engineers."
    )


class OperationModel(BaseModel):
    """Something under way, or how it ended."""

    id: str
    device: str | None
    action: str
    title: str
    by: str
    status: Literal["pending", "running", "done", "failed", "cancelled", "interrupted"]
    fraction: float
    message: str
    result: Any
    problem: ProblemModel | None
    started: str
    ended: str | None


class PersonModel(BaseModel):
    """Somebody of the school."""

    id: str
    name: str
    role: Role
    group: str | None
    created: str
    erased: str | None


class GroupModel(BaseModel):
    """A class or a circle of pupils."""

    id: str
    name: str
    created: str


class TokenModel(BaseModel):
    """A standing leave to speak to the hub; its secret is told once, when it is made."""

    id: str
    name: str
    role: Role
    person: str | None
    created: str
    expires: str | None
    revoked: str | None
    scope: str | None = Field(description="What alone it is good for; null: all of its role.")
    lesson: str | None = Field(description="It ends with this lesson.")


class NewTokenModel(TokenModel):
    """A token just made, with its secret."""

    token: str = Field(description="The secret: keep it now, it is not told again.")


class AssetLinks(BaseModel):
    """Where an asset's bytes are."""

    content: str
    thumbnail: str | None = Field(description="Null where it is no picture.")


class AssetModel(BaseModel):
    """Something that a lesson made: a picture, a clip, a model."""

    id: str
    title: str
    note: str
    media_type: str
    sha256: str
    size: int = Field(description="Bytes.")
    width: int | None = Field(description="Pixels; null where it is no picture.")
    height: int | None
    owner: Named
    lesson: str | None
    device: str | None
    derived_from: str | None
    created: str
    damaged: bool = Field(description="Its file is gone or cut; only this record is left.")
    handed_in: str | None = Field(
        default=None, description="When it was handed in to the teacher; null where it was not."
    )
    task: str | None = Field(
        default=None, description="The task sheet that the hand-in answers, as `GET /tasks/{task}`."
    )
    info: dict[str, Any]
    links: AssetLinks


class FoundAssetModel(AssetModel):
    """An asset as the caller finds it; the bus speaks to everybody and says `AssetModel`."""

    favourite: bool = Field(description="The caller's favourite; each has their own.")


def when(seconds: float | None) -> str | None:
    """Return seconds since the epoch as RFC 3339; None stays None."""
    return None if seconds is None else rfc3339(seconds)


def principal_model(principal: Principal) -> dict[str, Any]:
    """Return who is signed in as JSON-ready data."""
    return {
        "id": principal.id,
        "name": principal.name,
        "role": principal.role,
        "person": principal.person,
    }


def lesson_model(lesson: Lesson, caller: Principal, base: str) -> dict[str, Any]:
    """Return a lesson as the caller may see it: teachers see the digits while it runs."""
    shown = lesson.running and caller.role.includes(Role.TEACHER) and lesson.code is not None
    return {
        "id": lesson.id,
        "title": lesson.title,
        "group": lesson.group,
        "teacher": None
        if lesson.teacher is None
        else {"id": lesson.teacher, "name": lesson.teacher_name},
        "started": rfc3339(lesson.started),
        "ended": when(lesson.ended),
        "shared": lesson.shared,
        "task": None if lesson.task is None else lesson.task.as_json(),
        "code": lesson.code if shown else None,
        "join_url": f"{base}/join#{lesson.code}" if shown else None,
    }


def person_model(person: Person) -> dict[str, Any]:
    """Return a person as JSON-ready data."""
    return {
        "id": person.id,
        "name": person.name,
        "role": person.role,
        "group": person.group,
        "created": rfc3339(person.created),
        "erased": when(person.erased),
    }


def group_model(group: Group) -> dict[str, Any]:
    """Return a group as JSON-ready data."""
    return {"id": group.id, "name": group.name, "created": rfc3339(group.created)}


def token_model(token: Token) -> dict[str, Any]:
    """Return a token as JSON-ready data, without its secret."""
    return {
        "id": token.id,
        "name": token.name,
        "role": token.role,
        "person": token.person,
        "created": rfc3339(token.created),
        "expires": when(token.expires),
        "revoked": when(token.revoked),
        "scope": token.scope,
        "lesson": token.lesson,
    }


def asset_model(asset: Asset) -> dict[str, Any]:
    """Return an asset as JSON-ready data: the same words as on the bus."""
    return asset.as_json()
