"""`classhub token …` and `classhub sign-in-link`."""

import json
import re
from datetime import timedelta
from pathlib import Path

import click

from hub.cli._common import ADDRESS_FILE, USAGE, fail, with_school
from hub.clock import rfc3339
from hub.device import Role
from hub.school import School, Token
from hub.settings import Settings

_SPAN = re.compile(r"([1-9]\d{0,5})([smhd])$")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def create(
    role: str, name: str, expires: str | None, data: Path | None, config: Path | None
) -> None:
    """Make a token and print its secret."""
    span = None
    if expires is not None:
        match = _SPAN.match(expires.strip())
        if match is None:
            fail(f"--expires {expires}: write a number with s, m, h or d, such as 12h", USAGE)
        span = timedelta(**{_UNITS[match[2]]: int(match[1])})

    async def work(school: School, _: Settings) -> str:
        secret, _token = await school.create_token(Role(role), name, expires=span)
        return secret

    click.echo(with_school(data, config, work))


def show(data: Path | None, config: Path | None, *, as_json: bool) -> None:
    """Print all tokens."""

    async def work(school: School, _: Settings) -> list[Token]:
        found: list[Token] = []
        cursor = None
        while True:
            page = await school.tokens(cursor=cursor, limit=200)
            found += page.items
            cursor = page.next
            if cursor is None:
                return found

    tokens = with_school(data, config, work)
    rows = [
        {
            "id": token.id,
            "role": str(token.role),
            "name": token.name,
            "created": rfc3339(token.created),
            "expires": None if token.expires is None else rfc3339(token.expires),
            "revoked": None if token.revoked is None else rfc3339(token.revoked),
        }
        for token in tokens
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        end = f"revoked {row['revoked']}" if row["revoked"] else f"expires {row['expires'] or '-'}"
        click.echo(f"{row['id']}  {row['role']:<9}{end:<34}{row['name']}")


def revoke(identity: str, data: Path | None, config: Path | None) -> None:
    """End a token."""

    async def work(school: School, _: Settings) -> None:
        await school.revoke_token(identity)

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
