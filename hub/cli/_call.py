"""`classhub call`: read a property, set it, or run an action."""

import sys
from typing import Any

import click

from hub.allowed import nearest
from hub.cli._common import DEVICE, INTERRUPTED, MISSING, USAGE, fail
from hub.cli._devices import find
from hub.cli._remote import LONG, Remote, Where, reach
from hub.cli._text import plain, show_json, value_text
from hub.cli._values import typed


def call(where: Where, wanted: str, member: str, value: str | None, *, as_json: bool) -> None:
    """Do it and print the reading, or the action's result."""
    with reach(where, LONG) as hub:
        device = find(hub, wanted)
        described = device["description"]
        if described is None:
            problem = device["state"]["problem"] or {}
            said = " ".join(problem.get(part, "") for part in ("title", "hint"))
            fail(f"{device['id']} was not connected yet. {plain(said, 500)}".rstrip(), DEVICE)
        path = f"/devices/{device['id']}"
        if member in described["properties"]:
            about = described["properties"][member]
            _property(hub, f"{path}/properties/{member}", about, value, as_json=as_json)
        elif member in described["actions"]:
            about = described["actions"][member]
            _action(hub, f"{path}/actions/{member}", about, value, as_json=as_json)
        else:
            _no_such(device["id"], member, described)


def _property(
    hub: Remote, path: str, about: dict[str, Any], value: str | None, *, as_json: bool
) -> None:
    if value is None:
        reading = hub.get(path)
    elif not about["writable"]:
        fail(f"{about['name']} can be read, not set", USAGE)
    else:
        reading = hub.send("PUT", path, {"value": typed(value, about["schema"])})
    if as_json:
        show_json(reading)
        return
    click.echo(value_text(reading["value"], about["unit"]))
    if reading["quality"] != "good":
        click.echo(f"classhub: the reading is {reading['quality']}", err=True)


def _action(
    hub: Remote, path: str, about: dict[str, Any], value: str | None, *, as_json: bool
) -> None:
    if value is not None and about["input"] is None:
        fail(f"{about['name']} takes no value", USAGE)
    body = {} if value is None else {"input": typed(value, about["input"])}
    progress = Progress()
    try:
        operation = hub.follow(hub.send("POST", path, body), progress.tell)
    except KeyboardInterrupt:
        progress.end()
        fail("cancelled", INTERRUPTED)
    finally:
        progress.end()
    if as_json:
        show_json(operation)
    elif operation["result"] is None:
        click.echo("done")
    else:
        click.echo(value_text(operation["result"]))


class Progress:
    """A line on standard error that says how far an operation is, where that is a terminal."""

    def __init__(self) -> None:
        self._shown = False
        self._at_terminal = sys.stderr.isatty()

    def tell(self, operation: dict[str, Any]) -> None:
        """Show how far it is."""
        if self._at_terminal:
            text = f"{operation['fraction']:4.0%}  {plain(operation['message'], 60)}"
            click.echo(f"\r\x1b[K{text}", nl=False, err=True)
            self._shown = True

    def end(self) -> None:
        """Clear the line."""
        if self._shown:
            click.echo("\r\x1b[K", nl=False, err=True)
            self._shown = False


def _no_such(device: str, member: str, described: dict[str, Any]) -> None:
    if member in described["events"] or member in described["streams"]:
        fail(f"{member} is watched: classhub watch {device} {member}", USAGE)
    names = [*described["properties"], *described["actions"]]
    near = nearest(member, names)
    hint = f"; did you mean {near}?" if near else "."
    fail(f"{device} has no {plain(member)}{hint} It has: {', '.join(names) or 'none'}", MISSING)
