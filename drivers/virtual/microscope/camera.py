"""The camera's clock: it makes pictures only while somebody watches, in a thread of their own."""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from drivers.virtual.microscope.optics import Specimen, State
from drivers.virtual.microscope.truth import truth


class Scene(Protocol):
    """What the camera looks at."""

    width: int
    height: int

    def picture(self, state: State, drift: tuple[float, float], seconds: float) -> bytes:
        """Return the JPEG picture of this moment."""


class Camera:
    """One camera with its microscope's state; the newest picture is what everybody gets."""

    def __init__(self, scene: Scene, state: State, *, fps: float) -> None:
        self.fps = fps
        self.state = state
        self.width = scene.width
        self.height = scene.height
        self._scene = scene
        self._specimen = Specimen()
        self._started = time.monotonic()
        self._drift_since = self._started
        self._watchers = 0
        self._changed = 0
        self._number = 0
        self._making = 0
        self._picture = b""
        self._condition = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, "camera")
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Keep the camera running inside the `with`."""
        self._watchers += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="camera")
            self._task.add_done_callback(self._ended)
        try:
            yield
        finally:
            self._watchers -= 1

    async def next(self, after: int) -> tuple[int, bytes]:
        """Return the newest picture with a number greater than `after`, and its number."""
        async with self._condition:
            await self._condition.wait_for(lambda: self._number > after)
            return self._number, self._picture

    def stamp(self) -> int:
        """Return the number of the last picture that may show an older state than now's."""
        return self._making

    def set(self, state: State) -> None:
        """Change what can be set; the next picture shows it."""
        if state.drift and not self.state.drift:
            self._drift_since = time.monotonic()
        self.state = state

    def drift(self) -> tuple[float, float]:
        """How far the stage has crept, um."""
        if not self.state.drift:
            return 0.0, 0.0
        return self._specimen.drifted(time.monotonic() - self._drift_since)

    def truth(self) -> dict[str, Any]:
        """Return what is true of the picture now."""
        return truth(self.state, self._specimen, self.drift(), (self.width, self.height))

    async def warm_up(self) -> None:
        """Prepare the slide before anybody asks, so that the first picture comes at once."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._scene.picture, self.state, (0.0, 0.0), 0.0)

    async def stop(self) -> None:
        """End the camera and its thread."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        await asyncio.to_thread(self._thread.shutdown, cancel_futures=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) and not self.failed.done():
            self.failed.set_exception(error)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while self._watchers:
            self._making = self._number + 1
            seconds = time.monotonic() - self._started
            picture = await loop.run_in_executor(
                self._thread, self._scene.picture, self.state, self.drift(), seconds
            )
            async with self._condition:
                self._number = self._making
                self._picture = picture
                self._condition.notify_all()
            due = max(due + 1 / self.fps, loop.time() - 1 / self.fps)
            await asyncio.sleep(max(due - loop.time(), 0))
