"""`python -m drivers.virtual.panel`: one virtual panel."""

import argparse
import asyncio
import json
from pathlib import Path

from drivers.virtual.panel.control import serve
from drivers.virtual.panel.faults import Faults
from drivers.virtual.panel.projector import Projector, listening
from drivers.virtual.panel.screen import Screen
from drivers.virtual.peer import run, said


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="virtual-panel", description=__doc__)
    parser.add_argument("--warm-up", type=float, default=3.0, help="seconds from off to on")
    parser.add_argument("--cool-down", type=float, default=2.0, help="seconds from on to off")
    parser.add_argument("--pjlink-class", type=int, choices=(1, 2), default=2)
    parser.add_argument("--password", default="", help="that it wants")
    parser.add_argument("--control", type=Path, help="socket for faults, see control.py")
    parser.add_argument("--faults", type=json.loads, default={}, help="as JSON, see faults.py")
    return parser.parse_args()


async def _main(args: argparse.Namespace) -> None:
    screen = Screen(warm_up=args.warm_up, cool_down=args.cool_down)
    panel = Projector(screen, pjclass=args.pjlink_class, password=args.password)
    panel.faults = Faults(**args.faults)
    control = None if args.control is None else await serve(args.control, panel)
    try:
        async with listening(panel) as port:
            said(f"127.0.0.1:{port}")
            await asyncio.Event().wait()
    finally:
        if control is not None:
            control.close()


if __name__ == "__main__":
    run(_main(_arguments()))
