"""`classhub people …`."""

import click

from hub.cli._remote import Where, reach
from hub.cli._text import clock, plain, show_json, show_table


def show(where: Where, role: str | None, group: str | None, *, as_json: bool) -> None:
    """Print the people; who was erased has no name any more and is left out for people."""
    with reach(where) as hub:
        people = hub.all("/people", role=role, group=group)
        groups = {one["id"]: one["name"] for one in hub.all("/groups")}
    if as_json:
        show_json(people)
        return
    rows = [
        (one["id"], one["name"], one["role"], groups.get(one["group"]), clock(one["created"]))
        for one in people
        if not one["erased"]
    ]
    show_table(("ID", "NAME", "ROLE", "GROUP", "SINCE"), rows, empty="Nobody is known yet.")


def add(where: Where, name: str, role: str, group: str | None, *, as_json: bool) -> None:
    """Add somebody and print their id."""
    with reach(where) as hub:
        made = hub.send("POST", "/people", {"name": name, "role": role, "group": group})
    if as_json:
        show_json(made)
    else:
        click.echo(f"{made['id']}  {plain(made['name'])} ({made['role']})")


def rename(where: Where, person: str, name: str) -> None:
    """Give somebody another name."""
    with reach(where) as hub:
        made = hub.send("PATCH", f"/people/{person}", {"name": name})
    click.echo(f"{made['id']}  {plain(made['name'])}")


def erase(where: Where, person: str, *, sure: bool) -> None:
    """Erase somebody, once it was said twice."""
    with reach(where) as hub:
        known = hub.get(f"/people/{person}")
        if not sure:
            click.confirm(
                f"Erase {plain(known['name'])}? It cannot be undone.", abort=True, err=True
            )
        hub.send("DELETE", f"/people/{person}")
