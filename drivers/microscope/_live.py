"""The newest picture of a camera's address, for as long as somebody wants it."""

import asyncio
import time
from collections.abc import AsyncGenerator

from drivers.http import Exchange, HttpClient
from drivers.microscope.mjpeg import Counts, JpegParts
from hub.device import Frame, Unreachable, WrongDevice

STALL = 3.0
NO_PICTURE = 10.0
STILL_EVERY = 0.1


class LivePictures:
    """Reads one address: a multipart stream, or single pictures fetched again and again.

    A stream that ends after it gave pictures is opened again at once (some cameras close it after
    a while, or after each picture); one that gives none any more is the caller's to hear of.

    Args:
        limit: the largest picture in bytes.
    """

    def __init__(self, http: HttpClient, url: str, *, limit: int) -> None:
        self.counts = Counts()
        self.skipped = 0
        self._http = http
        self._url = url
        self._limit = limit

    async def frames(self) -> AsyncGenerator[Frame, None]:
        """Yield the newest picture each time there is one; older ones are skipped and counted.

        Raises:
            Unreachable: no connection, no byte for 3 s, or no picture for 10 s.
            AccessRefused, WrongDevice: as `HttpClient.open`; also where no pictures come at all.
        """
        while True:
            before = self.counts.frames
            opened = time.monotonic()
            try:
                async with self._http.open(self._url) as (head, exchange):
                    if head.media_type.startswith("multipart/"):
                        stream = _Stream(exchange, self._limit, self.counts)
                        while (data := await stream.next()) is not None:
                            yield Frame(data)
                        self.skipped += stream.skipped
                    elif head.media_type in ("image/jpeg", "image/jpg"):
                        yield Frame(await self._still(exchange))
                    else:
                        kind = head.media_type or "nothing that has a name"
                        raise WrongDevice(f"the address gives {kind}, not pictures")
            except Unreachable:
                if self.counts.frames == before:
                    raise
            else:
                if self.counts.frames == before:
                    raise Unreachable("the stream ended without a picture")
            pause = STILL_EVERY - (time.monotonic() - opened)
            await asyncio.sleep(max(pause, 0.0))

    async def _still(self, exchange: Exchange) -> bytes:
        pieces = bytearray()

        def take(piece: bytes) -> None:
            if len(pieces) + len(piece) > self._limit:
                raise WrongDevice(f"the picture is larger than {self._limit} bytes")
            pieces.extend(piece)

        exchange.pour(take)
        try:
            async with asyncio.timeout(NO_PICTURE):
                await exchange.done()
        except TimeoutError as error:
            raise Unreachable("stalled") from error
        if not (pieces.startswith(b"\xff\xd8\xff") and pieces.endswith(b"\xff\xd9")):
            self.counts.truncated += 1
            raise Unreachable("the picture was not whole")
        self.counts.frames += 1
        return bytes(pieces)


class Damage:
    """Judges how many of the pictures come damaged, over some seconds at a time."""

    def __init__(self, counts: Counts, *, every: float = 5.0, share: float = 0.05) -> None:
        self._counts = counts
        self._every = every
        self._share = share
        self._since = time.monotonic()
        self._good = self._bad = 0
        self._said = False

    def news(self) -> bool | None:
        """Return True when pictures have begun to come damaged, False when no more, else None."""
        now = time.monotonic()
        if now < self._since + self._every:
            return None
        counts = self._counts
        bad = counts.truncated + counts.oversize + counts.garbage
        lost, came = bad - self._bad, counts.frames - self._good
        self._since, self._good, self._bad = now, counts.frames, bad
        damaged = lost > self._share * (lost + came)
        if damaged == self._said:
            return None
        self._said = damaged
        return damaged


class _Stream:
    """One open multipart stream: keeps the newest picture only."""

    def __init__(self, exchange: Exchange, limit: int, counts: Counts) -> None:
        self.skipped = 0
        self._exchange = exchange
        self._parts = JpegParts(limit=limit, counts=counts)
        self._newest: bytes | None = None
        self._news = asyncio.Event()
        exchange.when_over(self._news.set)
        exchange.pour(self._take)

    def _take(self, data: bytes) -> None:
        for frame in self._parts.feed(data):
            self.skipped += self._newest is not None
            self._newest = frame
        if self._newest is not None:
            self._news.set()

    async def next(self) -> bytes | None:
        """Return the newest picture not returned yet; None at the regular end."""
        clock = asyncio.get_running_loop().time
        asked = clock()
        while self._newest is None:
            if self._exchange.over:
                await self._exchange.done()
                return None
            patience = min(self._exchange.last_byte + STALL, asked + NO_PICTURE)
            patience = max(patience, asked + STALL)
            try:
                async with asyncio.timeout_at(patience):
                    await self._news.wait()
            except TimeoutError:
                if clock() - self._exchange.last_byte >= STALL:
                    raise Unreachable("stalled") from None
                if clock() - asked >= NO_PICTURE:
                    raise Unreachable("bytes come, but no picture") from None
            self._news.clear()
        data, self._newest = self._newest, None
        self._news.clear()
        return data
