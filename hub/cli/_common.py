"""What the commands share: settings, the open store, and how they say that something failed."""

import asyncio
import getpass
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from hub.bus import Bus
from hub.device import Role
from hub.errors import HubError
from hub.i18n import fill
from hub.rights import Principal
from hub.school import School
from hub.settings import Settings, SettingsError, load
from hub.store import Store

T = TypeVar("T")

FAILED = 1
USAGE = 2
MISSING = 3
IN_USE = 4
NO_HUB = 5
REFUSED = 6
DEVICE = 7
INTERRUPTED = 130
ADDRESS_FILE = "address"
DATABASE = "hub.sqlite"
TOKEN_NAME = "classhub command"  # noqa: S105 - the name of a token, no secret
"""What the tokens are called that commands make for themselves."""


def fail(message: str, code: int = FAILED) -> NoReturn:
    """Say on standard error what went wrong, and end."""
    click.echo(f"classhub: {message}", err=True)
    sys.exit(code)


def settings(config: Path | None, **options: Any) -> Settings:
    """Read the settings, or say what is wrong with them and end."""
    try:
        return load(config, **options)
    except SettingsError as error:
        fail(f"the settings are not right:\n{error}", USAGE)


def with_school(
    data: Path | None, config: Path | None, work: Callable[[School, Settings], Awaitable[T]]
) -> T:
    """Open the store of a data directory, beside a running hub or without one, and do `work`."""
    from hub.keeping import finish_restore  # noqa: PLC0415 - other commands do without

    chosen = settings(config, data=data)
    try:
        chosen.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        finish_restore(chosen.data)
        store = Store(chosen.data / DATABASE)
        store.open()
    except HubError as error:
        fail(said(error))
    except OSError as error:
        fail(f"{chosen.data} cannot be used: {error.strerror}", MISSING)
    try:
        return asyncio.run(_run(work, School(store, Bus()), chosen))
    except HubError as error:
        fail(said(error))
    finally:
        store.close()


async def _run(
    work: Callable[[School, Settings], Awaitable[T]], school: School, chosen: Settings
) -> T:
    return await work(school, chosen)


def command_line() -> Principal:
    """Return who is at the command line: the account, which the data directory lets in."""
    try:
        name = getpass.getuser()[:40]
    except (KeyError, OSError):
        name = str(os.getuid())
    return Principal(id="command-line", name=name, role=Role.ADMIN, via="system")


def said(error: HubError) -> str:
    """Return what an error says to people: what happened, what to do, the detail."""
    parts = [fill(error.title, error.params), fill(error.hint, error.params)]
    if error.detail:
        parts.append(f"({error.detail})")
    return " ".join(part for part in parts if part)
