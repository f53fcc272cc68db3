"""The base of every error that the hub or a driver reports to somebody.

An error carries a stable `code` (for programs), a `title` and a `hint` (for people: what happened,
what to do now; both are message ids of the translation catalogues) and a `detail` (for the log and
the engineer, never translated). `params` fill the `{placeholders}` of title and hint.
"""

from typing import Any, ClassVar


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "mark for translation only"
    """Mark a message for the translation catalogue and return it unchanged."""
    return message


class HubError(Exception):
    """Something that was asked for could not be done, and why.

    Attributes:
        code: stable, lower-case, with dashes; programs may rely on it.
        status: the HTTP status that says it best.
        title: what happened, one sentence (message id).
        hint: what to do now, one sentence (message id); empty where nothing can be done.
        retryable: the same request may succeed later without anybody mending anything.
        retry_after: seconds after which it is worth while, where that is known.
    """

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    title: ClassVar[str] = N_("Something went wrong in the hub.")
    hint: ClassVar[str] = N_("Try again. If it happens again, tell the lab engineer.")
    retryable: ClassVar[bool] = False
    retry_after: ClassVar[int | None] = None

    def __init__(self, detail: str = "", **params: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.params = params


class NotFound(HubError):
    """There is no such thing, or the caller may not know of it."""

    code = "not-found"
    status = 404
    title = N_("There is nothing here under this name.")
    hint = N_("Check the address, or open the list and choose from it.")


class Invalid(HubError):
    """The request does not say what it must, or says what it may not."""

    code = "invalid"
    status = 422
    title = N_("The request was not understood.")
    hint = N_("Correct the fields that are named and send it again.")


class Conflict(HubError):
    """The request does not fit the state that things are in."""

    code = "conflict"
    status = 409
    title = N_("This cannot be done in the present state.")
    hint = N_("Reload the page and look at the state before trying again.")


class NotSignedIn(HubError):
    """No token or session came with the request, or it is no longer good."""

    code = "not-signed-in"
    status = 401
    title = N_("You are not signed in.")
    hint = N_("Open the sign-in link, or join the lesson with its six digits.")


class Forbidden(HubError):
    """The caller is known and may not do this."""

    code = "forbidden"
    status = 403
    title = N_("You may not do this.")
    hint = N_("Ask your teacher or the lab engineer.")


class TooLarge(HubError):
    """More was sent than the hub takes."""

    code = "too-large"
    status = 413
    title = N_("This is too large.")
    hint = N_("Send a smaller file.")


class TooMany(HubError):
    """The caller asks too often."""

    code = "too-many"
    status = 429
    title = N_("Too many attempts.")
    hint = N_("Wait a minute and try again.")
    retryable = True
    retry_after = 60


class Unsupported(HubError):
    """The media type is not one that the hub takes here."""

    code = "unsupported-media-type"
    status = 415
    title = N_("Files of this type are not taken here.")
    hint = N_("Send a JPEG or PNG picture.")
