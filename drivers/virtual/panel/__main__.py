"""`python -m drivers.virtual.panel`: one virtual panel."""

import argparse
import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

from drivers.panel.command_table.table import find
from drivers.virtual.panel.control import serve
from drivers.virtual.panel.faults import Faults
from drivers.virtual.panel.mdc import MdcScreen
from drivers.virtual.panel.projector import Projector, listening
from drivers.virtual.panel.screen import Screen
from drivers.virtual.panel.searched import searchable
from drivers.virtual.panel.secured import behind_a_pin
from drivers.virtual.panel.serial import on_a_line, on_the_network
from drivers.virtual.panel.table import TableScreen
from drivers.virtual.peer import run, said


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="virtual-panel", description=__doc__)
    parser.add_argument("--warm-up", type=float, default=3.0, help="seconds from off to on")
    parser.add_argument("--cool-down", type=float, default=2.0, help="seconds from on to off")
    parser.add_argument("--pjlink-class", type=int, choices=(1, 2), default=2)
    parser.add_argument("--password", default="", help="that it wants")
    parser.add_argument("--table", help="play the panel of this table of commands instead")
    parser.add_argument("--mdc", action="store_true", help="play a Samsung display instead")
    parser.add_argument("--pin", help="with --mdc --tcp: the secured protocol, with this PIN")
    parser.add_argument("--search", type=int, metavar="PORT", help="a projector is found there")
    parser.add_argument("--search-at", default="127.0.0.1", metavar="ADDRESS", help="where")
    parser.add_argument("--tcp", action="store_true", help="that panel on TCP, not a serial line")
    parser.add_argument("--control", type=Path, help="socket for faults, see control.py")
    parser.add_argument("--faults", type=json.loads, default={}, help="as JSON, see faults.py")
    return parser.parse_args()


async def _main(args: argparse.Namespace) -> None:
    screen = Screen(warm_up=args.warm_up, cool_down=args.cool_down)
    panel: Projector | TableScreen | MdcScreen
    if args.table or args.mdc:
        panel = MdcScreen(screen) if args.mdc else TableScreen(screen, find(args.table))
        place = on_the_network(panel) if args.tcp else on_a_line(panel)
        if args.pin and args.mdc and args.tcp:
            place = behind_a_pin(panel, args.pin)
    else:
        panel = Projector(screen, pjclass=args.pjlink_class, password=args.password)
        place = on_port(panel, args.search, args.search_at)
    panel.faults = Faults(**args.faults)
    control = None if args.control is None else await serve(args.control, panel)
    try:
        async with place as address:
            said(address)
            await asyncio.Event().wait()
    finally:
        if control is not None:
            control.close()


@contextlib.asynccontextmanager
async def on_port(panel: Projector, search: int | None, at: str) -> AsyncIterator[str]:
    """Have a projector listen, and be found on a UDP port if one is named; yields its address."""
    async with listening(panel) as port:
        finding = asyncio.create_task(_be_found(panel, search, at), name="being found")
        try:
            yield f"127.0.0.1:{port}"
        finally:
            finding.cancel()
            await asyncio.gather(finding, return_exceptions=True)


async def _be_found(panel: Projector, port: int | None, at: str) -> None:
    """Answer searches, as soon as the port is free: one that runs just now has it."""
    while port is not None:
        with contextlib.suppress(OSError):
            async with searchable(panel, host=at, port=port):
                await asyncio.Event().wait()
        await asyncio.sleep(1.0)


if __name__ == "__main__":
    run(_main(_arguments()))
