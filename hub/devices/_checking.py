"""Trying whether a device works, as before a lesson."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from hub.device import CHECK_LIMIT
from hub.errors import N_
from hub.frames import FrameFeed
from hub.wire import Message

ANSWERS = N_("It is there, and its driver answers.")
PICTURE = N_("It gave a picture.")
MOST_SAID = 200


async def tried(
    device: str, call: Callable[[Message, float], Awaitable[Any]], feeds: Iterable[FrameFeed]
) -> str:
    """Have a driver try its device, then take a picture of each of its streams.

    Args:
        device: its id.
        call: sends a message to the driver's process and returns the answer, within seconds.
        feeds: its frame streams.

    Returns:
        What was tried, for people (message id).

    Raises:
        HubError: it does not work.
    """
    said = await call({"op": "check", "device": device}, CHECK_LIMIT)
    seen = False
    for feed in feeds:
        await feed.next(timeout=CHECK_LIMIT)
        seen = True
    if isinstance(said, str) and said:
        return said[:MOST_SAID]
    return PICTURE if seen else ANSWERS
