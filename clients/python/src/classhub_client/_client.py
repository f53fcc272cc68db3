"""The async client: the hub as one object."""

from typing import Self

from classhub_client._assets import AsyncAssets
from classhub_client._devices import AsyncDevice, AsyncDevices, change_of, event_of
from classhub_client._http import CONNECT_SECONDS, Http, environment, path_of
from classhub_client._lessons import AsyncLessons
from classhub_client._live import Live, Messages
from classhub_client.models import Asset, Change, Event, Frame, HubInfo, Message


class AsyncClient:
    """A classroom device hub, for asyncio.

        async with AsyncClient("http://127.0.0.1:8420", "chub_…") as hub:
            microscope = await hub.devices.first("microscope")

    Args:
        url: of the hub.
        token: made by `classhub token create`; its role says what the client may do.
        timeout: seconds that an answer may take.
        language: `kk`, `ru` or `en`: of titles and hints; the hub's own if left out.

    Attributes:
        devices, lessons, assets: what the hub has.

    Raises:
        ValueError: url or token are none.
    """

    def __init__(
        self, url: str, token: str, *, timeout: float = 30.0, language: str | None = None
    ) -> None:
        self._http = Http(url, token, timeout=timeout, language=language)
        self._live = Live(self._http, min(timeout, CONNECT_SECONDS))
        self.url = self._http.url
        self.devices = AsyncDevices(self._http, self._live)
        self.lessons = AsyncLessons(self._http)
        self.assets = AsyncAssets(self._http)

    @classmethod
    def from_environment(cls, *, timeout: float = 30.0, language: str | None = None) -> Self:
        """Make a client by the variables CLASSHUB_URL and CLASSHUB_TOKEN.

        Raises:
            ClientError: one of them is not set.
        """
        url, token = environment("CLASSHUB_URL"), environment("CLASSHUB_TOKEN")
        return cls(url, token, timeout=timeout, language=language)

    @classmethod
    async def connect(
        cls,
        url: str,
        token: str,
        *,
        timeout: float = 30.0,  # noqa: ASYNC109 - of each answer, not of this call
        language: str | None = None,
    ) -> Self:
        """Make a client, see that the hub is there and takes the token; `close` it at the end."""
        made = cls(url, token, timeout=timeout, language=language)
        return await made.__aenter__()

    async def __aenter__(self) -> Self:
        try:
            await self.check()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def check(self) -> None:
        """See that the hub is there and takes the token.

        Raises:
            HubUnreachable, NoAnswer, NotAHub: there is no hub at the address.
            NotSignedIn: the token is not good.
        """
        await self._http.json("GET", path_of("session"))

    async def close(self) -> None:
        """End all subscriptions and connections."""
        await self._live.close()
        await self._http.close()

    async def hub(self) -> HubInfo:
        """Return what the hub is."""
        return HubInfo.of(await self._http.json("GET", path_of("hub")))

    async def capture(
        self,
        microscope: str | AsyncDevice,
        *,
        frame: int | Frame | None = None,
        title: str | None = None,
        note: str = "",
        lesson: str | None = None,
    ) -> Asset:
        """Keep what a microscope shows; what is returned survives a power cut.

        Args:
            microscope: the device or its id.
            frame: the very frame that was seen; the next one that comes if left out.
            title: the microscope's name if left out.
            note: what is to be seen.
            lesson: an id; the lesson that the token's owner is in if left out.

        Raises:
            FrameGone: the frame is no longer kept (some seconds have passed).
            ProblemError: the microscope is not reachable.
        """
        body: dict[str, object] = {"note": note}
        if frame is not None:
            body["frame"] = frame.id if isinstance(frame, Frame) else frame
        if title is not None:
            body["title"] = title
        if lesson is not None:
            body["lesson"] = lesson
        id_ = microscope if isinstance(microscope, str) else microscope.id
        path = path_of("microscopes", id_, "captures")
        return Asset.of(await self._http.json("POST", path, json=body))

    def messages(self, pattern: str, *, timeout: float | None = None) -> Messages[Message]:
        """Iterate over everything that fits a topic filter (`+` one level, `#` the rest).

        Topics: `<device>/state`, `<device>/p/<property>`, `<device>/e/<event>`, `lessons/<id>`,
        `assets/<id>`, `operations/<id>`.

        Args:
            pattern: the filter.
            timeout: seconds without a message after which NoAnswer is raised.
        """
        return Messages(self._live, pattern, lambda message: message, timeout)

    def changes(self, *, timeout: float | None = None) -> Messages[Change]:
        """Iterate over the property changes of all devices, the present values first."""
        return Messages(self._live, "+/p/+", change_of, timeout)

    def events(self, *, timeout: float | None = None) -> Messages[Event]:
        """Iterate over the events of all devices."""
        return Messages(self._live, "+/e/+", event_of, timeout)
