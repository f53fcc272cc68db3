"""Browser sessions: signing in with a code, joining a lesson, signing out."""

from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import Field

from hub.api.context import Language, TheHub, address_of, base_of
from hub.api.models import Body, SessionModel, lesson_model, principal_model
from hub.api.routing import PREFIX, Router, problems
from hub.api.security import COOKIE, Requires, public
from hub.clock import now
from hub.device import Role
from hub.errors import NotFound, TooMany
from hub.rights import Principal
from hub.school import WrongCode

router = Router(prefix=PREFIX, tags=["Session"])


class SignInByCode(Body):
    """A one-time code, from the link that the hub or the engineer gave."""

    code: str = Field(min_length=1, max_length=200, examples=["u3Jx0Tq2"])


class JoinLesson(Body):
    """A lesson's six digits and the name to be seen by."""

    digits: str = Field(pattern=r"^[0-9]{6}$", examples=["204816"])
    name: str = Field(min_length=1, max_length=200, examples=["Aizhan"])


@router.get(
    "/session", operation_id="getSession", summary="Who is signed in", response_model=SessionModel
)
async def get(
    request: Request,
    hub: TheHub,
    language: Language,
    caller: Annotated[Principal, Requires(Role.DISPLAY)],
) -> dict[str, Any]:
    """Who the caller is, and the lesson that they are in or that runs now."""
    lesson = await hub.school.default_lesson(caller)
    return {
        "principal": principal_model(caller),
        "lesson": None if lesson is None else lesson_model(lesson, caller, base_of(request, hub)),
        "language": language,
    }


@router.post(
    "/session",
    operation_id="signIn",
    summary="Sign in or join a lesson",
    response_model=SessionModel,
    responses=problems(403, 409, 429),
)
@public
async def post(
    request: Request,
    response: Response,
    hub: TheHub,
    language: Language,
    body: SignInByCode | JoinLesson,
) -> dict[str, Any]:
    """Redeem a one-time code, or join a lesson with its six digits. Sets the session's cookie."""
    address = address_of(request)
    try:
        if isinstance(body, SignInByCode):
            opened = await hub.school.redeem(body.code, address)
        else:
            opened = await hub.school.join(body.digits, body.name, address)
    except (WrongCode, TooMany) as error:
        await hub.audit.refused(address, error.code)
        raise
    response.set_cookie(
        COOKIE,
        opened.secret,
        max_age=max(1, int(opened.expires - now())),
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    caller = opened.principal
    lesson = opened.lesson or await hub.school.default_lesson(caller)
    return {
        "principal": principal_model(caller),
        "lesson": None if lesson is None else lesson_model(lesson, caller, base_of(request, hub)),
        "language": language,
    }


@router.delete(
    "/session", operation_id="signOut", summary="Sign out", status_code=204, responses=problems(404)
)
async def delete(
    response: Response, hub: TheHub, caller: Annotated[Principal, Requires(Role.DISPLAY)]
) -> None:
    """End the browser's session. A token is no session: it is revoked instead."""
    if caller.via != "session":
        raise NotFound("a token is no session")
    await hub.school.sign_out(caller)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
