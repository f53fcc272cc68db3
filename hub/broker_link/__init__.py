"""A link to an MQTT broker that is kept: what the hub's own links have in common.

`Keeper` connects again and again, after pauses that grow. One connection is
`hub.broker_link.client`, which imports the MQTT client (4 MB); so it is imported where a link is
wanted, and not before.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn

from hub.pauses import backoff

ONLINE, OFFLINE = "online", "offline"
"""What is retained on the topic of a link's state; the broker says `offline` by the last will."""


class Keeper:
    """Keeps a link: connects, and after a pause again, whatever happens.

    The first pause is `first` seconds, each next one twice as long, `most` at most; a part of each
    is left to chance, so that many that lost their broker together come back at random moments.
    A link that stood for `calm` seconds begins with the first pause again.

    Args:
        connect: connects, goes on until the link breaks, and raises what has broken it.
        lost: is told of it.
        first, most, calm: seconds. least: the least part of a pause.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[None]],
        lost: Callable[[Exception], Awaitable[None]],
        *,
        first: float,
        most: float,
        calm: float,
        least: float = 0.75,
    ) -> None:
        self._connect = connect
        self._lost = lost
        self._first, self._most, self._calm, self._least = first, most, calm, least
        self._stands: float | None = None

    def up(self) -> None:
        """Say that the link stands."""
        self._stands = asyncio.get_running_loop().time()

    async def run(self) -> NoReturn:
        """Keep the link until cancelled."""
        loop = asyncio.get_running_loop()
        attempt = 0
        while True:
            self._stands = None
            try:
                await self._connect()
            except Exception as error:  # noqa: BLE001 - who keeps the link tells of it
                await self._lost(error)
            stood = 0.0 if self._stands is None else loop.time() - self._stands
            attempt = 0 if stood > self._calm else attempt + 1
            pause = backoff(max(attempt - 1, 0), self._first, self._most, least=self._least)
            await asyncio.sleep(pause)


__all__ = ["OFFLINE", "ONLINE", "Keeper"]
