"""What can go wrong, as exceptions; `ClientError` is the base of all."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


class ClientError(Exception):
    """Something that was asked of the hub could not be done."""


class HubUnreachable(ClientError):
    """Nothing answers at the hub's address, or the connection broke."""


class NoAnswer(ClientError):
    """The hub is there and did not answer (or nothing came) within the time limit."""


class NotAHub(ClientError):
    """Something answers at the address, and it is no classroom hub."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field of a request: `body.title`, and why."""

    field: str
    message: str


class ProblemError(ClientError):
    """The hub says that it could not do it, and why (an RFC 9457 problem document).

    Attributes:
        code: stable, for programs, such as `frame-gone`.
        status: the HTTP status.
        title: what happened, for people, in the language that the client asked for.
        hint: what to do now, for people; may be empty.
        detail: more for the engineer; may be empty.
        errors: the fields that are wrong, where the request was not understood.
    """

    by_code: ClassVar[dict[str, type["ProblemError"]]] = {}
    by_status: ClassVar[dict[int, type["ProblemError"]]] = {}

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.code = str(document.get("code", "internal"))
        self.status = int(document.get("status", 500))
        self.title = str(document.get("title", ""))
        self.hint = str(document.get("hint") or "")
        self.detail = str(document.get("detail") or "")
        self.errors = tuple(
            FieldError(str(one.get("field", "")), str(one.get("message", "")))
            for one in document.get("errors") or ()
        )
        fields = "; ".join(f"{one.field}: {one.message}" for one in self.errors)
        said = " ".join(part for part in (self.title, self.hint, self.detail, fields) if part)
        super().__init__(f"{said} [{self.code}]")


class NotSignedIn(ProblemError):
    """The token is missing, wrong, expired or revoked (401)."""


class Forbidden(ProblemError):
    """The token's role may not do this (403)."""


class NotFound(ProblemError):
    """There is no such thing, or the token may not know of it (404)."""


class Conflict(ProblemError):
    """It does not fit the state that things are in (409)."""


class Superseded(Conflict):
    """A newer value came while this one was being set (`superseded`)."""


class FrameGone(ProblemError):
    """The frame that was named is no longer kept (410); capture a newer one."""


class Invalid(ProblemError):
    """The request was not understood (422); `errors` names the fields."""


class TooMany(ProblemError):
    """Asked too often (429); wait a little."""


ProblemError.by_code = {"superseded": Superseded, "frame-gone": FrameGone}
ProblemError.by_status = {
    401: NotSignedIn,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    422: Invalid,
    429: TooMany,
}


class OperationEnded(ClientError):
    """An operation ended without a result: it failed, was cancelled or interrupted.

    Attributes:
        status: `failed`, `cancelled` or `interrupted`.
        code: why it failed, for programs; empty where it did not fail.
    """

    def __init__(self, status: str, code: str = "", title: str = "", hint: str = "") -> None:
        self.status = status
        self.code = code
        self.title = title
        self.hint = hint
        said = " ".join(part for part in (title, hint) if part)
        super().__init__(f"the operation was {status}" if not said else f"{said} [{code}]")


def problem_error(document: Mapping[str, Any]) -> ProblemError:
    """Return the exception that fits a problem document best."""
    kind = ProblemError.by_code.get(str(document.get("code")))
    if kind is None:
        kind = ProblemError.by_status.get(int(document.get("status", 500)), ProblemError)
    return kind(document)
