"""Moves focus or stage of a microscope, and knows which picture shows where it has gone."""

import asyncio
import logging
import time
from contextlib import suppress
from typing import Any

from drivers.microscope.contract import Microscope
from hub.errors import HubError
from hub.frames import FrameFeed, LiveFrame
from hub.plugin import DeviceHandle, Operations, Principal
from plugins.microscopy.captures import FRESH_FRAME_LIMIT, Captures
from plugins.microscopy.optics import Optics
from plugins.microscopy.series.errors import CameraLost, NotFocused

log = logging.getLogger("classhub.microscopy")

PICTURES = 2
"""So many pictures must have come since, however long each took: one was being made already."""
_RETURN = 4.0
"""Seconds for the way back; the end of the hub does not wait much longer."""
_FOCUSING = 35.0
_CERTAIN = 2.0


async def settled_picture(feed: FrameFeed, since: float, settle: float) -> LiveFrame:
    """Return a picture that shows what was set at `since`, and nothing older.

    Args:
        feed: the live view.
        since: when the device had confirmed the setting, seconds on the monotonic clock.
        settle: seconds that the microscope takes to stand still after that, and that a picture
            may be on its way.

    Raises:
        CameraLost: no picture comes any more.
    """
    seen = 0 if feed.latest is None else feed.latest.id
    came = 0
    while True:
        try:
            frame = await feed.next(after=seen, timeout=FRESH_FRAME_LIMIT)
        except HubError as error:
            raise CameraLost(f"{error.code}: {error.detail}") from None
        seen = frame.id
        came += 1
        if came >= PICTURES and frame.received >= since + settle:
            return frame


async def certain_optics(captures: Captures, handle: DeviceHandle) -> Optics:
    """Return objective and scale as they are in the live view; what cannot be known is None.

    They are uncertain for a moment after a change, as pictures from before are on their way.

    Raises:
        HubError: the camera gives no picture.
    """
    feed = handle.frames(Microscope.view.name)
    end = time.monotonic() + _CERTAIN
    seen = 0 if feed.latest is None else feed.latest.id
    while True:
        frame = await feed.next(after=seen, timeout=FRESH_FRAME_LIMIT)
        optics = captures.optics_at(handle.id, frame.time, (frame.width, frame.height))
        known = optics.objective is not None and optics.scale is not None
        if known or time.monotonic() > end:
            return optics
        seen = frame.id


class Drive:
    """One setting of one microscope, and where it was found."""

    def __init__(self, handle: DeviceHandle, name: str, automatic: str = "") -> None:
        self._handle = handle
        self._name = name
        self._automatic = automatic
        self._home: Any = None
        self._was_automatic = False

    async def remember(self) -> Any:
        """Read where it is, to put it back later, and return it."""
        self._home = (await self._handle.read(self._name)).value
        if self._automatic:
            self._was_automatic = (await self._handle.read(self._automatic)).value is True
        return self._home

    async def go(self, value: Any) -> float:
        """Set it, and return since when (monotonic clock).

        Raises:
            HubError: the device could not, or is gone.
        """
        await self._handle.write(self._name, value)
        return time.monotonic()

    async def back(self) -> None:
        """Put it back, as far as the device is still there; to its end, also when cancelled."""
        if self._home is None:
            return
        task = asyncio.create_task(self._go_back(), name="going-back")
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.gather(task, return_exceptions=True)
            raise

    async def _go_back(self) -> None:
        try:
            async with asyncio.timeout(_RETURN):
                await self._handle.write(self._name, self._home)
                if self._was_automatic:
                    await self._handle.write(self._automatic, True)  # noqa: FBT003 - the value
        except (HubError, TimeoutError) as error:
            why = f"{error.code}: {error.detail}" if isinstance(error, HubError) else "no answer"
            log.warning("%s: %s was not put back: %s", self._handle.id, self._name, why)


async def focus_first(handle: DeviceHandle, operations: Operations, by: Principal) -> None:
    """Have the microscope focus by itself.

    Raises:
        NotFocused: it could not.
    """
    started = handle.invoke(Microscope.autofocus.name, None, by=by)
    try:
        ended = await operations.wait(started.id, _FOCUSING)
    except asyncio.CancelledError:
        operations.cancel(started.id)
        with suppress(asyncio.CancelledError):
            await operations.wait(started.id, _RETURN)
        raise
    if ended.problem is not None or ended.result is None:
        why = "" if ended.problem is None else f"{ended.problem.code}: {ended.problem.detail}"
        raise NotFocused(why)
