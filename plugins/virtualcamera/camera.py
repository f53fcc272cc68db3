"""One virtual camera while it is on: the newest picture of its microscope, again and again."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from drivers.microscope.contract import Microscope
from hub.errors import N_, HubError, NotFound
from hub.plugin import PluginHub
from plugins.virtualcamera.nodes import Node
from plugins.virtualcamera.settings import VirtualCameraSettings
from plugins.virtualcamera.writer import Writer, writer_to

log = logging.getLogger("classhub.virtualcamera")

STALE = 4.0
"""Seconds without a picture after which the card stands in its place."""
LOOK_AGAIN = 1.0
_BACK_OFF = (1.0, 2.0, 5.0, 15.0, 30.0)
NO_PICTURE = N_("No picture from the microscope")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a teacher wants.

    Attributes:
        device: the microscope. lesson: with whose end it goes off; None where none runs.
        language: of the card.
    """

    device: str
    lesson: str | None
    language: str


class _OutOfUse(Exception):
    """The device was taken out of use."""


class Camera:
    """A virtual camera that is on, from when it is made until it is closed.

    Attributes:
        live: whether other programs get the microscope's picture, and not the card.
        problem: why they get nothing at all, None where they do.
    """

    def __init__(
        self,
        hub: PluginHub,
        node: Node,
        wish: Wish,
        settings: VirtualCameraSettings,
        changed: Callable[[], None],
        over: Callable[[Node], None],
    ) -> None:
        self.node = node
        self.wish = wish
        self.live = False
        self.problem: HubError | None = None
        self._hub = hub
        self._settings = settings
        self._changed = changed
        self._over = over
        self._task = asyncio.create_task(self._keep(), name=f"virtual camera {node.id}")

    async def close(self) -> None:
        """Take the camera away."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _keep(self) -> None:
        fails = 0
        while True:
            began = time.monotonic()
            try:
                async with writer_to(self.node.path, self._settings) as writer:
                    self._say(live=False, problem=None)
                    await self._pump(writer)
            except _OutOfUse:
                self._over(self.node)
                return
            except HubError as error:
                if self.problem is None:
                    log.warning("the virtual camera %s: %s", self.node.id, error)
                self._say(live=False, problem=error)
            fails = 0 if time.monotonic() - began > _BACK_OFF[-1] else fails + 1
            await asyncio.sleep(_BACK_OFF[min(fails, len(_BACK_OFF) - 1)])

    async def _pump(self, writer: Writer) -> None:
        """Hand pictures on. Raises `_OutOfUse`, or HubError of the writer."""
        last = 0
        shown: str | None = None
        while True:
            try:
                device = self._hub.devices.get(self.wish.device)
            except NotFound:
                raise _OutOfUse from None
            try:
                frame = await device.frames(Microscope.view.name).next(after=last, timeout=STALE)
            except HubError as error:
                text = self._hub.say.say(error.title, self.wish.language)
                if text != shown:
                    title = self._hub.say.say(NO_PICTURE, self.wish.language)
                    await writer.card(title, text)
                    shown = text
                self._say(live=False, problem=None)
                await asyncio.sleep(LOOK_AGAIN)
                continue
            began, last = time.monotonic(), frame.id
            if await writer.picture(frame.data):
                shown = None
                self._say(live=True, problem=None)
            await asyncio.sleep(max(began + 1 / self._settings.rate - time.monotonic(), 0.0))

    def _say(self, *, live: bool, problem: HubError | None) -> None:
        before = self.live, self.problem and self.problem.code
        self.live, self.problem = live, problem
        if before != (live, problem and problem.code):
            self._changed()
