"""The commands about devices: `devices`, `call`, `watch`, `record`, `replay`."""
# ruff: noqa: PLC0415 - commands start fast: what they do is imported when they run

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.cli._options import Listing, hub_options, json_option, yes_option

if TYPE_CHECKING:
    from hub.cli._remote import Where


@click.group(cls=Listing)
def devices() -> None:
    """Devices of the classroom: list them (with no command), adopt, change and remove them."""


@devices.command("list")
@click.option("--kind", help="Only of this kind.")
@hub_options
@json_option
def devices_list(where: "Where", kind: str | None, as_json: bool) -> None:
    """List the devices and how they are."""
    from hub.cli._devices import show_all

    show_all(where, kind=kind, as_json=as_json)


@devices.command("show")
@click.argument("device", metavar="DEVICE")
@hub_options
@json_option
def devices_show(where: "Where", device: str, as_json: bool) -> None:
    """Show all of one device: state, properties, actions, what was counted."""
    from hub.cli._devices import show_one

    show_one(where, device, as_json=as_json)


@devices.command("found")
@hub_options
@json_option
def devices_found(where: "Where", as_json: bool) -> None:
    """List what is plugged in or announces itself, and the drivers that fit."""
    from hub.cli._adopt import found

    found(where, as_json=as_json)


@devices.command("drivers")
@hub_options
@json_option
def devices_drivers(where: "Where", as_json: bool) -> None:
    """List the installed drivers and the settings that each asks for."""
    from hub.cli._adopt import drivers

    drivers(where, as_json=as_json)


@devices.command("adopt")
@click.argument("identity", required=False)
@click.option("--driver", help="Its driver. May be left out where only one fits.")
@click.option("--id", "device", help="Its id in addresses and topics. Default: made by the hub.")
@click.option("--name", help="What people call it.")
@click.option("--seat", help="Where it stands.")
@click.option(
    "--set",
    "values",
    multiple=True,
    metavar="KEY=VALUE",
    help="A setting of its driver; KEY=- asks for the value without showing it.",
)
@hub_options
@json_option
def devices_adopt(
    where: "Where",
    identity: str | None,
    driver: str | None,
    device: str | None,
    name: str | None,
    seat: str | None,
    values: tuple[str, ...],
    as_json: bool,
) -> None:
    """Make something that `devices found` lists, or an address, a device of the hub.

    A device with an address and no announcement is adopted without IDENTITY:

    classhub devices adopt --driver stream --set url=http://10.0.0.7/stream
    """
    from hub.cli._adopt import adopt

    about = {"id": device, "name": name, "seat": seat}
    adopt(where, identity, driver, about, values, as_json=as_json)


@devices.command("set")
@click.argument("device", metavar="DEVICE")
@click.argument("values", nargs=-1, metavar="KEY=VALUE…")
@hub_options
@json_option
def devices_set(where: "Where", device: str, values: tuple[str, ...], as_json: bool) -> None:
    """Change settings of a device; without KEY=VALUE show them.

    KEY=- asks for the value without showing it.
    """
    from hub.cli._adopt import change

    change(where, device, values, as_json=as_json)


@devices.command("rename")
@click.argument("device", metavar="DEVICE")
@click.argument("name")
@hub_options
def devices_rename(where: "Where", device: str, name: str) -> None:
    """Give a device another name."""
    from hub.cli._adopt import rename

    rename(where, device, name)


@devices.command("remove")
@click.argument("device", metavar="DEVICE")
@yes_option
@hub_options
def devices_remove(where: "Where", device: str, yes: bool) -> None:
    """Take a device away from the hub; what was made with it stays."""
    from hub.cli._adopt import remove

    remove(where, device, sure=yes)


@devices.command("search")
@click.option("--driver", "drivers", multiple=True, metavar="DRIVER", help="Only this one's.")
@hub_options
@json_option
def devices_search(where: "Where", drivers: tuple[str, ...], as_json: bool) -> None:
    """Search for devices that do not announce themselves: the whole network is asked, once."""
    from hub.cli._adopt import search

    search(where, drivers, as_json=as_json)


@devices.command("pair")
@click.argument("driver")
@hub_options
@json_option
def devices_pair(where: "Where", driver: str, as_json: bool) -> None:
    """Find out which of several equal devices is meant: touch it or plug it in again."""
    from hub.cli._adopt import pair

    pair(where, driver, as_json=as_json)


@click.command()
@click.argument("device", metavar="DEVICE")
@click.argument("member")
@click.argument("value", required=False)
@hub_options
@json_option
def call(where: "Where", device: str, member: str, value: str | None, as_json: bool) -> None:
    """Read a property, set it to VALUE, or run an action.

    VALUE is text, a number or JSON, as the member's schema asks. Ctrl-C cancels an action.

    \b
    classhub call microscope light
    classhub call microscope light 40
    classhub call microscope stage '{"x": 100, "y": 0}'
    classhub call microscope autofocus
    """  # noqa: D301
    from hub.cli._call import call as work

    work(where, device, member, value, as_json=as_json)


@click.command()
@click.argument("device", metavar="[DEVICE]", required=False)
@click.argument("member", required=False)
@click.option(
    "--seconds", type=click.FloatRange(min=0, min_open=True), help="End after so many seconds."
)
@hub_options
@json_option
def watch(
    where: "Where", device: str | None, member: str | None, seconds: float | None, as_json: bool
) -> None:
    """Print readings, events and states as they come, until Ctrl-C.

    The samples of a stream are printed where it is named as MEMBER. With --json each line is one
    message of the hub's stream.
    """
    from hub.cli._watch import watch as work

    work(where, device, member, seconds, as_json=as_json)


@click.command()
@click.argument("device", metavar="DEVICE")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--seconds",
    type=click.IntRange(1, 600),
    default=60,
    show_default=True,
    help="How long; Ctrl-C ends it earlier.",
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@hub_options
def record(where: "Where", device: str, file: Path, seconds: int, force: bool) -> None:
    """Record what a device and its driver say to each other, secrets left out, into FILE.

    The device is connected again first. Ctrl-C ends the recording; FILE has it as far as it came.
    """
    from hub.cli._record import record as work

    work(where, device, file, seconds, force=force)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--fast", is_flag=True, help="Without the pauses that the device made.")
@click.option(
    "--set",
    "values",
    multiple=True,
    metavar="KEY=VALUE",
    help="A setting in place of the recording's; secrets are not in it.",
)
@json_option
def replay(file: Path, fast: bool, values: tuple[str, ...], as_json: bool) -> None:
    """Play a recording to its driver, without device and hub, and print what the driver says.

    Exit code 7 where the driver does not say what it said when it was recorded. With --json each
    line is one thing that the driver told.
    """
    from hub.cli._record import replay as work

    work(file, values, fast=fast, as_json=as_json)
