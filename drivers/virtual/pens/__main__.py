"""Plays tablets and a table.

    python -m drivers.virtual.pens --tablets 4 --rate 200 --contacts 4 --table-rate 120

The tablets' paths are ADDRESS-1, ADDRESS-2 …, the table's is ADDRESS-table; ADDRESS itself is the
first tablet, so that it is there.
"""

import argparse
import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

from drivers.virtual.node import VirtualInput, folder_of_sockets
from drivers.virtual.peer import run, said
from drivers.virtual.pens.letters import WORDS
from drivers.virtual.pens.pupil import Event, Pupil, tablet
from drivers.virtual.pens.table import Hands, table

_LATE = 0.5


async def follow(node: VirtualInput, reports: Iterator[list[Event]], rate: float) -> None:
    """Say reports at a steady rate while somebody listens."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    for events in reports:
        if not node.open:
            await node.opened(limit=float("inf"))
            due = loop.time()
        if events:
            node.say(*events)
        due += 1 / rate
        pause = due - loop.time()
        if pause < -_LATE:  # this computer was asleep: go on from now
            due = loop.time()
        await asyncio.sleep(max(pause, 0.0))


async def main(options: argparse.Namespace) -> None:
    """Play until told to end."""
    with folder_of_sockets() as name:
        async with contextlib.AsyncExitStack() as stack, asyncio.TaskGroup() as group:
            address = Path(name) / "pen"
            for number in range(1, options.tablets + 1):
                node = tablet(Path(f"{address}-{number}"), f"Virtual tablet {number}")
                await stack.enter_async_context(node)
                word = WORDS[(number - 1) % len(WORDS)]
                pupil = Pupil(word, 0xA0000 + number, options.rate, restless=options.restless)
                group.create_task(follow(node, pupil.reports(), options.rate))
            if options.contacts:
                node = table(Path(f"{address}-table"), "Virtual touch table")
                await stack.enter_async_context(node)
                hands = Hands(options.contacts, options.table_rate, restless=options.restless)
                group.create_task(follow(node, hands.reports(), options.table_rate))
            address.symlink_to(f"{address}-1")
            said(str(address))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Play graphics tablets and a touch table.")
    parser.add_argument("--tablets", type=int, default=4)
    parser.add_argument("--rate", type=float, default=200.0)
    parser.add_argument("--contacts", type=int, default=4)
    parser.add_argument("--table-rate", type=float, default=120.0)
    parser.add_argument("--restless", action="store_true")
    run(main(parser.parse_args()))
