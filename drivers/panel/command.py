"""`classhub panel`: finding projectors, and for whoever writes a table of a panel's commands."""

import asyncio
from pathlib import Path

import click

from drivers.panel.command_table.table import BadTable, find, names
from hub.device import DeviceError


@click.group()
def panel() -> None:
    """Interactive panels: finding projectors, tables of commands."""


@panel.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def check(file: Path) -> None:
    """Check a table of commands: schema, the maker's examples, and a simulated panel."""
    from drivers.panel.command_table.checking import check as work  # noqa: PLC0415 - seldom

    try:
        for line in work(file):
            click.echo(line)
    except (BadTable, DeviceError) as error:
        click.echo(f"Error: {error.detail or error.title}", err=True)
        raise SystemExit(1) from None


@panel.command("tables")
def tables() -> None:
    """List the tables that there are, with whose panels they are for."""
    for name in names():
        table = find(name)
        seen = "" if table.verified else " (not tried on hardware)"
        click.echo(f"{name}  {table.title}: {table.models}{seen}")


@panel.command("search")
@click.option("--to", multiple=True, metavar="ADDRESS", help="whom to ask, such as 192.168.1.255")
@click.option(
    "--seconds", type=click.FloatRange(1, 60), default=12.0, show_default=True,
    help="how long to wait for answers",
)  # fmt: skip
@click.option("--port", type=click.IntRange(1, 65535), default=4352, hidden=True)
def look(to: tuple[str, ...], seconds: float, port: int) -> None:
    """Ask the network which projectors of PJLink class 2 there are."""
    from drivers.panel.pjlink.search import (  # noqa: PLC0415 - seldom
        FoundProjector,
        everybody,
        search,
    )

    found: list[FoundProjector] = []

    def heard(one: FoundProjector) -> None:
        found.append(one)
        click.echo(f"{one.host}  {one.hardware}")

    try:
        asyncio.run(search(heard, to=to or everybody(), port=port, seconds=seconds))
    except DeviceError as error:
        click.echo(f"Error: {error.title} {error.detail}", err=True)
        raise SystemExit(1) from None
    if not found:
        click.echo("No projector answered. Those of PJLink class 1 never do.", err=True)
        raise SystemExit(1)
    click.echo(
        f"Take one into use: classhub devices adopt --driver pjlink --set host={found[0].host}"
    )
