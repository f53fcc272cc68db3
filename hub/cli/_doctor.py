"""`classhub doctor`."""

import os
import sys
from typing import Any

import click

from hub.cli._common import FAILED
from hub.cli._remote import NoHub, Refused, Remote, Where, address_in, reach
from hub.cli._text import plain, show_json
from hub.doctor import Finding, NotTold, Status, ask_the_hub, examine
from hub.settings import SettingsError, load

_LISTS = ("/drivers", "/plugins", "/devices")
_SIGNS = {Status.OK: "ok", Status.WARNING: "warning", Status.FAILED: "FAILED", Status.SKIPPED: "-"}
_COLOURS = {Status.OK: "green", Status.WARNING: "yellow", Status.FAILED: "red"}
_LONGEST = 1000


def doctor(where: Where, *, as_json: bool) -> None:
    """Print what is found, and end with 1 where something failed."""
    found = [] if where.url else examine(where.config, where.data)
    found += _of_the_hub(where, found)
    if as_json:
        show_json([one.as_json() for one in found])
    else:
        _print(found)
    if any(one.status is Status.FAILED for one in found):
        sys.exit(FAILED)


def _of_the_hub(where: Where, found: list[Finding]) -> list[Finding]:
    """Return what the hub says, or why it is not asked."""
    failed = {one.check for one in found if one.status is Status.FAILED}
    if failed & {"settings", "data", "database"}:
        return [Finding("hub", Status.SKIPPED, "not asked: what it stands on has failed")]
    if where.url is None:
        try:
            address_in(load(where.config, data=where.data).data)
        except NoHub as error:
            return [Finding("hub", Status.SKIPPED, str(error))]
        except (PermissionError, SettingsError) as error:
            return [Finding("hub", Status.SKIPPED, f"not asked: {error}")]
    with reach(where) as hub:
        return _asked(hub)


def _asked(hub: Remote) -> list[Finding]:
    def ask(path: str) -> Any:
        try:
            return hub.all(path) if path in _LISTS else hub.get(path)
        except Refused as error:
            raise NotTold(error.said) from None

    try:
        return ask_the_hub(ask)
    except NoHub as error:
        mend = "see why: journalctl -u classhub -n 50"
        return [Finding("hub", Status.FAILED, str(error), mend)]


def _print(found: list[Finding]) -> None:
    colours = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    longest = max(len(one.check) for one in found)
    for one in found:
        sign = f"{_SIGNS[one.status]:<8}"
        if colours and one.status in _COLOURS:
            sign = click.style(sign, fg=_COLOURS[one.status])
        click.echo(f"{sign}{one.check:<{longest}}  {plain(one.what, _LONGEST)}")
        if one.mend:
            click.echo(f"{'':<{8 + longest}}  → {plain(one.mend, _LONGEST)}")
    counts = [(status, sum(one.status is status for one in found)) for status in Status]
    click.echo(", ".join(f"{count} {status}" for status, count in counts if count))
