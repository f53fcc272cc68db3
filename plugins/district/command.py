"""`classhub district`: for engineers of the district, who ask hubs to do something."""

import asyncio
import json
import os
import ssl
import sys
from pathlib import Path
from typing import Any

import click

from hub.clock import now
from hub.ids import new_id

_FILE = click.Path(path_type=Path, dir_okay=False)
_THERE = click.Path(path_type=Path, dir_okay=False, exists=True)
_ENDED = ("done", "failed", "refused", "declined", "expired", "unknown")
_NO_ANSWER = 3


@click.group()
def district() -> None:
    """School district: asking a school's hub to do something, if the school agrees."""


@district.command()
@click.argument("file", type=_FILE)
def key(file: Path) -> None:
    """Make a key to sign with, and print what schools put in."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
        Ed25519PrivateKey,
    )

    made = Ed25519PrivateKey.generate()
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
            opened.write(made.private_bytes_raw().hex() + "\n")
    except FileExistsError:
        raise click.ClickException(f"{file} is there already") from None
    click.echo(made.public_key().public_bytes_raw().hex())


@district.command()
@click.argument("key", type=_THERE)
@click.argument("hub")
@click.argument("command", type=click.Choice(["check", "restart-device", "support-bundle"]))
@click.option("--device", default="", help="With which device, by its id.")
@click.option("--reason", default="", help="For the school's people, who read it.")
@click.option("--minutes", type=click.IntRange(1, 480), default=60, help="How long it is good.")
def sign(key: Path, hub: str, command: str, device: str, reason: str, minutes: int) -> None:
    """Write an order for a HUB (its name at the district), signed with a KEY, to the output."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
        Ed25519PrivateKey,
    )

    from plugins.district.hands.order import Order, Unreadable, read  # noqa: PLC0415
    from plugins.district.hands.order import sign as signed  # noqa: PLC0415

    try:
        private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key.read_text().strip()))
        at = now()
        made = signed(
            Order(new_id(), hub, command, at, at + minutes * 60.0, device, reason), private
        )
        read(made)
    except (ValueError, Unreadable) as error:
        raise click.ClickException(str(error)) from error
    click.echo(made.decode())


@district.command()
@click.argument("order", type=click.File("rb"), default="-")
@click.option("--host", required=True, help="Of the district's broker.")
@click.option("--port", type=int, default=8883)
@click.option("--ca", type=_THERE, required=True, help="Who vouches for the broker.")
@click.option("--certificate", type=_THERE, required=True, help="Yours; its name is `hands`.")
@click.option("--key", type=_THERE, required=True, help="Of the certificate.")
@click.option("--wait", type=float, default=60.0, help="Seconds to wait for an end.")
@click.option("--language", type=click.Choice(["kk", "ru", "en"]), default="en", help="Of answers.")
def send(
    order: Any,
    host: str,
    port: int,
    ca: Path,
    certificate: Path,
    key: Path,
    wait: float,
    language: str,
) -> None:
    """Send an ORDER, and tell what becomes of it. Sent again it is answered, not done again."""
    from plugins.district.hands.order import Unreadable, read  # noqa: PLC0415

    payload = order.read().strip()
    try:
        _, asked = read(payload)
    except Unreadable as error:
        raise click.ClickException(f"this is no order: {error}") from error
    tls = ssl.create_default_context(cafile=str(ca))
    try:
        tls.load_cert_chain(certificate, key)
        state = asyncio.run(_send((host, port), tls, payload, (asked.to, asked.id), wait, language))
    except OSError as error:
        raise click.ClickException(str(error)) from error
    if state == "":
        click.echo("no answer: the hub is not connected, or does not hear", err=True)
    sys.exit(_NO_ANSWER if state not in _ENDED else int(state != "done"))


async def _send(
    place: tuple[str, int],
    tls: ssl.SSLContext,
    payload: bytes,
    asked: tuple[str, str],
    wait: float,
    language: str,
) -> str:
    """Send; print each answer as it comes; return the last state that was heard."""
    from hub.broker_link.client import Client, Trouble  # noqa: PLC0415 - 4 MB, wanted here alone
    from plugins.district.messages import ROOT  # noqa: PLC0415

    hub, id_ = asked
    state = ""
    try:
        async with Client(*place, tls_context=tls) as client:
            await client.subscribe(f"{ROOT}/{hub}/data/reply", qos=1)
            await client.publish(f"{ROOT}/{hub}/command", payload, qos=1)
            async with asyncio.timeout(wait):
                async for message in client.messages:
                    told = _told(message.payload, id_, language)
                    if told is None or told["state"] == state:
                        continue
                    state = told["state"]
                    click.echo(" ".join(told[one] for one in ("time", "state", "code", "result")))
                    if state in _ENDED:
                        break
    except TimeoutError:
        pass
    except Trouble as error:
        raise click.ClickException(f"the broker: {error}") from error
    return state


def _told(payload: Any, id_: str, language: str) -> dict[str, str] | None:
    try:
        told = json.loads(payload)
    except (ValueError, TypeError):
        return None
    if not isinstance(told, dict) or told.get("order") not in (id_, ""):
        return None
    found = {one: str(told.get(one, "")) for one in ("time", "state", "code", "result")}
    return {**found, "result": str(told.get(f"result_{language}") or found["result"])}
