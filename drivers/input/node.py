"""One input node that a driver reads: opened, its axes known, its events as frames."""

from collections.abc import AsyncIterator
from typing import Self

from drivers.input.codes import ABS_MT_FIRST, ABS_MT_LAST, EV_ABS, EV_KEY
from drivers.input.frames import Framing, InputFrame
from hub.device.transports import Axis, EvdevPort, Transports


class InputNode:
    """An open node.

    Attributes:
        port: to it. name: what it calls itself; untrusted.
        axes: what it said of its axes when it was opened. keys: the codes of its keys.
        losses: how often the kernel, or we, had no room for what it said.
    """

    def __init__(self, port: EvdevPort) -> None:
        self.port = port
        self.name = ""
        self.axes: dict[int, Axis] = {}
        self.keys: frozenset[int] = frozenset()
        self.losses = 0
        self._framing = Framing()
        self._dropped = 0

    @classmethod
    async def open(cls, transports: Transports, path: str) -> Self:
        """Open a node and ask what it has (errors as `Transports.evdev`)."""
        node = cls(await transports.evdev(path))
        try:
            await node.port.monotonic()
            node.name = (await node.port.name())[:200]
            node.keys = await node.port.bits(EV_KEY)
            for code in sorted(await node.port.bits(EV_ABS)):
                node.axes[code] = await node.port.axis(code)
        except BaseException:
            node.port.close()
            raise
        return node

    async def state(self) -> tuple[dict[int, Axis], frozenset[int]]:
        """Return the axes (without those of contacts) and the keys that are held, as they are."""
        held = await self.port.keys()
        axes = {
            code: await self.port.axis(code)
            for code in self.axes
            if not ABS_MT_FIRST <= code <= ABS_MT_LAST
        }
        return axes, held

    async def frames(self) -> AsyncIterator[list[InputFrame]]:
        """Yield the frames that came at once, for ever (Unreachable where the device has gone).

        A frame that is `lost` is the last of its list: whoever reads the state then reads one that
        is newer than all that waited, which is dropped.
        """
        while True:
            events = await self.port.events(limit=None)
            if self.port.dropped != self._dropped:
                self._dropped = self.port.dropped
                yield [self._lost(0.0)]
                continue
            frames: list[InputFrame] = []
            for frame in self._framing.feed(events):
                if frame.lost:
                    frames.append(self._lost(frame.time))
                    break
                frames.append(frame)
            if frames:
                yield frames

    def _lost(self, time: float) -> InputFrame:
        self.losses += 1
        self._framing.reset()
        self.port.forget()
        return InputFrame(time, (), lost=True)
