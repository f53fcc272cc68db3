"""`classhub globe`: for whoever makes content packs."""

import os
from pathlib import Path
from typing import NoReturn

import click

from hub.errors import HubError

_FILE = click.Path(path_type=Path, dir_okay=False)
_THERE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.group()
def globe() -> None:
    """Smart globe: content packs."""


@globe.group()
def pack() -> None:
    """Content packs: cards about places, signed by whoever made them."""


@pack.command()
@click.argument("file", type=_THERE)
def check(file: Path) -> None:
    """Check a pack: whole, well-formed, of places that the atlas knows, rightly signed."""
    from plugins.globe.atlas.atlas import atlas  # noqa: PLC0415 - seldom, and slow to load
    from plugins.globe.packs.file import read_pack  # noqa: PLC0415
    from plugins.globe.packs.packs import known_places  # noqa: PLC0415

    try:
        found = read_pack(file)
        known_places(found, atlas())
    except HubError as error:
        _wrong(error)
    says = found.says
    click.echo(f"{says.id} {says.version}: {says.title.en}, {says.licence}, {says.date}")
    click.echo(f"{len(says.cards)} cards of {len({card.place for card in says.cards})} places")
    click.echo(f"signed with the key {found.key}")


@pack.command()
@click.argument("file", type=_FILE)
def key(file: Path) -> None:
    """Make a key to sign packs with, and print what schools put into `pack_keys`."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
        Ed25519PrivateKey,
    )

    made = Ed25519PrivateKey.generate()
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
            opened.write(made.private_bytes_raw().hex() + "\n")
    except FileExistsError:
        click.echo(f"Error: {file} is there already", err=True)
        raise SystemExit(1) from None
    click.echo(made.public_key().public_bytes_raw().hex())


@pack.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.argument("file", type=_FILE)
@click.option("--key", "key_file", type=_THERE, required=True, help="Made by `pack key`.")
def make(folder: Path, file: Path, key_file: Path) -> None:
    """Make a pack of a folder with pack.toml, pictures and sounds, and sign it."""
    from plugins.globe.packs.file import make_pack  # noqa: PLC0415

    try:
        private = bytes.fromhex(key_file.read_text(encoding="ascii"))
        made = make_pack(folder, file, private)
    except ValueError:
        click.echo(f"Error: {key_file} is no key", err=True)
        raise SystemExit(1) from None
    except HubError as error:
        _wrong(error)
    click.echo(f"{file}: {made.says.id} {made.says.version}, {len(made.says.cards)} cards")


def _wrong(error: HubError) -> NoReturn:
    click.echo(f"Error: {error.detail or error.title}", err=True)
    raise SystemExit(1) from None
