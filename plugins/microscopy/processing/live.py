"""How sharp the live view is, for all who focus by hand: reckoned twice a second at most."""

import asyncio
import base64
import time
from dataclasses import dataclass, field
from typing import Any

from drivers.microscope.contract import Microscope
from hub.plugin import PluginHub, Principal, check
from plugins.microscopy.captures import FRESH_FRAME_LIMIT, Captures

EVERY = 0.5
_LIMIT = 20.0
_MEMORY = 2 << 30
"""Address space, of which OpenCV and its threads map most without ever using it."""


@dataclass(slots=True)
class _Score:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    reckoned: float = -EVERY
    frame: int = 0
    answer: dict[str, Any] = field(default_factory=dict)


class LiveScores:
    """Looks at the newest frame when somebody asks; all who ask share one answer."""

    def __init__(self, hub: PluginHub, captures: Captures) -> None:
        self._hub = hub
        self._captures = captures
        self._scores: dict[str, _Score] = {}

    async def get(self, device: str, *, by: Principal) -> dict[str, Any]:
        """Return `frame`, `time`, `score` and `histogram` of a frame not older than half a second.

        Raises:
            NotFound: no such microscope.
            Forbidden: `by` may not watch it.
            TimedOut, Unreachable: it shows nothing.
            UnreadablePicture, WorkersBusy: try again.
        """
        handle = self._captures.microscope(device)
        check(by, handle.access("observe", Microscope.view.name))
        score = self._scores.setdefault(device, _Score())
        async with score.lock:
            if time.monotonic() - score.reckoned < EVERY:
                return score.answer
            feed = handle.frames(Microscope.view.name)
            live = await feed.next(after=score.frame, timeout=FRESH_FRAME_LIMIT)
            encoded = base64.b64encode(live.data).decode()
            found = await self._hub.workers.run(
                "plugins.microscopy.imaging.histogram:live",
                encoded,
                timeout=_LIMIT,
                memory=_MEMORY,
                urgent=True,
            )
            score.answer = {"frame": live.id, "time": live.time, **found}
            score.frame, score.reckoned = live.id, time.monotonic()
        return score.answer
