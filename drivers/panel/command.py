"""`classhub panel`: for whoever writes a table of a panel's commands."""

from pathlib import Path

import click

from drivers.panel.command_table.table import BadTable, find, names
from hub.device import DeviceError


@click.group()
def panel() -> None:
    """Interactive panels: tables of commands."""


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
