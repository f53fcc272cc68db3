"""Takes udev's place in a hub for tests: its events come as lines of JSON through a FIFO."""

import asyncio
import json
import os
from collections.abc import Callable, Sequence

import hub.app
from hub.discovery import UsbDevices, UsbFacts


class PlayedUdev:
    """The source; grouping, identities and everything behind them are the hub's own."""

    problem = ""

    async def start(self, changed: Callable[[], None]) -> None:
        self._usb = UsbDevices(changed)
        # Read and write, so that it never ends while nobody plays.
        self._file = os.open(os.environ["PLAYED_UDEV"], os.O_RDWR | os.O_NONBLOCK)
        asyncio.get_running_loop().add_reader(self._file, self._read)

    def _read(self) -> None:
        for line in os.read(self._file, 1 << 16).decode().splitlines():
            self._usb.take(*json.loads(line))

    def devices(self) -> Sequence[UsbFacts]:
        return self._usb.facts()

    async def stop(self) -> None:
        asyncio.get_running_loop().remove_reader(self._file)
        os.close(self._file)


hub.app.Udev = PlayedUdev
