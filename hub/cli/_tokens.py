"""`classhub token …` and `classhub sign-in-link`."""

import re
from datetime import timedelta
from pathlib import Path

import click

from hub.cli._common import ADDRESS_FILE, TOKEN_NAME, USAGE, command_line, fail, with_school
from hub.cli._text import clock, show_json, show_table
from hub.clock import now, rfc3339
from hub.device import Role
from hub.school import School, Token
from hub.settings import Settings

_SPAN = re.compile(r"([1-9]\d{0,5})([smhd])$")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def create(
    role: str,
    name: str,
    expires: str | None,
    scope: str | None,
    data: Path | None,
    config: Path | None,
) -> None:
    """Make a token and print its secret."""
    if scope is not None:
        _check_scope(scope)
    span = None
    if expires is not None:
        match = _SPAN.match(expires.strip())
        if match is None:
            fail(f"--expires {expires}: write a number with s, m, h or d, such as 12h", USAGE)
        span = timedelta(**{_UNITS[match[2]]: int(match[1])})

    async def work(school: School, _: Settings) -> str:
        secret, _token = await school.create_token(
            Role(role), name, expires=span, scope=scope, by=command_line()
        )
        return secret

    click.echo(with_school(data, config, work))


def _check_scope(scope: str) -> None:
    from hub.plugins import installed_scopes  # noqa: PLC0415 - all of the API is behind it

    if scope not in (known := installed_scopes()):
        there_are = ", ".join(sorted(known)) or "none"
        fail(f"--scope {scope}: no plugin takes such tokens; there are: {there_are}", USAGE)


def show(data: Path | None, config: Path | None, *, everything: bool, as_json: bool) -> None:
    """Print the tokens; those that commands made for themselves and that are over only on demand.

    Each command that speaks to the hub makes one and revokes it: they would hide all the others.
    """

    async def work(school: School, _: Settings) -> list[Token]:
        found: list[Token] = []
        cursor = None
        while True:
            page = await school.tokens(cursor=cursor, limit=200)
            found += page.items
            cursor = page.next
            if cursor is None:
                return found

    moment = now()
    rows = [
        {
            "id": token.id,
            "role": str(token.role),
            "name": token.name,
            "created": rfc3339(token.created),
            "expires": None if token.expires is None else rfc3339(token.expires),
            "revoked": None if token.revoked is None else rfc3339(token.revoked),
            "scope": token.scope,
        }
        for token in with_school(data, config, work)
        if everything or not (token.name.startswith(TOKEN_NAME) and _is_over(token, moment))
    ]
    if as_json:
        show_json(rows)
        return
    cells = [
        (
            row["id"],
            f"{row['role']}, {row['scope']} only" if row["scope"] else row["role"],
            row["name"],
            clock(row["created"]),
            f"revoked {clock(row['revoked'])}" if row["revoked"] else clock(row["expires"]),
        )
        for row in rows
    ]
    show_table(("ID", "ROLE", "NAME", "MADE", "ENDS"), cells, empty="There are no tokens.")


def _is_over(token: Token, now: float) -> bool:
    return token.revoked is not None or (token.expires is not None and token.expires < now)


def revoke(identity: str, data: Path | None, config: Path | None) -> None:
    """End a token."""

    async def work(school: School, _: Settings) -> None:
        await school.revoke_token(identity, by=command_line())

    with_school(data, config, work)


def link(role: str, name: str | None, data: Path | None, config: Path | None) -> None:
    """Print a sign-in link for the hub that runs, or the one that its settings describe."""

    async def work(school: School, chosen: Settings) -> str:
        code = await school.create_sign_in_code(Role(role), name or role.capitalize())
        return f"{_address(chosen)}/#code={code}"

    click.echo(with_school(data, config, work))


def _address(chosen: Settings) -> str:
    try:
        return (chosen.data / ADDRESS_FILE).read_text("ascii").strip()
    except OSError:
        return f"http://127.0.0.1:{chosen.port}"
