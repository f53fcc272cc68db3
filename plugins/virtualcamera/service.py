"""All virtual cameras: which are there, which are on, and when they go off."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from drivers.microscope.contract import Microscope
from hub.plugin import Access, HubError, Message, PluginHub, Principal, Role, check
from plugins.virtualcamera.camera import Camera, Wish
from plugins.virtualcamera.errors import CameraUnknown, NoMicroscope, NoVirtualCamera
from plugins.virtualcamera.nodes import MODULE, Node, nodes
from plugins.virtualcamera.settings import VirtualCameraSettings

log = logging.getLogger("classhub.virtualcamera")

TOPIC = "state"
SEEN_BY = Access(role=Role.PUPIL)
"""That a picture leaves the hub is no secret: everybody in the class may see that it does."""
LOOK = 5.0


class VirtualCameras:
    """The virtual cameras of this computer.

    None is on unless a teacher has pressed, and none after a restart. One goes off with the lesson
    that it was switched on in; without a lesson, after a while (`minutes`); and with its device.
    """

    def __init__(self, hub: PluginHub, settings: VirtualCameraSettings) -> None:
        self.settings = settings
        self._hub = hub
        self._on: dict[str, Camera] = {}
        self._until: dict[str, float] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._lock = asyncio.Lock()
        self._leave: Callable[[], None] = lambda: None
        self._watch: asyncio.Task[None] | None = None
        self._told: Any = None

    async def start(self) -> None:
        """Say what is there, and follow lessons."""
        self._leave = self._hub.bus.subscribe("lessons/+", self._heard)
        self._watch = asyncio.create_task(self._look(), name="virtual cameras by the clock")
        self.tell()

    async def stop(self) -> None:
        """Take all of them away."""
        self._leave()
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        await asyncio.gather(*self._ending, return_exceptions=True)
        for id_ in list(self._on):
            await self.switch_off(id_)

    @property
    def installed(self) -> bool:
        """Whether the kernel's module is loaded."""
        return MODULE.is_dir()

    def nodes(self) -> list[Node]:
        """Return the virtual cameras that are there."""
        return nodes(self.settings.nodes)

    def state(self) -> list[dict[str, Any]]:
        """Return how each of them is, without words for people."""
        return [self._state(node, self._on.get(node.id)) for node in self._all()]

    def problem(self, id_: str) -> HubError | None:
        """Return why a camera that is on cannot be seen."""
        camera = self._on.get(id_)
        return None if camera is None else camera.problem

    async def switch_on(self, id_: str, device: str, by: Principal, language: str) -> None:
        """Show a microscope to this computer's programs.

        Raises:
            NoVirtualCamera, CameraUnknown: there is none, or none of this name.
            NotFound, NoMicroscope, Forbidden: of the device.
        """
        there = self.nodes()
        node = next((one for one in there if one.id == id_), None)
        if node is None:
            raise CameraUnknown(id_) if there else NoVirtualCamera(id_)
        handle = self._hub.devices.get(device)
        if handle.kind != Microscope.kind:
            raise NoMicroscope(device)
        check(by, handle.access("observe", Microscope.view.name))
        lesson = await self._hub.school.default_lesson(by)
        wish = Wish(device, None if lesson is None else lesson.id, language)
        async with self._lock:
            await self._off(id_)
            camera = Camera(self._hub, node, wish, self.settings, self.tell, self._gone)
            self._on[id_] = camera
            self._until[id_] = time.monotonic() + self.settings.minutes * 60
        self.tell()
        await self._hub.audit.note(by, "virtualcamera.on", device, {"camera": id_})
        if lesson is not None and not (await self._hub.school.lesson(lesson.id)).running:
            await self.switch_off(id_)  # it ended before anybody could hear of it

    async def switch_off(self, id_: str, by: Principal | None = None) -> None:
        """Take a camera away; nothing happens where it is off already."""
        async with self._lock:
            camera = await self._off(id_)
        self.tell()
        if by is not None and camera is not None:
            await self._hub.audit.note(by, "virtualcamera.off", camera.wish.device, {"camera": id_})

    def tell(self) -> None:
        """Say how it is, where that has changed."""
        told = {"cameras": self.state()}
        if told != self._told:
            self._told = told
            self._hub.publish(TOPIC, told, retained=True, audience=SEEN_BY)

    async def _off(self, id_: str) -> Camera | None:
        camera = self._on.pop(id_, None)
        self._until.pop(id_, None)
        if camera is not None:
            await camera.close()
        return camera

    def _all(self) -> list[Node]:
        """Those that are there, and those that are on although they have gone."""
        there = self.nodes()
        known = {node.id for node in there}
        return there + [one.node for one in self._on.values() if one.node.id not in known]

    @staticmethod
    def _state(node: Node, camera: Camera | None) -> dict[str, Any]:
        wish = None if camera is None else camera.wish
        return {
            "id": node.id,
            "title": node.title,
            "on": camera is not None,
            "live": camera is not None and camera.live,
            "device": None if wish is None else wish.device,
            "lesson": None if wish is None else wish.lesson,
            "code": None if camera is None or camera.problem is None else camera.problem.code,
        }

    # By themselves they go off.

    def _heard(self, message: Message) -> None:
        change = message.payload.get("change") if isinstance(message.payload, dict) else None
        if change not in ("ended", "deleted"):
            return
        lesson = message.topic.partition("/")[2]
        for id_, camera in self._on.items():
            if camera.wish.lesson == lesson:
                self._soon(id_)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            moment = time.monotonic()
            for id_, camera in list(self._on.items()):
                if moment > self._until.get(id_, moment) and camera.wish.lesson is None:
                    log.info("the virtual camera %s goes off: it was on for long", id_)
                    await self.switch_off(id_)
            self.tell()  # also of those that were installed or taken away meanwhile

    def _gone(self, node: Node) -> None:
        self._soon(node.id)

    def _soon(self, id_: str) -> None:
        task = asyncio.create_task(self.switch_off(id_), name=f"virtual camera {id_} goes off")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
