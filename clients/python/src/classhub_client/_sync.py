"""The blocking client: the async one in a thread, method by method the same."""

from collections.abc import Callable
from typing import Any, Literal, Self

from classhub_client._assets import AsyncAssets
from classhub_client._client import AsyncClient
from classhub_client._devices import AsyncDevice, AsyncDevices
from classhub_client._http import environment
from classhub_client._lessons import AsyncLessons
from classhub_client._operations import AsyncOperation, result_of
from classhub_client._portal import Blocking, Following, Portal, blocking
from classhub_client.models import (
    Asset,
    Change,
    DeviceInfo,
    Event,
    Frame,
    Message,
    OperationState,
)

__all__ = [
    "Assets",
    "Blocking",
    "Client",
    "Device",
    "Devices",
    "Following",
    "Lessons",
    "Operation",
]


class Operation:
    """An action under way."""

    def __init__(self, portal: Portal, wrapped: AsyncOperation) -> None:
        self._portal = portal
        self._async = wrapped
        self.id = wrapped.id

    refresh = blocking(AsyncOperation.refresh)
    cancel = blocking(AsyncOperation.cancel)

    @property
    def state(self) -> OperationState:
        """The last that is known of it."""
        return self._async.state

    def updates(self) -> Blocking[OperationState]:
        """Iterate over how far it is, at each change, until it is over."""
        return Blocking(self._portal, self._async.updates())

    def wait(self, progress: Callable[[OperationState], object] | None = None) -> Any:
        """Wait until it is over and return its result; `progress` is called at each change.

        Raises:
            OperationEnded: it failed, was cancelled or interrupted.
            NotFound: the hub was started again and knows nothing of it.
        """
        with self.updates() as updates:
            for state in updates:
                if progress is not None:
                    progress(state)
        return result_of(self.state)


class Device:
    """A device of the hub."""

    def __init__(self, portal: Portal, wrapped: AsyncDevice) -> None:
        self._portal = portal
        self._async = wrapped
        self.id = wrapped.id

    def __repr__(self) -> str:
        return f"<Device {self.id} ({self.info.kind})>"

    refresh = blocking(AsyncDevice.refresh)
    properties = blocking(AsyncDevice.properties)
    read = blocking(AsyncDevice.read)
    write = blocking(AsyncDevice.write)
    still = blocking(AsyncDevice.still)

    @property
    def info(self) -> DeviceInfo:
        """What was known of it when it was last asked for."""
        return self._async.info

    def invoke(self, action: str, input: Any = None) -> Operation:  # noqa: A002 - as in the API
        """Start an action and return the operation that it runs on as."""
        return Operation(self._portal, self._portal.call(self._async.invoke(action, input)))

    def changes(self, name: str = "+", *, timeout: float | None = None) -> Blocking[Change]:
        """Iterate over property changes, the present values first.

        Args:
            name: of one property; all if left out.
            timeout: seconds without a change after which NoAnswer is raised.
        """
        return Blocking(self._portal, self._async.changes(name, timeout=timeout))

    def events(self, name: str = "+", *, timeout: float | None = None) -> Blocking[Event]:
        """Iterate over events (all, or those of one name)."""
        return Blocking(self._portal, self._async.events(name, timeout=timeout))

    def frames(self, stream: str = "view", *, timeout: float | None = None) -> Blocking[Frame]:
        """Iterate over live pictures, always the newest: a slow consumer skips, it never lags."""
        return Blocking(self._portal, self._async.frames(stream, timeout=timeout))


class Devices:
    """The devices of the hub."""

    def __init__(self, portal: Portal, wrapped: AsyncDevices) -> None:
        self._portal = portal
        self._async = wrapped

    def list(self, kind: str | None = None) -> list[Device]:
        """Return all devices, or those of a kind."""
        return [Device(self._portal, one) for one in self._portal.call(self._async.list(kind))]

    def get(self, id: str) -> Device:  # noqa: A002 - the word of the API
        """Return a device with its description (NotFound where there is none)."""
        return Device(self._portal, self._portal.call(self._async.get(id)))

    def first(self, kind: str) -> Device:
        """Return the first device of a kind, a reachable one if there is one (or NotFound)."""
        return Device(self._portal, self._portal.call(self._async.first(kind)))


