"""A still at the camera's full size: the microscope stops its live view for it, and goes on."""

import hashlib
import time

from drivers.microscope.contract import Microscope
from hub.device import DeviceError, TimedOut
from hub.errors import N_
from hub.frames import LiveFrame
from hub.plugin import DeviceHandle, Operations, Principal, check

LIMIT = 35.0
"""Seconds for the action, which has a limit of its own."""
ARRIVAL = 8.0
"""Seconds for the picture to come on its stream, once it was taken."""


class NoStill(DeviceError):
    """The microscope was asked for a still and took none."""

    code = "no-still"
    title = N_("The microscope took no picture at full size.")
    hint = N_("Keep the live picture instead, or look at the microscope's page.")


def has_stills(handle: DeviceHandle) -> bool:
    """Tell whether a microscope takes stills that are larger than its live view may be."""
    return Microscope.stills.name in handle.streams


async def take_still(handle: DeviceHandle, operations: Operations, *, by: Principal) -> LiveFrame:
    """Have a microscope take a still and return it.

    Raises:
        Forbidden: `by` may not.
        NoStill: the microscope could not.
        TimedOut: its picture did not come.
    """
    check(by, handle.access("invoke", Microscope.still.name))
    feed = handle.frames(Microscope.stills.name)
    seen = 0 if feed.latest is None else feed.latest.id
    started = handle.invoke(Microscope.still.name, None, by=by)
    ended = await operations.wait(started.id, LIMIT)
    if ended.problem is not None:
        raise NoStill(f"{ended.problem.code}: {ended.problem.detail}")
    if ended.result is None:
        raise TimedOut(f"{handle.id} took no still within {LIMIT:g} s")
    return await _arrived(handle, seen, ended.result["sha256"])


async def _arrived(handle: DeviceHandle, seen: int, sha256: str) -> LiveFrame:
    """Wait for the very picture that the action told of; somebody else's may come before it."""
    feed = handle.frames(Microscope.stills.name)
    end = time.monotonic() + ARRIVAL
    while (left := end - time.monotonic()) > 0:
        frame = await feed.next(after=seen, timeout=left)
        if hashlib.sha256(frame.data).hexdigest() == sha256:
            return frame
        seen = frame.id
    raise TimedOut(f"the still of {handle.id} did not come")
