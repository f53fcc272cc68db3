"""The commands and their options.

What they do is imported when they run, so that each starts fast.
"""
# ruff: noqa: PLC0415

import gc
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hub import __version__
from hub.cli._device_commands import call, devices, record, replay, watch
from hub.cli._options import config_option, data_option, hub_options, json_option, yes_option
from hub.cli._school_commands import ROLES, audit, lesson, people

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from hub.cli._remote import Where


class Commands(click.Group):
    """Ours, and those that others bring: entry points of the group `classhub.commands`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name them all."""
        ours = super().list_commands(ctx)
        return ours + sorted(set(self._brought()) - set(ours))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return one; others' are loaded only when they are asked for."""
        found = super().get_command(ctx, cmd_name)
        if found is None and cmd_name in (brought := self._brought()):
            command = brought[cmd_name].load()
            found = command if isinstance(command, click.Command) else None
        return found

    @staticmethod
    def _brought() -> "dict[str, EntryPoint]":
        from importlib.metadata import entry_points

        return {point.name: point for point in entry_points(group="classhub.commands")}


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="classhub")
def main() -> None:
    """Classroom device hub: finds and drives the devices of a digital classroom.

    \b
    Exit codes: 0 done, 1 it could not be done, 2 wrong usage or settings, 3 something is
    missing, 4 another hub is running there, 5 no hub is running, 6 refused, 7 trouble with
    a device, 130 ended with Ctrl-C.
    """  # noqa: D301 - the escape is click's: what follows it keeps its lines


for command in (devices, call, watch, record, replay, people, lesson, audit):
    main.add_command(command)


@main.command()
@click.option("--virtual", is_flag=True, default=None, help="Start a virtual classroom as well.")
@click.option("--host", help="The address to listen on. Default: 127.0.0.1, this computer alone.")
@click.option("--port", type=click.IntRange(0, 65535), help="The port. Default: 8420; 0: any.")
@data_option
@config_option
def run(config: Path | None, **options: Any) -> None:
    """Run the hub until it is told to end (Ctrl-C or SIGTERM)."""
    # A start makes what stays: to look through it for garbage takes a tenth of a start.
    gc.disable()
    try:
        from hub.cli._run import run_hub

        run_hub(config, **options)
    finally:
        gc.enable()


@main.group()
def token() -> None:
    """Tokens for programs. They work while the hub runs and while it does not."""


@token.command("create")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What it may do.")
@click.option("--name", default="Command line", show_default=True, help="What it is for.")
@click.option("--expires", metavar="SPAN", help="After how long: 90s, 15m, 12h or 30d.")
@click.option("--scope", help="What alone it shall be good for, such as printing:send.")
@data_option
@config_option
def token_create(
    role: str,
    name: str,
    expires: str | None,
    scope: str | None,
    data: Path | None,
    config: Path | None,
) -> None:
    """Make a token and print it, alone, on standard output. It is not told again."""
    from hub.cli._tokens import create

    create(role, name, expires, scope, data, config)


@token.command("list")
@click.option("--all", "everything", is_flag=True, help="Also those of ended commands.")
@json_option
@data_option
@config_option
def token_list(everything: bool, as_json: bool, data: Path | None, config: Path | None) -> None:
    """List the tokens, without their secrets."""
    from hub.cli._tokens import show

    show(data, config, everything=everything, as_json=as_json)


@token.command("revoke")
@click.argument("identity", metavar="ID")
@data_option
@config_option
def token_revoke(identity: str, data: Path | None, config: Path | None) -> None:
    """End a token by the id that `token list` shows; it holds within a second."""
    from hub.cli._tokens import revoke

    revoke(identity, data, config)


@main.command("sign-in-link")
@click.option("--role", type=click.Choice(ROLES), default="admin", show_default=True)
@click.option("--name", help="Who it is for. Default: the role.")
@data_option
@config_option
def sign_in_link(role: str, name: str | None, data: Path | None, config: Path | None) -> None:
    """Print a link that signs a browser in, once, within ten minutes."""
    from hub.cli._tokens import link

    link(role, name, data, config)


@main.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@json_option
@data_option
@config_option
def backup(file: Path | None, as_json: bool, data: Path | None, config: Path | None) -> None:
    """Make a backup, while the hub runs or while it does not, and print where it is.

    FILE is the file to make, or a folder. Default: `[keeping] backup_to` of the settings, else the
    folder `backups` of the data directory.
    """
    from hub.cli._backup import backup as work

    work(file, data, config, as_json=as_json)


@main.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@yes_option
@json_option
@data_option
@config_option
def restore(file: Path, yes: bool, as_json: bool, data: Path | None, config: Path | None) -> None:
    """Put the hub of a backup in place; the hub must not run. What was there is kept aside."""
    from hub.cli._backup import restore as work

    work(file, data, config, yes=yes, as_json=as_json)


@main.command()
@hub_options
@json_option
def doctor(where: "Where", as_json: bool) -> None:
    """Look for what is missing or wrong on this computer, and say how to mend it.

    Works with and without a running hub, and needs no root. Exit code 1 where something failed.
    """
    from hub.cli._doctor import doctor as work

    work(where, as_json=as_json)


@main.command("support-bundle")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@hub_options
def support_bundle(file: Path | None, where: "Where") -> None:
    """Write what somebody far away needs to help, without secrets and names, and print where it is.

    FILE is the file to write, or a folder; default: this folder. Works with and without a running
    hub; of one that does not run there is less to tell.
    """
    from hub.cli._support import support_bundle as work

    work(where, file)


@main.command()
@click.argument("kind")
@click.option("--node", help="The device's node, such as /dev/hidraw2. Without it: a list of them.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Where to write.")
@click.option("--ids", help="USB vendor:product, where the node does not say them.")
@click.option("--width", type=click.FloatRange(1, 10000), help="Of the active area, millimetres.")
@click.option("--height", type=click.FloatRange(1, 10000), help="Likewise.")
@click.option("--seconds", type=click.FloatRange(0.1, 60), default=5.0, help="For each step.")
def probe(kind: str, **options: Any) -> None:
    """Find out how an unknown device (KIND: tablet) speaks, and write its data file."""
    from hub.cli._probe import probe as work

    work(kind, **options)


@main.command()
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def completion(shell: str) -> None:
    """Print the script that makes a shell complete these commands.

    \b
    bash:  classhub completion bash > ~/.local/share/bash-completion/completions/classhub
    zsh:   classhub completion zsh > "${fpath[1]}/_classhub"
    fish:  classhub completion fish > ~/.config/fish/completions/classhub.fish
    """  # noqa: D301 - the escape is click's: what follows it keeps its lines
    from hub.cli._completion import script

    click.echo(script(main, shell))
