"""Faults on command, between a driver and its device: garble, drop, delay, stall, unplug."""

import asyncio
import math
import random
from collections import deque
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

MOST_HELD = 4 * 1024 * 1024

Direction = Literal["rx", "tx"]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Faults(BaseModel):
    """What is wrong on the way between driver and device.

    Attributes:
        garble: the share of bytes that arrive changed.
        drop: the share of pieces (packets; of streams what came at once) that are lost.
        delay: milliseconds that everything takes longer.
        stall: nothing comes or goes; it comes when the fault ends.
        unplug: every connection breaks, none can be opened.
        toward: what garble, drop, delay and stall are for: `rx` from the device, `tx` to it.
        seconds: how long the faults last; None until others are set.
        seed: the same seed spoils the same bytes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    garble: Share = 0.0
    drop: Share = 0.0
    delay: Annotated[float, Field(ge=0, le=60_000, allow_inf_nan=False)] = 0.0
    stall: bool = False
    unplug: bool = False
    toward: Literal["both", "rx", "tx"] = "both"
    seconds: Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)] | None = None
    seed: int = 0

    @property
    def any(self) -> bool:
        """Whether anything is wrong at all."""
        return bool(self.garble or self.drop or self.delay or self.stall or self.unplug)

    def touches(self, direction: Direction) -> bool:
        """Tell whether a direction is concerned."""
        return self.toward in ("both", direction)


class Lane:
    """One direction of one connection while faults are in force: keeps the order of what passes.

    Args:
        deliver: takes what comes through.
    """

    def __init__(self, faults: Faults, number: int, deliver: Callable[[bytes], None]) -> None:
        self._faults = faults
        self._random = random.Random(f"{faults.seed} {number}")  # noqa: S311 - noise, no secret
        self._deliver = deliver
        self._held: deque[tuple[float, bytes]] = deque()
        self._size = 0
        self._timer: asyncio.TimerHandle | None = None
        self._then: Callable[[], None] | None = None

    def put(self, data: bytes) -> None:
        """Take what passes; it comes out later, changed, or not at all."""
        faults = self._faults
        if faults.drop and self._random.random() < faults.drop:
            return
        if faults.garble:
            data = self._garbled(data)
        if not (faults.stall or faults.delay or self._held):
            self._deliver(data)
            return
        if self._size + len(data) > MOST_HELD:
            return  # as a device's own buffers would overflow
        self._held.append((asyncio.get_running_loop().time() + faults.delay / 1000, data))
        self._size += len(data)
        self._arm()

    def then(self, call: Callable[[], None]) -> None:
        """Call after all that is held has come out: the connection's end."""
        if self._held or self._faults.stall:
            self._then = call
        else:
            call()

    def release(self) -> None:
        """Let everything out now: the faults are over."""
        self._disarm()
        while self._held:
            _, data = self._held.popleft()
            self._deliver(data)
        self._size = 0
        self._end()

    def clear(self) -> None:
        """Forget all that is held: the connection is gone."""
        self._disarm()
        self._held.clear()
        self._then = None
        self._size = 0

    def _garbled(self, data: bytes) -> bytes:
        share = self._faults.garble
        spoilt = bytearray(data)
        at = -1
        while True:
            # The distance to the next spoilt byte (geometric), without a draw for each byte.
            draw = 1.0 - self._random.random()
            skip = 0 if share >= 1 else int(math.log(draw) / math.log1p(-share))
            at += 1 + skip
            if at >= len(spoilt):
                return bytes(spoilt)
            spoilt[at] ^= self._random.randrange(1, 256)

    def _arm(self) -> None:
        if self._timer is None and self._held and not self._faults.stall:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(self._held[0][0], self._due)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _due(self) -> None:
        self._timer = None
        now = asyncio.get_running_loop().time()
        while self._held and self._held[0][0] <= now + 0.001:
            _, data = self._held.popleft()
            self._size -= len(data)
            self._deliver(data)
        self._arm()
        self._end()

    def _end(self) -> None:
        if not self._held and self._then is not None:
            call, self._then = self._then, None
            call()
