"""Which of several devices is somebody's own: the one that they touch now.

Of devices in use: whatever a driver tells of a pen, a finger or a button counts. Devices that are
in use all the time (a pen that lies on its tablet) are not taken for touched until they have been
silent for a moment. See `_pairing` for devices that are not in use yet.
"""

import asyncio
import time
from collections.abc import Callable

from hub.bus import Bus, Message
from hub.devices._errors import NothingTouched, SeveralTouched

SECONDS = 30.0
SILENCE = 0.5
"""A device that said something less than this ago, seconds, is in use already."""
ALONE = 0.8
"""How long it is waited, seconds, whether another one is touched too."""


class Touched:
    """Waits for one device to be touched.

    Args:
        bus: on which devices tell what they hear.
        meant: tells of a device's id whether it may be the one; asked when it is touched.
        clock: seconds that never go back.
    """

    def __init__(
        self, bus: Bus, meant: Callable[[str], bool], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._bus = bus
        self._meant = meant
        self._clock = clock
        self._heard: dict[str, float] = {}
        self._touched: set[str] = set()
        self._first = asyncio.Event()
        self._began = clock()

    async def run(self, limit: float = SECONDS) -> str:
        """Return the id of the one that was touched.

        Raises:
            NothingTouched: none was within `limit` seconds.
            SeveralTouched: more than one was, so that nobody knows which is meant.
        """
        leave = [self._bus.subscribe(f"+/{what}/+", self._hear) for what in ("s", "e")]
        try:
            async with asyncio.timeout(limit):
                await self._first.wait()
        except TimeoutError:
            raise NothingTouched(f"within {limit} s") from None
        else:
            await asyncio.sleep(ALONE)
        finally:
            for each in leave:
                each()
        if len(self._touched) > 1:
            raise SeveralTouched(", ".join(sorted(self._touched)))
        return next(iter(self._touched))

    def _hear(self, message: Message) -> None:
        device = message.topic.partition("/")[0]
        now = self._clock()
        # What begins when nothing is heard of it yet, and right at the start, may have gone on.
        silent = now - self._heard.get(device, self._began) >= SILENCE
        self._heard[device] = now
        if silent and self._meant(device):
            self._touched.add(device)
            self._first.set()
