"""The commands and their options.

What they do is imported when they run, so that each starts fast.
"""
# ruff: noqa: PLC0415

from pathlib import Path
from typing import Any

import click

from hub import __version__

ROLES = ("display", "pupil", "teacher", "engineer", "admin")

_DATA = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the hub keeps its data. Default: $CLASSHUB_DATA, else ~/.local/share/classhub.",
)
_CONFIG = click.option(
    "--config", type=click.Path(path_type=Path, dir_okay=False), help="The settings file."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="classhub")
def main() -> None:
    """Classroom device hub: finds and drives the devices of a digital classroom."""


@main.command()
@click.option("--virtual", is_flag=True, default=None, help="Start a virtual classroom as well.")
@click.option("--host", help="The address to listen on. Default: 127.0.0.1, this computer alone.")
@click.option("--port", type=click.IntRange(0, 65535), help="The port. Default: 8420; 0: any.")
@_DATA
@_CONFIG
def run(config: Path | None, **options: Any) -> None:
    """Run the hub until it is told to end (Ctrl-C or SIGTERM)."""
    from hub.cli._run import run_hub

    run_hub(config, **options)


@main.group()
def token() -> None:
    """Tokens for programs. They work while the hub runs and while it does not."""


@token.command("create")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What it may do.")
@click.option("--name", default="Command line", show_default=True, help="What it is for.")
@click.option("--expires", metavar="SPAN", help="After how long: 90s, 15m, 12h or 30d.")
@_DATA
@_CONFIG
def token_create(
    role: str, name: str, expires: str | None, data: Path | None, config: Path | None
) -> None:
    """Make a token and print it, alone, on standard output. It is not told again."""
    from hub.cli._tokens import create

    create(role, name, expires, data, config)


@token.command("list")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@_DATA
@_CONFIG
def token_list(as_json: bool, data: Path | None, config: Path | None) -> None:
    """List the tokens, without their secrets."""
    from hub.cli._tokens import show

    show(data, config, as_json=as_json)


@token.command("revoke")
@click.argument("identity", metavar="ID")
@_DATA
@_CONFIG
def token_revoke(identity: str, data: Path | None, config: Path | None) -> None:
    """End a token by the id that `token list` shows; it holds within a second."""
    from hub.cli._tokens import revoke

    revoke(identity, data, config)


@main.command("sign-in-link")
@click.option("--role", type=click.Choice(ROLES), default="admin", show_default=True)
@click.option("--name", help="Who it is for. Default: the role.")
@_DATA
@_CONFIG
def sign_in_link(role: str, name: str | None, data: Path | None, config: Path | None) -> None:
    """Print a link that signs a browser in, once, within ten minutes."""
    from hub.cli._tokens import link

    link(role, name, data, config)
