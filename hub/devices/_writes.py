"""Writes to one property: one in flight, one pending, the newest wins."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

from hub.device import Reading
from hub.errors import N_, Conflict


class Superseded(Conflict):
    """A newer value for the same property came before this one was sent to the device."""

    code: ClassVar[str] = "superseded"
    title: ClassVar[str] = N_("A newer value was set meanwhile.")
    hint: ClassVar[str] = N_("Look at the present value; set it again if it is not what you want.")


class WriteSlot:
    """Takes the writes to one property of one device."""

    def __init__(self, send: Callable[[Any], Awaitable[Reading[Any]]]) -> None:
        self._send = send
        self._busy = False
        self._pending: asyncio.Future[None] | None = None

    async def put(self, value: Any) -> Reading[Any]:
        """Write a value and return what was read back.

        Raises:
            Superseded: while it waited for the one in flight, a newer one came.
        """
        if self._busy:
            await self._turn()
        self._busy = True
        try:
            return await self._send(value)
        finally:
            self._pass_on()

    async def _turn(self) -> None:
        if self._pending is not None and not self._pending.done():
            self._pending.set_exception(Superseded())
        turn = self._pending = asyncio.get_running_loop().create_future()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                if self._pending is turn:
                    self._pending = None
            elif turn.exception() is None:
                self._pass_on()  # its turn had come in the same moment
            raise

    def _pass_on(self) -> None:
        turn, self._pending = self._pending, None
        if turn is not None and not turn.done():
            turn.set_result(None)
        else:
            self._busy = False
