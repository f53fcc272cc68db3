"""Follows the room's pens and tells the kernel what they do."""

import asyncio
import logging

from drivers.tablet.contract import Tablet
from hub.plugin import Access, HubError, Message, PluginHub, Role
from plugins.tablets.pen_out.merging import Event, OnePen
from plugins.tablets.pen_out.uinput import VirtualPen

log = logging.getLogger("classhub.tablets")

TOPIC = "virtual-pen"
_AGAIN = 30.0


class PenOut:
    """The room's pens as one pen of this computer.

    How it is stands in `x/tablets/virtual-pen` (retained, for teachers): `on`, and the `code` of
    the problem where it cannot be; it is tried again every half minute.

    Args:
        wanted: whether an engineer has switched it on.
    """

    def __init__(self, hub: PluginHub, *, wanted: bool) -> None:
        self._hub = hub
        self.wanted = wanted
        self.problem: HubError | None = None
        self._pen: VirtualPen | None = None
        self._one = OnePen()
        self._task: asyncio.Task[None] | None = None

    @property
    def on(self) -> bool:
        """Whether the pen is there."""
        return self._pen is not None

    async def start(self) -> None:
        """Make the pen, where it is wanted, and begin to follow the others."""
        if not self.wanted:
            return
        bus = self._hub.bus
        self._leave = (
            bus.subscribe(f"+/s/{Tablet.pen.name}", self._on_samples),
            bus.subscribe("+/state", self._on_state),
        )
        self._task = asyncio.create_task(self._keep(), name="tablets: the virtual pen")

    async def stop(self) -> None:
        """Take the pen away."""
        for leave in getattr(self, "_leave", ()):
            leave()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task], timeout=1.0)
        self._close()

    async def _keep(self) -> None:
        while True:
            if self._pen is None:
                try:
                    self._pen, self.problem = await asyncio.to_thread(VirtualPen), None
                except HubError as error:
                    if self.problem is None:
                        log.warning("there is no virtual pen: %s", error)
                    self.problem = error
                self._say()
            await asyncio.sleep(_AGAIN)

    def _on_samples(self, message: Message) -> None:
        device = message.topic.partition("/")[0]
        self._tell(self._one.take(device, message.payload["samples"]))

    def _on_state(self, message: Message) -> None:
        if not (message.payload or {}).get("reachable"):
            self._tell(self._one.let_go(message.topic.partition("/")[0]))

    def _tell(self, frames: list[list[Event]]) -> None:
        if self._pen is None:
            return
        try:
            self._pen.tell(frames)
        except BlockingIOError:
            log.debug("the kernel has no room for what a pen did")
        except OSError as error:
            log.warning("the virtual pen has gone: %s", error)
            self._close()
            self._say()

    def _close(self) -> None:
        if self._pen is not None:
            self._pen.close()
            self._pen = None
        self._one = OnePen()

    def _say(self) -> None:
        told = {"on": self.on, "code": None if self.problem is None else self.problem.code}
        self._hub.publish(TOPIC, told, retained=True, audience=Access(role=Role.TEACHER))
