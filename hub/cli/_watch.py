"""`classhub watch`: what happens, line by line."""

import json
import time
from typing import TYPE_CHECKING, Any

import click

from hub.cli._common import NO_HUB, fail
from hub.cli._devices import find, state_text
from hub.cli._remote import LONG, Refused, Where, reach
from hub.cli._text import as_json as json_text
from hub.cli._text import clock, plain, value_text

if TYPE_CHECKING:
    from websockets.sync.connection import Connection


def watch(
    where: Where, wanted: str | None, member: str | None, seconds: float | None, *, as_json: bool
) -> None:
    """Print messages until Ctrl-C, or for so many seconds."""
    with reach(where, LONG) as hub:
        units: dict[str, Any] = {}
        device = None
        if wanted is not None:
            found = find(hub, wanted)
            device = found["id"]
            described = found["description"] or {"properties": {}}
            units = {name: one["unit"] for name, one in described["properties"].items()}
        try:
            with hub.stream() as socket:
                for number, pattern in enumerate(_filters(device, member), 1):
                    socket.send(json.dumps({"op": "subscribe", "sub": number, "filter": pattern}))
                _print_all(socket, seconds, units, as_json=as_json)
        except KeyboardInterrupt:
            return  # the way in which watching ends


def _filters(device: str | None, member: str | None) -> list[str]:
    which = "+" if device is None else device
    if member is None:
        return [f"{which}/state", f"{which}/p/+", f"{which}/e/+"]
    return [f"{which}/{letter}/{member}" for letter in ("p", "e", "s")]


def _print_all(
    socket: "Connection", seconds: float | None, units: dict[str, Any], *, as_json: bool
) -> None:
    from websockets.exceptions import ConnectionClosed  # noqa: PLC0415

    end = None if seconds is None else time.monotonic() + seconds
    while True:
        left = None if end is None else end - time.monotonic()
        if left is not None and left <= 0:
            return
        try:
            message = json.loads(socket.recv(timeout=left))
        except TimeoutError:
            return
        except ConnectionClosed as error:
            why = error.rcvd.reason if error.rcvd is not None else ""
            fail(f"the hub has closed the connection{f': {plain(why)}' if why else ''}", NO_HUB)
        if message.get("op") == "problem":
            raise Refused(message["problem"], message["problem"].get("status", 0))
        if "topic" in message:
            shown = {"topic": message["topic"], "payload": message["payload"]}
            click.echo(json_text(shown, indent=None) if as_json else line_of(shown, units))


def line_of(message: dict[str, Any], units: dict[str, Any]) -> str:
    """Return a message of the stream as a line for people."""
    topic, payload = str(message["topic"]), message["payload"]
    device, _, rest = topic.partition("/")
    letter, _, name = rest.partition("/")
    about = payload if isinstance(payload, dict) else {}
    when = about.get("time") or about.get("since")
    start = f"{clock(when if isinstance(when, str) else None)}  {plain(device, 63)}  "
    if payload is None:
        return f"{start}{plain(rest)} is gone"
    if letter == "state" and "presence" in about:
        return start + state_text({"state": {"problem": None, "health": None, **about}})
    if letter == "p":
        quality = about.get("quality", "good")
        doubt = "" if quality == "good" else f" ({plain(quality, 20)})"
        return f"{start}{plain(name)} = {value_text(about.get('value'), units.get(name))}{doubt}"
    if letter == "e":
        return f"{start}{plain(name)}! {value_text(about.get('data'))}"
    return f"{start}{plain(rest)}  {value_text(payload)}"
