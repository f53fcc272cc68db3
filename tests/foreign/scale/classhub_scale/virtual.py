"""A virtual scale on a pseudo-terminal: `python -m classhub_scale.virtual`."""

import asyncio
import sys
from pathlib import Path

from drivers.virtual import VirtualPeer
from drivers.virtual.peer import Pty, run, said

CAPACITY = 2000
# What a class lays on it, one after the other, in grams; the last is too heavy.
LOADS = (0.0, 12.5, 250.0, 999.9, 2400.0)
SECONDS_EACH = 1.0


def peers() -> list[VirtualPeer]:
    """Return what this distribution adds to `classhub run --virtual`."""
    recording = Path(__file__).parent / "weighing.jsonl"
    return [
        VirtualPeer(
            name="virtual scale",
            argv=(sys.executable, "-m", "classhub_scale.virtual"),
            device={
                "id": "virtual-scale",
                "driver": "line-scale",
                "name": "Virtual scale",
                "settings": {"port": "{address}"},
            },
        ),
        VirtualPeer(
            name="recorded scale",
            argv=(),
            device={
                "id": "recorded-scale",
                "driver": "line-scale",
                "name": "Recorded scale",
                "replay": str(recording),
            },
        ),
    ]


class VirtualScale:
    """The scale at the other end of the line."""

    def __init__(self, line: Pty) -> None:
        self._line = line
        self._rate = 10
        self._zero = 0.0
        self._tasks: set[asyncio.Task[None]] = set()

    async def weigh(self) -> None:
        """Say for ever what lies on it."""
        began = asyncio.get_running_loop().time()
        too_heavy = False
        while True:
            at = int((asyncio.get_running_loop().time() - began) / SECONDS_EACH)
            load = LOADS[at % len(LOADS)]
            if load > CAPACITY and not too_heavy:
                self._say(f"OVER {load:.1f}")
            elif load <= CAPACITY:
                self._say(f"S {load - self._zero:.1f} S")
            too_heavy = load > CAPACITY
            await asyncio.sleep(1 / self._rate)

    async def answer(self) -> None:
        """Answer for ever."""
        while True:
            match (await self._line.read_line()).decode("ascii", "replace").split():
                case ["ID"]:
                    self._say(f"ID SCALE {CAPACITY}")
                case ["RATE", hertz] if hertz.isdecimal() and 1 <= int(hertz) <= 50:
                    self._rate = int(hertz)
                    self._say(f"RATE {self._rate}")
                case ["RATE"]:
                    self._say(f"RATE {self._rate}")
                case ["TARE"]:
                    task = asyncio.create_task(self._tare(), name="tare")
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
                case _:
                    self._say("?")

    async def _tare(self) -> None:
        for percent in (25, 50, 75):
            self._say(f"TARE {percent}")
            await asyncio.sleep(0.2)
        was, self._zero = self._zero, 12.5
        self._say(f"TARE DONE {self._zero - was:.1f}")

    def _say(self, words: str) -> None:
        self._line.write(f"{words}\n".encode())


async def main() -> None:
    """Play one scale until told to end."""
    async with Pty() as line:
        scale = VirtualScale(line)
        said(line.path)
        await asyncio.gather(scale.weigh(), scale.answer())


if __name__ == "__main__":
    run(main())
