"""Who may do what: one function for every face of the hub.

Everything that somebody may or may not do is described by an `Access`; whoever asks is a
`Principal`. REST, WebSocket, MQTT and pages all call `may` or `check`, nothing else.
"""

from dataclasses import dataclass, field, replace
from typing import Literal

from hub.device import Role
from hub.errors import N_, Forbidden

Via = Literal["token", "session", "link", "system"]


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever asks: a person in a browser, a program with a token, or the hub itself.

    Attributes:
        id: of the token or session; changes with each sign-in.
        name: for people; untrusted text.
        role: what it may do (see `Role`).
        person: the person behind it, None for programs.
        lesson: the lesson that a pupil has joined.
        via: how it came to be.
        restricted: it speaks from a page of another origin; its role is a pupil's at most.
        scope: what alone it may be used for, such as `printing:send`; None where its role decides.
    """

    id: str
    name: str
    role: Role
    person: str | None = None
    lesson: str | None = None
    via: Via = "token"
    restricted: bool = False
    scope: str | None = None

    @property
    def owner(self) -> str:
        """Whose things are made by this principal: the person, or the program itself."""
        return self.person or self.id


SYSTEM = Principal(id="hub", name="hub", role=Role.ADMIN, via="system")


@dataclass(frozen=True, slots=True)
class Access:
    """Who may: everyone of a role, or where it is private the named ones and teachers.

    Attributes:
        role: the least role that may.
        lesson: also those in this lesson may.
        persons: also these owners may.
        private: true limits it to `lesson`, `persons` and teachers; false lets the role suffice.
        scope: also those may who can do nothing else (`Principal.scope`); None: none of them.
    """

    role: Role = Role.DISPLAY
    lesson: str | None = None
    persons: frozenset[str] = field(default_factory=frozenset)
    private: bool = False
    scope: str | None = None


class OutOfScope(Forbidden):
    """The token is good for one purpose, and this is another."""

    code = "out-of-scope"
    title = N_("This key is not meant for this.")
    hint = N_("It opens one thing only. Sign in, or ask the lab engineer for a token.")


def may(principal: Principal, access: Access) -> bool:
    """Tell whether `principal` may do what `access` describes."""
    if _out_of_scope(principal, access) or not principal.role.includes(access.role):
        return False
    if not access.private or principal.role.includes(Role.TEACHER):
        return True
    if access.lesson is not None and principal.lesson == access.lesson:
        return True
    return principal.owner in access.persons


def check(principal: Principal, access: Access) -> None:
    """Raise `Forbidden` unless `principal` may do what `access` describes."""
    if _out_of_scope(principal, access):
        raise OutOfScope(f"{principal.id} is for {principal.scope} only, this is {access}")
    if not may(principal, access):
        raise Forbidden(f"{principal.role} {principal.id} lacks {access}")


def _out_of_scope(principal: Principal, access: Access) -> bool:
    return principal.scope is not None and principal.scope != access.scope


def restrict(principal: Principal) -> Principal:
    """Return the principal as it is when it speaks from a page of another origin."""
    role = Role.PUPIL if principal.role.includes(Role.PUPIL) else principal.role
    return replace(principal, role=role, restricted=True)
