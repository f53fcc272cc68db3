"""Tokens of programs."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import Field

from hub.api.context import TheHub
from hub.api.models import Body, Id, IdField, NewTokenModel, TokenModel, token_model
from hub.api.paging import Page, Pages
from hub.api.routing import PREFIX, Router, problems
from hub.api.security import Requires
from hub.device import Role
from hub.errors import N_, Invalid
from hub.rights import Principal

router = Router(prefix=PREFIX, tags=["Tokens"])

_SPAN = re.compile(r"([1-9]\d{0,5})([smhd])$")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
LONGEST = timedelta(days=3660)


class BadSpan(Invalid):
    """A span of time is not written as the hub reads it."""

    code = "bad-span"
    title = N_("This span of time was not understood.")
    hint = N_("Write a number with s, m, h or d, such as 12h or 30d; at most ten years.")


def span(text: str) -> timedelta:
    """Return a span of time written as `90s`, `15m`, `12h` or `30d`.

    Raises:
        BadSpan: it is written otherwise, or longer than ten years.
    """
    match = _SPAN.match(text.strip())
    if match is None:
        raise BadSpan(f"{text[:40]!r}")
    given = timedelta(**{_UNITS[match[2]]: int(match[1])})
    if given > LONGEST:
        raise BadSpan(f"{text[:40]!r}")
    return given


class UnknownScope(Invalid):
    """No plugin that works takes tokens of this scope."""

    code = "unknown-scope"
    title = N_("There is no such purpose for a token.")
    hint = N_("Leave `scope` out, or name one of these: {known}.")


class NewToken(Body):
    """The token to make."""

    role: Role
    name: str = Field(min_length=1, max_length=200, examples=["Lesson software"])
    expires: str | None = Field(
        default=None, max_length=20, description="After how long: `12h`, `30d`.", examples=["12h"]
    )
    person: IdField | None = Field(default=None, description="On whose behalf it acts.")
    scope: str | None = Field(
        default=None,
        max_length=80,
        description="What alone it shall be good for; null: all that its role may.",
        examples=["printing:send"],
    )


@router.get(
    "/tokens",
    operation_id="listTokens",
    summary="Tokens",
    response_model=Page[TokenModel],
    dependencies=[Requires(Role.ADMIN)],
)
async def tokens(hub: TheHub, pages: Pages) -> dict[str, Any]:
    """Every token that was made, without its secret."""
    found = await hub.school.tokens(cursor=pages.cursor, limit=pages.limit)
    return {"items": [token_model(token) for token in found.items], "next": found.next}


@router.post(
    "/tokens",
    operation_id="createToken",
    summary="Make a token",
    status_code=201,
    response_model=NewTokenModel,
    responses=problems(404),
)
async def create(
    hub: TheHub, caller: Annotated[Principal, Requires(Role.ADMIN)], body: NewToken
) -> dict[str, Any]:
    """Make a token. Its secret is in this answer and nowhere else."""
    expires = None if body.expires is None else span(body.expires)
    if body.scope is not None and body.scope not in (known := hub.plugins.scopes):
        raise UnknownScope(f"{body.scope!r}", known=", ".join(sorted(known)) or "–", field="scope")
    secret, token = await hub.school.create_token(
        body.role, body.name, expires=expires, person=body.person, scope=body.scope, by=caller
    )
    return {**token_model(token), "token": secret}


@router.delete(
    "/tokens/{token}",
    operation_id="revokeToken",
    summary="Revoke a token",
    status_code=204,
)
async def revoke(
    hub: TheHub, token: Id, caller: Annotated[Principal, Requires(Role.ADMIN)]
) -> None:
    """Within a second nobody gets in with it, and its connections are closed."""
    await hub.school.revoke_token(token, by=caller)