class Lessons:
    """The lessons that the token may see."""

    def __init__(self, portal: Portal, wrapped: AsyncLessons) -> None:
        self._portal = portal
        self._async = wrapped

    start = blocking(AsyncLessons.start)
    end = blocking(AsyncLessons.end)
    get = blocking(AsyncLessons.get)
    list = blocking(AsyncLessons.list)
    running = blocking(AsyncLessons.running)


class Assets:
    """The assets that the token may see."""

    def __init__(self, portal: Portal, wrapped: AsyncAssets) -> None:
        self._portal = portal
        self._async = wrapped

    get = blocking(AsyncAssets.get)
    read = blocking(AsyncAssets.read)
    download = blocking(AsyncAssets.download)
    upload = blocking(AsyncAssets.upload)
    edit = blocking(AsyncAssets.edit)
    delete = blocking(AsyncAssets.delete)

    def list(
        self,
        *,
        lesson: str | None = None,
        owner: str | None = None,
        device: str | None = None,
        media_type: str | None = None,
        order: Literal["newest", "oldest"] = "newest",
        most: int | None = None,
    ) -> Blocking[Asset]:
        """Iterate over assets; the next page is fetched when it is needed (see AsyncAssets)."""
        found = self._async.list(
            lesson=lesson,
            owner=owner,
            device=device,
            media_type=media_type,
            order=order,
            most=most,
        )
        return Blocking(self._portal, found)


class Client:
    """A classroom device hub. Every call waits; several threads may use one client.

        with Client("http://127.0.0.1:8420", "chub_…") as hub:
            asset = hub.capture("virtual-microscope", note="onion")

    Args and errors are those of `AsyncClient`.
    """

    def __init__(
        self, url: str, token: str, *, timeout: float = 30.0, language: str | None = None
    ) -> None:
        self._async = AsyncClient(url, token, timeout=timeout, language=language)
        self._portal = Portal()
        self.url = self._async.url
        self.devices = Devices(self._portal, self._async.devices)
        self.lessons = Lessons(self._portal, self._async.lessons)
        self.assets = Assets(self._portal, self._async.assets)

    check = blocking(AsyncClient.check)
    hub = blocking(AsyncClient.hub)

    @classmethod
    def from_environment(cls, *, timeout: float = 30.0, language: str | None = None) -> Self:
        """Make a client by the variables CLASSHUB_URL and CLASSHUB_TOKEN (else ClientError)."""
        url, token = environment("CLASSHUB_URL"), environment("CLASSHUB_TOKEN")
        return cls(url, token, timeout=timeout, language=language)

    @classmethod
    def connect(
        cls, url: str, token: str, *, timeout: float = 30.0, language: str | None = None
    ) -> Self:
        """Make a client, see that the hub is there and takes the token; `close` it at the end."""
        return cls(url, token, timeout=timeout, language=language).__enter__()

    def __enter__(self) -> Self:
        try:
            self.check()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all subscriptions and connections, and the thread."""
        try:
            self._portal.call(self._async.close())
        finally:
            self._portal.stop()

    def capture(
        self,
        microscope: str | Device,
        *,
        frame: int | Frame | None = None,
        title: str | None = None,
        note: str = "",
        lesson: str | None = None,
    ) -> Asset:
        """Keep what a microscope shows; what is returned survives a power cut.

        See `AsyncClient.capture`: `frame` names the very frame that was seen, FrameGone is raised
        where it is no longer kept.
        """
        id_ = microscope if isinstance(microscope, str) else microscope.id
        call = self._async.capture(id_, frame=frame, title=title, note=note, lesson=lesson)
        return self._portal.call(call)

    def messages(self, pattern: str, *, timeout: float | None = None) -> Blocking[Message]:
        """Iterate over everything that fits a topic filter (see `AsyncClient.messages`)."""
        return Blocking(self._portal, self._async.messages(pattern, timeout=timeout))

    def changes(self, *, timeout: float | None = None) -> Blocking[Change]:
        """Iterate over the property changes of all devices, the present values first."""
        return Blocking(self._portal, self._async.changes(timeout=timeout))

    def events(self, *, timeout: float | None = None) -> Blocking[Event]:
        """Iterate over the events of all devices."""
        return Blocking(self._portal, self._async.events(timeout=timeout))
