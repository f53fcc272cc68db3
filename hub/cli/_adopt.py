"""`classhub devices found, drivers, adopt, set, rename, remove, search, pair`."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import click

from hub.allowed import allowed, nearest
from hub.cli._call import Progress
from hub.cli._common import INTERRUPTED, MISSING, USAGE, fail
from hub.cli._devices import find
from hub.cli._remote import LONG, Remote, Where, reach
from hub.cli._text import plain, show_json, show_table
from hub.cli._values import settings_of


def found(where: Where, *, as_json: bool) -> None:
    """Print what is plugged in or announces itself."""
    with reach(where) as hub:
        items = hub.all("/discoveries")
        problems = hub.get("/discoveries", limit=1)["problems"]
    for bus, problem in problems.items():
        if problem:
            click.echo(f"classhub: {plain(bus, 20)}: {plain(problem, 500)}", err=True)
    if as_json:
        show_json(items)
        return
    rows = [
        (
            one["identity"],
            one["title"],
            one["serial"],
            _place(one),
            ", ".join(one["drivers"]),
            one["device"],
        )
        for one in items
    ]
    header = ("IDENTITY", "WHAT", "SERIAL", "WHERE", "DRIVERS", "DEVICE")
    show_table(header, rows, empty="Nothing is plugged in, and nothing announces itself.")
    if any(one["twins"] > 1 for one in items):
        click.echo("Some are equal: `classhub devices pair DRIVER` says which one is which.")


def _place(item: dict[str, Any]) -> str:
    if item["host"]:
        return f"{item['host']}:{item['tcp_port']}"
    nodes = [node for some in item["nodes"].values() for node in some]
    return " ".join([item["port"], *nodes]).strip()


def drivers(where: Where, *, as_json: bool) -> None:
    """Print the installed drivers, those that are broken too."""
    with reach(where) as hub:
        items = hub.all("/drivers")
    if as_json:
        show_json(items)
        return
    rows = []
    for one in items:
        schema = one.get("settings") or {}
        asked = set(schema.get("required", ()))
        settings = [f"{n}{'*' if n in asked else ''}" for n in schema.get("properties", {})]
        problem = one.get("problem")
        said = f"broken: {problem['title']}" if problem else one["title"]
        rows.append((one["name"], one["kind"], said, ", ".join(settings)))
    header = ("DRIVER", "KIND", "FOR", "SETTINGS (* must be given)")
    show_table(header, rows, empty="No driver is installed.")


def adopt(
    where: Where,
    identity: str | None,
    driver: str | None,
    about: dict[str, str | None],
    values: Sequence[str],
    *,
    as_json: bool,
) -> None:
    """Make something a device of the hub and print its id."""
    with reach(where) as hub:
        name = driver or _fitting(hub, identity)
        schema = _driver(hub, name).get("settings") or {}
        body: dict[str, Any] = {"driver": name, "identity": identity, **about}
        body["settings"] = settings_of(values, schema) or None
        given = {key: value for key, value in body.items() if value is not None}
        made = hub.send("POST", "/devices", given)
    if as_json:
        show_json(made)
    else:
        click.echo(made["id"])


def _fitting(hub: Remote, identity: str | None) -> str:
    """Return the one driver that fits what was found, or end the command."""
    if identity is None:
        fail("say what to adopt: IDENTITY as `classhub devices found` lists it, or --driver", USAGE)
    items = {one["identity"]: one for one in hub.all("/discoveries")}
    if identity not in items:
        near = nearest(identity, items)
        hint = f"; did you mean {plain(near)}?" if near else ""
        fail(f"nothing of the identity {plain(identity)} is there{hint}", MISSING)
    fit: list[str] = items[identity]["drivers"]
    if len(fit) != 1:
        which = f"several fit: {', '.join(fit)}" if fit else "none of the installed ones fits"
        fail(f"say with --driver which driver it takes; {which}", USAGE)
    return fit[0]


def _driver(hub: Remote, name: str) -> dict[str, Any]:
    known = {one["name"]: one for one in hub.all("/drivers")}
    if name not in known:
        near = nearest(name, known)
        hint = f"did you mean {near}?" if near else f"there are: {', '.join(known) or 'none'}"
        fail(f"there is no driver {plain(name)}; {hint}", MISSING)
    return known[name]


def change(where: Where, wanted: str, values: Sequence[str], *, as_json: bool) -> None:
    """Change a device's settings, or show them."""
    with reach(where) as hub:
        device = find(hub, wanted)["id"]
        path = f"/devices/{device}"
        known = hub.get(f"{path}/settings")
        if values:
            hub.send("PATCH", path, {"settings": settings_of(values, known["schema"])})
            known = hub.get(f"{path}/settings")
    if as_json:
        show_json(known)
        return
    schema = known["schema"]
    rows = []
    for name, one in schema.get("properties", {}).items():
        value = "(set)" if name in known["secrets_set"] else known["values"].get(name)
        rows.append((name, value, allowed(one, schema), one.get("title")))
    show_table(("SETTING", "VALUE", "ALLOWED", "MEANING"), rows, empty="It has no settings.")
    if known["source"] == "file":
        click.echo("It stands in the settings file, and is changed there.")


