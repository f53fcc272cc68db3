"""`classhub lesson …`."""

import io
import sys

import click
import segno

from hub.cli._common import MISSING, USAGE, fail
from hub.cli._remote import Where, reach
from hub.cli._text import clock, plain, show_json, show_table


def start(where: Where, title: str, group: str | None, *, as_json: bool) -> None:
    """Start a lesson; print its digits, its address and, on a terminal, its QR code."""
    with reach(where) as hub:
        lesson = hub.send("POST", "/lessons", {"title": title, "group": group})
    if as_json:
        show_json(lesson)
        return
    click.echo(f"{plain(lesson['title'])}  ({lesson['id']})")
    click.echo(f"{lesson['code'][:3]} {lesson['code'][3:]}")
    click.echo(plain(lesson["join_url"], 300))
    if sys.stdout.isatty():
        out = io.StringIO()
        segno.make(lesson["join_url"], error="m", micro=False).terminal(out, compact=True)
        click.echo(out.getvalue())


def end(where: Where, lesson: str | None) -> None:
    """End a lesson."""
    with reach(where) as hub:
        if lesson is None:
            running = [one for one in hub.all("/lessons") if not one["ended"]]
            if not running:
                fail("no lesson is running", MISSING)
            if len(running) > 1:
                names = ", ".join(f"{one['id']} ({plain(one['title'], 40)})" for one in running)
                fail(f"several lessons are running, say which: {names}", USAGE)
            lesson = running[0]["id"]
        ended = hub.send("POST", f"/lessons/{lesson}/end")
    click.echo(f"{plain(ended['title'])} has ended.")


def show(where: Where, *, running: bool, as_json: bool) -> None:
    """Print the lessons."""
    with reach(where) as hub:
        lessons = [one for one in hub.all("/lessons") if not (running and one["ended"])]
    if as_json:
        show_json(lessons)
        return
    rows = [
        (
            one["id"],
            one["title"],
            (one["teacher"] or {}).get("name"),
            clock(one["started"]),
            clock(one["ended"]) if one["ended"] else "runs",
            one["code"],
        )
        for one in lessons
    ]
    header = ("ID", "TITLE", "TEACHER", "STARTED", "ENDED", "DIGITS")
    show_table(header, rows, empty="No lesson is running." if running else "No lesson yet.")
