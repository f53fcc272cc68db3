"""The commands about the school: `people`, `lesson`, `audit`."""
# ruff: noqa: PLC0415 - commands start fast: what they do is imported when they run

from typing import TYPE_CHECKING

import click

from hub.cli._options import Listing, hub_options, json_option, yes_option

if TYPE_CHECKING:
    from hub.cli._remote import Where

ROLES = ("display", "pupil", "teacher", "engineer", "admin")
_ROLE = click.Choice(ROLES)


@click.group(cls=Listing)
def people() -> None:
    """People of the school: list them (with no command), add, rename and erase them."""


@people.command("list")
@click.option("--role", type=_ROLE, help="Only those of this role.")
@click.option("--group", help="Only of this group (its id).")
@hub_options
@json_option
def people_list(where: "Where", role: str | None, group: str | None, as_json: bool) -> None:
    """List everybody who is known."""
    from hub.cli._people import show

    show(where, role, group, as_json=as_json)


@people.command("add")
@click.argument("name")
@click.option("--role", type=_ROLE, default="pupil", show_default=True, help="What they may do.")
@click.option("--group", help="The group's id.")
@hub_options
@json_option
def people_add(where: "Where", name: str, role: str, group: str | None, as_json: bool) -> None:
    """Add somebody; a nickname is enough."""
    from hub.cli._people import add

    add(where, name, role, group, as_json=as_json)


@people.command("rename")
@click.argument("person", metavar="ID")
@click.argument("name")
@hub_options
def people_rename(where: "Where", person: str, name: str) -> None:
    """Give somebody another name."""
    from hub.cli._people import rename

    rename(where, person, name)


@people.command("erase")
@click.argument("person", metavar="ID")
@yes_option
@hub_options
def people_erase(where: "Where", person: str, yes: bool) -> None:
    """Take somebody's name away everywhere; what they made stays. It cannot be undone."""
    from hub.cli._people import erase

    erase(where, person, sure=yes)


@click.group(cls=Listing)
def lesson() -> None:
    """Lessons: list them (with no command), start and end them."""


@lesson.command("start")
@click.argument("title")
@click.option("--group", help="The group's id.")
@hub_options
@json_option
def lesson_start(where: "Where", title: str, group: str | None, as_json: bool) -> None:
    """Start a lesson and print the six digits and the address that pupils join by."""
    from hub.cli._lessons import start

    start(where, title, group, as_json=as_json)


@lesson.command("end")
@click.argument("lesson", metavar="[ID]", required=False)
@hub_options
def lesson_end(where: "Where", lesson: str | None) -> None:
    """End a lesson; without ID the one that runs, where it is the only one."""
    from hub.cli._lessons import end

    end(where, lesson)


@lesson.command("list")
@click.option("--running", is_flag=True, help="Only those that run.")
@hub_options
@json_option
def lesson_list(where: "Where", running: bool, as_json: bool) -> None:
    """List lessons, the newest first."""
    from hub.cli._lessons import show

    show(where, running=running, as_json=as_json)


@click.command()
@click.option(
    "--most", type=click.IntRange(1, 10_000), default=50, show_default=True, help="So many."
)
@click.option("--action", help="Only this, such as token.create, or token.* for all about tokens.")
@click.option("--subject", help="Only what was done to this id.")
@hub_options
@json_option
def audit(
    where: "Where", most: int, action: str | None, subject: str | None, as_json: bool
) -> None:
    """Show who did what, the newest first."""
    from hub.cli._audit import show

    show(where, most, action, subject, as_json=as_json)
