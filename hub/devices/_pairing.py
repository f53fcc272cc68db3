"""Pairing: which of several alike devices is meant is shown by touching it.

The one that is meant is touched (its input nodes send events), or pulled out and put back.
"""

import asyncio
import contextlib
import os
import struct
from collections.abc import Sequence

from hub.device import Found, Match
from hub.devices._errors import NothingTouched
from hub.discovery import Discovery, fits
from hub.errors import N_
from hub.operations import Progress

SECONDS = 60.0
TICK = 1.0
_EVENT = struct.Struct("llHHi")
"""A `struct input_event` (linux/input.h): time, type, code, value."""
_SYN, _MSC = 0, 4

TOUCH = N_("Touch the device now, or pull its cable out and put it back.")
PULLED = N_("One was pulled out. Put it back now.")
PLUG = N_("None is plugged in. Plug the device in now.")


class Pairing:
    """Waits for one of the devices that a driver looks for to be touched.

    Args:
        discovery: of the hub.
        matches: what the driver looks for.
    """

    def __init__(self, discovery: Discovery, matches: Sequence[Match]) -> None:
        self._discovery = discovery
        self._matches = matches
        self._files: dict[str, int] = {}
        self._there = self._places()
        self._pulled = False
        self._chosen: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def run(self, progress: Progress, limit: float = SECONDS) -> dict[str, str]:
        """Return the identity of the one that was touched first, as `{"identity": …}`.

        Raises:
            NothingTouched: nobody touched one within `limit` seconds.
        """
        loop = asyncio.get_running_loop()
        began = loop.time()
        leave = self._discovery.listen(self._news)
        try:
            while not self._chosen.done():
                self._follow_nodes()
                spent = loop.time() - began
                if spent >= limit:
                    raise NothingTouched(f"{len(self._there)} devices are there")
                progress(spent / limit, PULLED if self._pulled else TOUCH if self._there else PLUG)
                await asyncio.wait([self._chosen], timeout=min(TICK, limit - spent))
            return {"identity": self._chosen.result()}
        finally:
            leave()
            for node in list(self._files):
                self._close(node)

    def _news(self) -> None:
        """Something was pulled out or plugged in: what comes now is the one that is meant."""
        # By its place: when one of two twins goes, the identity of the other may change.
        before, self._there = self._there, self._places()
        self._pulled = self._pulled or bool(before.keys() - self._there.keys())
        for place in self._there.keys() - before.keys():
            self._choose(self._there[place])

    def _candidates(self) -> list[Found]:
        found = self._discovery.list()
        return [one for one in found if any(fits(match, one) for match in self._matches)]

    def _places(self) -> dict[tuple[str, ...], str]:
        return {
            (one.bus, one.port or one.identity, one.vendor, one.product): one.identity
            for one in self._candidates()
        }

    def _choose(self, identity: str) -> None:
        if not self._chosen.done():
            self._chosen.set_result(identity)

    def _follow_nodes(self) -> None:
        """Read the input nodes of all candidates that are there."""
        wanted = {node for one in self._candidates() for node in one.nodes.get("input", ())}
        for node in self._files.keys() - wanted:
            self._close(node)
        for node in wanted - self._files.keys():
            # One that may not be opened, or is no node to wait for, can still be pulled out.
            with contextlib.suppress(OSError):
                file = os.open(node, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
                try:
                    asyncio.get_running_loop().add_reader(file, self._read, node, file)
                except OSError:
                    os.close(file)
                    raise
                self._files[node] = file

    def _read(self, node: str, file: int) -> None:
        try:
            data = os.read(file, 64 * _EVENT.size)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._close(node)
            return
        whole = data[: len(data) // _EVENT.size * _EVENT.size]
        if any(kind not in (_SYN, _MSC) for _, _, kind, _, _ in _EVENT.iter_unpack(whole)):
            for one in self._candidates():
                if node in one.nodes.get("input", ()):
                    self._choose(one.identity)

    def _close(self, node: str) -> None:
        file = self._files.pop(node, None)
        if file is not None:
            asyncio.get_running_loop().remove_reader(file)
            os.close(file)
