"""`python -m drivers.virtual.globe`: a globe whose pens speak over a serial line."""

import argparse
import asyncio
import json
import tempfile
from pathlib import Path

from pydantic import ValidationError

from drivers.virtual.globe.control import Wish
from drivers.virtual.peer import Pty, run, said

BATTERY = 60.0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="virtual-globe", description=__doc__)
    parser.add_argument("--control", type=Path, help="socket that has it touched, see control.py")
    parser.add_argument("--battery", type=int, default=80, help="percent")
    return parser.parse_args()


class VirtualGlobe:
    """The receiver of a globe's pens, on a path that stays when it is pulled out and put back."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._line: Pty | None = None

    def say(self, text: str, *, whole: bool = True) -> None:
        """Have a pen say a line."""
        if self._line is not None:
            self._line.write(text.encode() + (b"\r\n" if whole else b""))

    async def plug(self) -> None:
        """Put the receiver in."""
        self._line = await Pty().__aenter__()
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(self._line.path)

    async def unplug(self) -> None:
        """Pull it out."""
        line, self._line = self._line, None
        self.path.unlink(missing_ok=True)
        if line is not None:
            await line.__aexit__()

    async def control(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Do what one line asks for."""
        answer: dict[str, str] = {}
        try:
            wish = Wish.model_validate_json(await reader.readline())
            for text in wish.say:
                self.say(text, whole=wish.whole)
            if wish.unplug is not None:
                await self.unplug()
                await asyncio.sleep(wish.unplug)
                await self.plug()
        except ValidationError as error:
            answer = {"problem": str(error)}
        writer.write(json.dumps(answer).encode() + b"\n")
        await writer.drain()
        writer.close()


async def _main(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="classhub-globe-") as folder:
        globe = VirtualGlobe(Path(folder) / "tty")
        await globe.plug()
        socket = options.control or Path(folder) / "control"
        server = await asyncio.start_unix_server(globe.control, socket)
        said(str(globe.path))
        try:
            while True:
                await asyncio.sleep(BATTERY)
                globe.say(f"BAT {options.battery}")
        finally:
            server.close()
            await globe.unplug()


if __name__ == "__main__":
    run(_main(_arguments()))
