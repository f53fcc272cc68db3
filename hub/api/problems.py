"""Problem documents (RFC 9457): the one form in which the API says that something went wrong.

A document has `type`, `title`, `status`, `code` (stable, for programs), `hint` (what to do now)
and, where they help, `detail`, `errors` and `instance`. Title and hint are in the caller's
language. There is never a traceback in it; that goes to the log under the document's `instance`.
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from hub.device import DeviceError, Problem
from hub.errors import N_, HubError, Invalid, NotFound, TooLarge
from hub.i18n import LANGUAGES, Translator, negotiate
from hub.ids import new_id

log = logging.getLogger("classhub.api")

MEDIA_TYPE = "application/problem+json"
MAX_ERRORS = 20
_SILENT = frozenset({401, 403, 500})


class Malformed(HubError):
    """The request is no well-formed HTTP or JSON."""

    code = "malformed"
    status = 400
    title = N_("The request could not be read.")
    hint = N_("Send well-formed JSON in UTF-8, or a complete form.")


class NoSuchMethod(HubError):
    """The address is there and does not take this method."""

    code = "method-not-allowed"
    status = 405
    title = N_("This cannot be done at this address.")
    hint = N_("Look up the method in the API's description.")


class WrongContent(HubError):
    """The body is of a media type that the route does not read."""

    code = "unsupported-media-type"
    status = 415
    title = N_("The hub does not read this kind of content here.")
    hint = N_("Send JSON with Content-Type: application/json.")


class Internal(HubError):
    """The hub itself failed; the log says more."""


class FieldError(BaseModel):
    """What is wrong with one field of the request."""

    field: str = Field(description="Where: `body.title`, `query.limit`.")
    message: str


class ProblemDocument(BaseModel):
    """What went wrong, and what to do now (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "There is nothing here under this name.",
                    "status": 404,
                    "code": "not-found",
                    "hint": "Check the address, or open the list and choose from it.",
                }
            ]
        }
    )

    type: str = "about:blank"
    title: str
    status: int
    code: str
    hint: str = ""
    detail: str | None = None
    instance: str | None = None
    errors: list[FieldError] | None = None


def language_of(connection: HTTPConnection, default: str) -> str:
    """Return the caller's language: `?lang=`, else `Accept-Language`, else the hub's."""
    query = connection.scope.get("query_string", b"")
    if b"lang=" in query:
        wanted = connection.query_params.get("lang", "")
        if wanted in LANGUAGES:
            return wanted
    for name, value in connection.scope["headers"]:
        if name == b"accept-language":
            return negotiate(value.decode("latin-1"), default)
    return default


def document(
    error: HubError,
    say: Translator,
    language: str,
    *,
    errors: Sequence[Mapping[str, str]] = (),
    instance: str | None = None,
) -> dict[str, Any]:
    """Return the problem document of an error as JSON-ready data."""
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": say.say(error.title, language, error.params),
        "status": error.status,
        "code": error.code,
        "hint": say.say(error.hint, language, error.params),
    }
    # Details of refusals name rights and internals: they are for the log.
    if error.detail and (isinstance(error, DeviceError) or error.status not in _SILENT):
        problem["detail"] = error.detail[:500]
    if errors:
        problem["errors"] = list(errors)
    if instance:
        problem["instance"] = instance
    return problem


def problem_of(problem: Problem | None, say: Translator, language: str) -> dict[str, Any] | None:
    """Return a device's problem or health with title and hint in the caller's language."""
    if problem is None:
        return None
    return {
        "code": problem.code,
        "title": say.say(problem.title, language, problem.params),
        "hint": say.say(problem.hint, language, problem.params),
        "detail": problem.detail[:500],
        "severity": str(problem.severity),
    }


