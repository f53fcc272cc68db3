"""`python -m drivers.virtual.printer`: one virtual printer on a serial line."""

import argparse
import asyncio
import contextlib
import json
import tempfile
import time
from pathlib import Path

from pydantic import ValidationError

from drivers.virtual.peer import run, said
from drivers.virtual.printer.control import Wish, grant
from drivers.virtual.printer.firmware import Firmware, Options
from drivers.virtual.printer.line import Line

MOST_EXECUTED = 2_000_000
LONGEST_SLEEP = 1.0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="virtual-printer", description=__doc__)
    parser.add_argument("--speed", type=float, default=1.0, help="how much faster its time goes")
    parser.add_argument("--baudrate", type=int, help="of its line; else every speed is right")
    parser.add_argument("--control", type=Path, help="socket for faults, see control.py")
    parser.add_argument("--options", type=json.loads, default={}, help="how it is built, as JSON")
    return parser.parse_args()


class Printer:
    """A firmware on a line, with its cable."""

    def __init__(self, firmware: Firmware, line: Line) -> None:
        self._firmware = firmware
        self._line = line
        self._news = asyncio.Event()

    def nudge(self) -> None:
        """Have it look at once."""
        self._news.set()

    async def live(self) -> None:
        """Be a printer."""
        firmware, line = self._firmware, self._line
        while True:
            self._news.clear()
            now = time.monotonic()
            if come := line.take():
                firmware.receive(come, now)
            line.write(firmware.run(now))
            if firmware.unplugged:
                await self._unplug()
                continue
            wait = min(firmware.due - now, LONGEST_SLEEP)
            if wait <= 0:
                await asyncio.sleep(0)
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._news.wait()

    async def _unplug(self) -> None:
        seconds, self._firmware.unplugged = self._firmware.unplugged, 0.0
        self._line.close()
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:  # it prints on what it has
            self._firmware.run(now)
            await asyncio.sleep(min(max(self._firmware.due - now, 0.01), end - now))
        self._line.open(self.nudge)


async def _main(args: argparse.Namespace) -> None:
    executed: list[tuple[int | None, str]] = []

    def note(number: int | None, text: str) -> None:
        if len(executed) < MOST_EXECUTED:
            executed.append((number, text))

    firmware = Firmware(
        time.monotonic(), options=Options(**args.options), speed=args.speed, executed=note
    )
    with tempfile.TemporaryDirectory(prefix="classhub-printer-") as folder:
        line = Line(Path(folder) / "tty", args.baudrate)
        printer = Printer(firmware, line)
        line.open(printer.nudge)
        server = None
        if args.control is not None:

            async def control(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                try:
                    wish = Wish.model_validate_json(await reader.readline())
                    answer = grant(wish, firmware, executed)
                except ValidationError as error:
                    answer = {"problem": str(error)}
                printer.nudge()
                writer.write(json.dumps(answer).encode() + b"\n")
                await writer.drain()
                writer.close()

            server = await asyncio.start_unix_server(control, args.control)
        said(str(line.path))
        try:
            await printer.live()
        finally:
            line.close()
            if server is not None:
                server.close()


if __name__ == "__main__":
    run(_main(_arguments()))