def rename(where: Where, wanted: str, name: str) -> None:
    """Give a device another name."""
    with reach(where) as hub:
        device = find(hub, wanted)["id"]
        made = hub.send("PATCH", f"/devices/{device}", {"name": name})
    click.echo(f"{made['id']}  {plain(made['name'])}")


def remove(where: Where, wanted: str, *, sure: bool) -> None:
    """Take a device away."""
    with reach(where) as hub:
        device = find(hub, wanted)
        if not sure:
            what = plain(device["name"]) or device["id"]
            click.confirm(
                f"Take {what} away? Its settings are forgotten, secrets too.", abort=True, err=True
            )
        hub.send("DELETE", f"/devices/{quote(device['id'], safe='')}")


def pair(where: Where, driver: str, *, as_json: bool) -> None:
    """Wait until one of several equal devices is touched and print its identity."""
    with reach(where, LONG) as hub:
        _driver(hub, driver)
        operation = hub.send("POST", "/pairings", {"driver": driver})
        click.echo(
            "Touch the device that is meant, or pull it out and plug it in again. Ctrl-C ends.",
            err=True,
        )
        progress = Progress()
        try:
            done = hub.follow(operation, progress.tell)
        except KeyboardInterrupt:
            progress.end()
            fail("cancelled", INTERRUPTED)
        finally:
            progress.end()
    if as_json:
        show_json(done["result"])
    else:
        click.echo(plain(done["result"]["identity"]))


def search(where: Where, drivers: Sequence[str], *, as_json: bool) -> None:
    """Have drivers search and print what answered."""
    with reach(where, LONG) as hub:
        for name in drivers:
            _driver(hub, name)
        operation = hub.send("POST", "/searches", {"drivers": list(drivers)} if drivers else {})
        progress = Progress()
        try:
            result = hub.follow(operation, progress.tell)["result"]
        except KeyboardInterrupt:
            progress.end()
            fail("cancelled", INTERRUPTED)
        finally:
            progress.end()
    for one in result["problems"]:
        problem = one["problem"]
        said = " ".join(problem[part] for part in ("title", "hint", "detail") if problem[part])
        click.echo(f"classhub: {plain(one['driver'])}: {plain(said, 500)}", err=True)
    if as_json:
        show_json(result)
        return
    rows = [
        (
            one["driver"],
            one["title"],
            one["place"],
            " ".join(f"{name}={value}" for name, value in one["settings"].items()),
            one["device"],
        )
        for one in result["found"]
    ]
    header = ("DRIVER", "WHAT", "WHERE", "SETTINGS", "DEVICE")
    show_table(header, rows, empty="Nothing answered.")
    if any(one["device"] is None for one in result["found"]):
        click.echo("Take one into use: classhub devices adopt --driver DRIVER --set SETTING")