class ProblemResponse(Response):
    """A problem document as a response."""

    media_type = MEDIA_TYPE

    def __init__(
        self, problem: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> None:
        body = json.dumps(problem, ensure_ascii=False).encode("utf-8", "replace")
        # The media type has no charset parameter: JSON is UTF-8.
        super().__init__(body, problem["status"], {**(headers or {}), "Cache-Control": "no-store"})


class Problems:
    """Turns exceptions into problem documents; registered with the application.

    Args:
        say: the translator; its default language is the hub's.
    """

    def __init__(self, say: Translator) -> None:
        self.say = say
        # The framework names the methods of one route; a path may have several.
        self.methods_of: Callable[[str], list[str]] = lambda _: []

    def respond(
        self,
        connection: HTTPConnection,
        error: HubError,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        instance: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> ProblemResponse:
        """Return the response that says `error` in the caller's language."""
        language = language_of(connection, self.say.default)
        extra = dict(headers or {})
        extra["Content-Language"] = language
        if error.status == 401:
            extra["WWW-Authenticate"] = 'Bearer realm="classhub"'
        if error.retry_after is not None:
            extra.setdefault("Retry-After", str(error.retry_after))
        return ProblemResponse(
            document(error, self.say, language, errors=errors, instance=instance), extra
        )

    async def on_hub_error(self, request: Request, error: Exception) -> Response:
        """Answer an error that the hub raised on purpose."""
        if not isinstance(error, HubError):
            raise error
        if error.status == 500 and not isinstance(error, DeviceError):
            return await self.on_anything(request, error)
        # What is wrong with which field, where the hub and not the framework has found it.
        errors = error.params.get("errors", ()) if error.status == 422 else ()
        return self.respond(request, error, errors=errors)

    async def on_http(self, request: Request, error: Exception) -> Response:
        """Answer what the framework refuses: unknown address, method, unreadable body."""
        if not isinstance(error, HTTPException):
            raise error
        kind = _BY_STATUS.get(error.status_code)
        headers = dict(error.headers or {})
        if error.status_code == 405:
            headers["Allow"] = ", ".join(self.methods_of(request.scope["path"])) or "GET"
        if kind is None:
            kind = Malformed if error.status_code < 500 else Internal
        return self.respond(request, kind(), headers=headers)

    async def on_validation(self, request: Request, error: Exception) -> Response:
        """Answer a request whose fields are not what the route takes: name each of them."""
        # Imported here: commands that only read the settings come by this module, and FastAPI is a
        # third of a second. Whoever calls this has it.
        from fastapi.exceptions import RequestValidationError  # noqa: PLC0415

        if not isinstance(error, RequestValidationError):
            raise error
        found = error.errors()
        if any(one["type"] == "json_invalid" for one in found):
            return self.respond(request, Malformed("the body is no JSON"))
        if _unread_body(request, found):
            return self.respond(request, WrongContent())
        errors = [
            {"field": ".".join(_word(part) for part in one["loc"]), "message": one["msg"][:300]}
            for one in found[:MAX_ERRORS]
        ]
        return self.respond(request, Invalid(), errors=errors)

    async def on_anything(self, request: Request, error: Exception) -> Response:
        """Answer a failure of the hub itself; the log gets the traceback under the same id."""
        instance = f"urn:classhub:failure:{new_id()}"
        log.error("%s %s failed (%s)", request.method, request.url.path, instance, exc_info=error)
        return self.respond(request, Internal(), instance=instance)


def _word(part: Any) -> str:
    return str(part)[:80]


def _unread_body(request: Request, found: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether a body came that the route did not read as JSON for its media type."""
    if not any(tuple(one["loc"]) == ("body",) for one in found):
        return False
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    length = request.headers.get("content-length", "")
    sent = length not in ("", "0") or "transfer-encoding" in request.headers
    return sent and not (kind == "application/json" or kind.endswith("+json"))


_BY_STATUS: dict[int, type[HubError]] = {
    400: Malformed,
    404: NotFound,
    405: NoSuchMethod,
    413: TooLarge,
    415: WrongContent,
    422: Invalid,
}
