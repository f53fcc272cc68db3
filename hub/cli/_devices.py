"""`classhub devices list` and `devices show`, and how a command finds the device that is meant."""

import contextlib
from typing import Any
from urllib.parse import quote

import click

from hub.allowed import allowed
from hub.cli._common import MISSING, USAGE, fail
from hub.cli._remote import Refused, Remote, Where, reach
from hub.cli._text import clock, plain, show_json, show_table, value_text
from hub.i18n import fill

_MOST_NAMED = 20


def find(hub: Remote, wanted: str) -> dict[str, Any]:
    """Return a device with its description, by its id or, where only one has it, its name.

    Ends the command where there is none, or where it is not clear which one is meant.
    """
    with contextlib.suppress(_NoSuch):
        return _by_id(hub, wanted)
    known = hub.all("/devices")
    named = [one for one in known if one["name"].casefold() == wanted.casefold()]
    if not named:
        ids = ", ".join(one["id"] for one in known[:_MOST_NAMED]) or "none"
        fail(f"there is no device {plain(wanted)}; known are: {ids}", MISSING)
    if len(named) > 1:
        ids = ", ".join(one["id"] for one in named)
        fail(f"several devices are called {plain(wanted)}; say which: {ids}", USAGE)
    return _by_id(hub, named[0]["id"])


class _NoSuch(Exception):
    """There is no device of this id."""


def _by_id(hub: Remote, device: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = hub.get(f"/devices/{quote(device, safe='') or '-'}")
    except Refused as error:
        if error.status in (404, 422):
            raise _NoSuch from None
        raise
    return found


def state_text(device: dict[str, Any]) -> str:
    """Return in a few words how a device is."""
    state = device["state"]
    if state["presence"] == "absent":
        return "not plugged in"
    if state["problem"] is not None:
        return _title(state["problem"])
    if not state["reachable"]:
        return str(state["process"]) if state["process"] != "running" else "not reachable"
    return "works" if state["health"] is None else f"works: {_title(state['health'])}"


def _title(problem: dict[str, Any]) -> str:
    # What comes by the stream still has its parameters apart.
    return plain(fill(problem["title"], problem.get("params") or {}))


def show_all(where: Where, *, kind: str | None = None, as_json: bool) -> None:
    """Print all devices."""
    with reach(where) as hub:
        devices = hub.all("/devices", kind=kind)
    if as_json:
        show_json(devices)
        return
    rows = [
        (one["id"], one["name"], one["kind"], state_text(one), one["driver"], one["seat"])
        for one in devices
    ]
    show_table(
        ("ID", "NAME", "KIND", "STATE", "DRIVER", "SEAT"),
        rows,
        empty="No device yet. `classhub devices found` lists what is plugged in.",
    )


def show_one(where: Where, wanted: str, *, as_json: bool) -> None:
    """Print all that is known of one device."""
    with reach(where) as hub:
        device = find(hub, wanted)
    if as_json:
        show_json(device)
        return
    state = device["state"]
    facts = [
        ("id", device["id"]),
        ("name", device["name"]),
        ("kind", device["kind"]),
        ("driver", device["driver"]),
        ("seat", device["seat"]),
        ("state", state_text(device)),
        ("since", clock(state["since"])),
        ("presence", state["presence"]),
        ("process", state["process"]),
    ]
    for name, value in facts:
        if value not in (None, ""):
            click.echo(f"{name:<10}{plain(value)}")
    for name in ("problem", "health"):
        if state[name] is not None:
            said = " ".join(p for p in (state[name]["hint"], state[name]["detail"]) if p)
            click.echo(f"{name:<10}{plain(said, 500)}")
    _show_members(device)
    counters = device["counters"] or {}
    if counters:
        click.echo()
        show_table(("COUNTED", "SINCE THE HUB STARTED"), list(counters.items()), empty="")


def _show_members(device: dict[str, Any]) -> None:
    described = device["description"]
    if described is None:
        return
    readings = device["properties"]
    properties = [
        (
            name,
            value_text((readings.get(name) or {}).get("value"), one["unit"]),
            (readings.get(name) or {}).get("quality"),
            allowed(one["schema"]),
            one["write_role"] if one["writable"] else "read only",
        )
        for name, one in described["properties"].items()
    ]
    others = [
        (what, name, one["title"], one["role"])
        for what in ("actions", "events", "streams")
        for name, one in described[what].items()
    ]
    if properties:
        click.echo()
        header = ("PROPERTY", "VALUE", "QUALITY", "ALLOWED", "SET BY")
        show_table(header, properties, empty="")
    if others:
        click.echo()
        rows = [(what[:-1], name, title, role) for what, name, title, role in others]
        show_table(("MEMBER", "NAME", "TITLE", "FROM ROLE"), rows, empty="")
