"""The school's things, as values. Times are seconds since the epoch (UTC)."""

from dataclasses import dataclass, field
from typing import Any

from hub.clock import rfc3339
from hub.device import Role
from hub.rights import Principal


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the school. A nickname is enough; an erased person has no name any more."""

    id: str
    name: str
    role: Role
    group: str | None
    created: float
    erased: float | None


@dataclass(frozen=True, slots=True)
class Group:
    """A class or a circle of pupils."""

    id: str
    name: str
    created: float


@dataclass(frozen=True, slots=True)
class Seat:
    """A place in the room, where a device may stand."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Task:
    """A task sheet: what pupils are to do, and to answer with what they hand in.

    Attributes:
        owner: the person or the token that sent it.
        text: several lines.
        picture: the asset shown with it, None where there is none.
        sent: when.
    """

    id: str
    owner: str
    title: str
    text: str
    picture: str | None
    sent: float

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON-ready data."""
        return {
            "id": self.id,
            "title": self.title,
            "text": self.text,
            "picture": self.picture,
            "sent": rfc3339(self.sent),
        }


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson, running while `ended` is None.

    Attributes:
        teacher: the person who started it, None where a program did.
        teacher_name: for people; empty once the person is erased.
        owner: the person or the token that started it.
        code: the six digits that pupils join with; None once it has ended.
        shared: its pupils may see each other's pictures.
        task: what its pupils work on, None where they have no sheet.
    """

    id: str
    title: str
    group: str | None
    teacher: str | None
    teacher_name: str
    owner: str
    started: float
    ended: float | None
    code: str | None
    shared: bool = False
    task: Task | None = None

    @property
    def question(self) -> str:
        """What is to be answered with a hand-in, may be empty."""
        return "" if self.task is None else self.task.text or self.task.title

    @property
    def running(self) -> bool:
        """Tell whether it has not ended."""
        return self.ended is None

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON-ready data, without the digits."""
        teacher = {"id": self.teacher, "name": self.teacher_name} if self.teacher else None
        return {
            "id": self.id,
            "title": self.title,
            "group": self.group,
            "teacher": teacher,
            "started": rfc3339(self.started),
            "ended": None if self.ended is None else rfc3339(self.ended),
            "shared": self.shared,
            "task": None if self.task is None else self.task.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Token:
    """A program's (or a person's) standing leave to speak to the hub; never the secret itself.

    Attributes:
        scope: what alone it is good for, see `Principal.scope`.
        lesson: with which it ends, at the latest.
    """

    id: str
    name: str
    role: Role
    person: str | None
    created: float
    expires: float | None
    revoked: float | None
    scope: str | None = None
    lesson: str | None = None


@dataclass(frozen=True, slots=True)
class SignIn:
    """A browser session that was just opened.

    Attributes:
        secret: goes into the cookie and nowhere else; the hub keeps its hash only.
        expires: seconds since the epoch.
    """

    secret: str = field(repr=False)
    principal: Principal
    lesson: Lesson | None
    expires: float
