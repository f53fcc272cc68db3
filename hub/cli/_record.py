"""`classhub record` and `classhub replay`: a device's conversation with its driver, in a file."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hub.cli._call import Progress
from hub.cli._common import DEVICE, FAILED, INTERRUPTED, MISSING, USAGE, fail, said
from hub.cli._devices import find
from hub.cli._remote import LONG, Remote, Where, reach
from hub.cli._text import as_json as json_text
from hub.cli._text import plain, value_text
from hub.cli._values import typed
from hub.driver_host.errors import DriverMissing
from hub.errors import HubError

if TYPE_CHECKING:
    from hub.recordings import Happening, ReplayEnd

_ANY = {"type": ["number", "boolean", "object", "array", "null"]}


def record(where: Where, wanted: str, file: Path, seconds: int, *, force: bool) -> None:
    """Record for so many seconds, or until Ctrl-C, and write the recording."""
    if file.exists() and not force:
        fail(f"{file} is there; choose another name, or give --force", USAGE)
    if not file.parent.is_dir():
        fail(f"there is no folder {file.parent}", USAGE)
    with reach(where, LONG) as hub:
        device = find(hub, wanted)["id"]
        before = {one["id"] for one in hub.all("/recordings")}
        operation = hub.send("POST", f"/devices/{device}/recordings", {"seconds": seconds})
        progress = Progress()
        try:
            recording = hub.follow(operation, progress.tell)["result"]["recording"]
        except KeyboardInterrupt:
            recording = _cut_short(hub, device, before)
        finally:
            progress.end()
        if recording is None:
            fail("cancelled before anything was recorded", INTERRUPTED)
        try:
            size = hub.download(f"/recordings/{recording}/content", file)
        except OSError as error:
            fail(f"{file} cannot be written: {error.strerror}", FAILED)
        hub.send("DELETE", f"/recordings/{recording}")
    click.echo(f"{file}: {size} bytes")


def _cut_short(hub: Remote, device: str, before: set[str]) -> str | None:
    """Return the recording of a device that was begun and is ended, None where there is none."""
    new = [one for one in hub.all("/recordings") if one["id"] not in before]
    return next((str(one["id"]) for one in reversed(new) if one["device"] == device), None)


def replay(file: Path, values: Sequence[str], *, fast: bool, as_json: bool) -> None:
    """Play a recording and print what the driver tells, then how it went."""
    from hub.recordings import replay as play  # noqa: PLC0415 - starts what drivers need

    settings = {}
    for pair in values:
        key, sign, text = pair.partition("=")
        if not sign:
            fail(f"{plain(pair)}: write it as KEY=VALUE", USAGE)
        settings[key] = typed(text, _ANY)

    def tell(happening: "Happening") -> None:
        told = {"what": happening.what, "name": happening.name, "data": happening.data}
        line = json_text(told, indent=None) if as_json else _line(told)
        if line:
            click.echo(line)

    pace: Any = "fast" if fast else "original"
    try:
        end = asyncio.run(play(file, tell=tell, pace=pace, settings=settings or None))
    except KeyboardInterrupt:
        fail("cancelled", INTERRUPTED)
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}", MISSING)
    except DriverMissing as error:
        fail(plain(said(error), 500), MISSING)
    except HubError as error:
        fail(plain(said(error), 500), USAGE if error.status == 422 else FAILED)
    _finish(end)


def _line(told: dict[str, Any]) -> str:
    """Return what the driver told as a line; the description and pictures are only counted."""
    what, data = told["what"], told["data"]
    if what in ("description", "frame"):
        return ""
    if what == "state":
        problem = data["problem"] or {}
        return "connected" if data["reachable"] else f"not connected: {plain(problem.get('title'))}"
    if what == "reading":
        return f"{told['name']} = {value_text(data['value'])}"
    return " ".join(part for part in (what, told["name"], value_text(data)) if part)


def _finish(end: "ReplayEnd") -> None:
    counted = ", ".join(f"{count} {what}" for what, count in sorted(end.told.items()))
    cut = "" if end.whole else " (the recording was cut)"
    click.echo(
        f"classhub: {end.played} of {end.connections} connections played, {end.seconds:.1f} s"
        f"{cut}; told: {counted or 'nothing'}",
        err=True,
    )
    if end.problem is not None:
        fail(plain(said(end.problem), 500), DEVICE)
