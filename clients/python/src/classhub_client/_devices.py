"""Devices: what they are, their properties, actions, events and pictures."""

from collections.abc import AsyncIterator
from typing import Any

from classhub_client._http import Http, path_of
from classhub_client._live import Frames, Live, Messages
from classhub_client._operations import AsyncOperation
from classhub_client.errors import NotFound
from classhub_client.models import (
    Change,
    DeviceInfo,
    Event,
    Frame,
    Message,
    OperationState,
    Reading,
    frame_time,
    time_of,
)


def change_of(message: Message) -> Change | None:
    """Read a property change from a message; None where the device was taken away."""
    if message.payload is None:
        return None
    device, _, name = message.topic.split("/", 2)
    return Change(device, name, Reading.of(message.payload))


def event_of(message: Message) -> Event | None:
    """Read an event from a message."""
    device, _, name = message.topic.split("/", 2)
    return Event(device, name, message.payload["data"], time_of(message.payload["time"]))


class AsyncDevice:
    """A device of the hub. `info` is what was known of it when it was last asked for."""

    def __init__(self, http: Http, live: Live, info: DeviceInfo) -> None:
        self._http = http
        self._live = live
        self.id = info.id
        self.info = info

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id} ({self.info.kind})>"

    async def refresh(self) -> DeviceInfo:
        """Ask the hub for its state, readings and description."""
        self.info = DeviceInfo.of(await self._http.json("GET", path_of("devices", self.id)))
        return self.info

    async def properties(self) -> dict[str, Reading]:
        """Return the last reading of each property."""
        found = await self._http.json("GET", path_of("devices", self.id, "properties"))
        return {name: Reading.of(one) for name, one in found.items()}

    async def read(self, name: str) -> Reading:
        """Read a property; its unit stands in `info.description`.

        Raises:
            NotFound: it has no such property.
            ProblemError: the device is not reachable, or did not answer in time.
        """
        path = path_of("devices", self.id, "properties", name)
        return Reading.of(await self._http.json("GET", path))

    async def write(self, name: str, value: Any) -> Reading:
        """Set a property and return what was read back.

        Raises:
            Forbidden, NotFound, Superseded: may not, cannot, or a newer value came.
            ProblemError: out of range, or the device is not reachable.
        """
        path = path_of("devices", self.id, "properties", name)
        return Reading.of(await self._http.json("PUT", path, json={"value": value}))

    async def invoke(
        self,
        action: str,
        input: Any = None,  # noqa: A002 - the word of the API
    ) -> AsyncOperation:
        """Start an action and return the operation that it runs on as."""
        path = path_of("devices", self.id, "actions", action)
        answer = await self._http.json("POST", path, json={"input": input})
        return AsyncOperation(self._http, self._live, OperationState.of(answer))

    def changes(self, name: str = "+", *, timeout: float | None = None) -> Messages[Change]:
        """Iterate over property changes, the present values first.

        Args:
            name: of one property; all if left out.
            timeout: seconds without a change after which NoAnswer is raised.
        """
        return Messages(self._live, f"{self.id}/p/{name}", change_of, timeout)

    def events(self, name: str = "+", *, timeout: float | None = None) -> Messages[Event]:
        """Iterate over events (all, or those of one name)."""
        return Messages(self._live, f"{self.id}/e/{name}", event_of, timeout)

    def frames(self, stream: str = "view", *, timeout: float | None = None) -> Frames:
        """Iterate over live pictures, always the newest: a slow consumer skips, it never lags."""
        return Frames(self._live, self.id, stream, timeout)

    async def still(self, stream: str = "view") -> Frame:
        """Return the newest picture; nothing is kept in the hub."""
        path = path_of("devices", self.id, "streams", stream, "latest.jpg")
        async with self._http.answer("GET", path) as answer:
            data = await answer.aread()
            frame = int(answer.headers["X-Frame"])
            kind = answer.headers["Content-Type"]
        return Frame(self.id, stream, frame, frame_time(frame), kind, data)


class AsyncDevices:
    """The devices of the hub."""

    def __init__(self, http: Http, live: Live) -> None:
        self._http = http
        self._live = live

    async def list(self, kind: str | None = None) -> list[AsyncDevice]:
        """Return all devices, or those of a kind."""
        return [device async for device in self._all(kind)]

    async def get(self, id: str) -> AsyncDevice:  # noqa: A002 - the word of the API
        """Return a device with its description (NotFound where there is none)."""
        info = DeviceInfo.of(await self._http.json("GET", path_of("devices", id)))
        return AsyncDevice(self._http, self._live, info)

    async def first(self, kind: str) -> AsyncDevice:
        """Return the first device of a kind, one that is reachable if there is one.

        Raises:
            NotFound: the hub has none of this kind.
        """
        found = await self.list(kind)
        if not found:
            title = f"The hub has no device of the kind {kind}."
            raise NotFound({"code": "not-found", "status": 404, "title": title})
        return min(found, key=lambda device: not device.info.state.reachable)

    async def _all(self, kind: str | None) -> AsyncIterator[AsyncDevice]:
        async for item in self._http.pages(path_of("devices"), {"kind": kind}):
            yield AsyncDevice(self._http, self._live, DeviceInfo.of(item))
