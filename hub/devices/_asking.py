"""What a device's driver is asked about its properties: to read them, to set them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from hub.device import Reading
from hub.devices._writes import WriteSlot
from hub.processes import DriverBroken
from hub.wire import Message, WireError


class Asking:
    """The questions to one device's driver that are under way.

    However many ask for a property at one moment, its driver is asked once. Writes to it wait for
    each other (`WriteSlot`).

    Args:
        device: its id.
        call: sends a message to the driver's process and returns the answer; the second argument is
            the limit in seconds.
        limit: returns how many seconds a property may take; NotFound where there is no such.
        take: makes a reading of what the driver says of a property.
    """

    def __init__(
        self,
        device: str,
        call: Callable[[Message, float], Awaitable[Any]],
        limit: Callable[[str], float],
        take: Callable[[str, Message], Reading[Any]],
    ) -> None:
        self._device = device
        self._call = call
        self._limit = limit
        self._take = take
        self._reads: dict[str, asyncio.Task[Reading[Any]]] = {}
        self._slots: dict[str, WriteSlot] = {}

    async def read(self, name: str) -> Reading[Any]:
        """Ask for a property, or wait for whoever has asked already."""
        if name not in self._reads:
            message = {"op": "read", "device": self._device, "name": name}
            task = asyncio.create_task(self._ask(message), name=f"read {self._device} {name}")
            self._reads[name] = task
            task.add_done_callback(lambda done: self._done(name, done))
        return await asyncio.shield(self._reads[name])

    async def write(self, name: str, value: Any) -> Reading[Any]:
        """Set a property and return what was read back.

        Raises:
            Superseded: a newer value came while this one waited.
        """
        slot = self._slots.get(name)
        if slot is None:
            slot = self._slots[name] = WriteSlot(lambda wanted: self._set(name, wanted))
        return await slot.put(value)

    async def close(self) -> None:
        """End what is under way."""
        for task in list(self._reads.values()):
            task.cancel()
        await asyncio.gather(*self._reads.values(), return_exceptions=True)

    async def _set(self, name: str, value: Any) -> Reading[Any]:
        message = {"op": "write", "device": self._device, "name": name, "value": value}
        return await self._ask(message)

    async def _ask(self, message: Message) -> Reading[Any]:
        name = message["name"]
        answer = await self._call(message, self._limit(name))
        try:
            return self._take(name, answer)
        except (WireError, KeyError, TypeError) as error:
            said = f"{self._device}.{name} answered what is no reading: {error}"
            raise DriverBroken(said) from None

    def _done(self, name: str, task: "asyncio.Task[Reading[Any]]") -> None:
        self._reads.pop(name, None)
        if not task.cancelled():
            task.exception()  # looked at: whoever asked may have left
