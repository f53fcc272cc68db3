"""What happens, pushed by the hub: one WebSocket, subscriptions that outlive it.

The connection is made for the first subscription and made again whenever it breaks; then every
subscription is entered again. Present values come first, also after a reconnect; what happened in
between and is not retained is lost.
"""

import asyncio
import json
import logging
import random
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from classhub_client._http import API, Http
from classhub_client.errors import (
    ClientError,
    HubUnreachable,
    NoAnswer,
    NotSignedIn,
    problem_error,
)
from classhub_client.models import Frame, Message, time_of

log = logging.getLogger("classhub_client")

T = TypeVar("T")
MOST_WAITING = 1000
MOST_BYTES = 34 << 20
SLOWEST_RETRY = 5.0
SETTLING_RETRIES = 60
_NOT_SIGNED_IN = {"code": "not-signed-in", "status": 401, "title": "The token is no longer good."}


class Subscription(Generic[T]):
    """What comes from the hub, as an async iterator; also a context manager that ends it.

    Raises (from the iteration):
        HubUnreachable: it never could be reached. Once it was, a break is waited out.
        NotSignedIn: the token is no longer good.
        ProblemError: the hub refuses the subscription.
        NoAnswer: nothing came for `timeout` seconds.
    """

    def __init__(self, live: "Live", wish: dict[str, Any], timeout: float | None) -> None:
        self._live = live
        self._timeout = timeout
        self._woken = asyncio.Event()
        self._error: ClientError | None = None
        self._closed = False
        self.wish = wish
        self.sub = 0
        self.established = False
        self.retries = 0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        self._live.enter(self)
        self._asked()
        while True:
            if self._closed:
                raise StopAsyncIteration
            if self._error is not None:
                raise self._error
            if self._ready():
                return self._take()
            self._woken.clear()
            try:
                async with asyncio.timeout(self._timeout):
                    await self._woken.wait()
            except TimeoutError:
                raise NoAnswer(f"nothing came for {self._timeout} s") from None

    async def __aenter__(self) -> Self:
        self._live.enter(self)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """End the subscription."""
        self._closed = True
        self._woken.set()
        self._live.leave(self)

    def fail(self, error: ClientError) -> None:
        """End it with an error."""
        self._error = error
        self._woken.set()
        self._live.leave(self)

    def lost(self) -> None:
        """The connection is gone; it will be entered again."""

    def hear(self, message: dict[str, Any], data: bytes | None) -> None:
        """Take what came."""
        raise NotImplementedError

    def _asked(self) -> None:
        """The consumer wants the next one."""

    def _ready(self) -> bool:
        raise NotImplementedError

    def _take(self) -> T:
        raise NotImplementedError


class Messages(Subscription[T]):
    """Messages of a topic filter. A thousand wait at most; then the oldest are `missed`.

    Attributes:
        missed: how many were dropped because the consumer was slow.
    """

    def __init__(
        self,
        live: "Live",
        pattern: str,
        read: Callable[[Message], T | None],
        timeout: float | None,
    ) -> None:
        super().__init__(live, {"op": "subscribe", "filter": pattern}, timeout)
        self._read = read
        self._waiting: deque[T] = deque(maxlen=MOST_WAITING)
        self.missed = 0

    def hear(self, message: dict[str, Any], data: bytes | None) -> None:  # noqa: ARG002
        """Take a message, unless it is none for the consumer."""
        found = self._read(Message(message["topic"], message["payload"]))
        if found is not None:
            self.missed += len(self._waiting) == MOST_WAITING
            self._waiting.append(found)
            self._woken.set()

    def _ready(self) -> bool:
        return bool(self._waiting)

    def _take(self) -> T:
        return self._waiting.popleft()


class Frames(Subscription[Frame]):
    """Live pictures: asking for the next one acknowledges the last, so the newest comes."""

    def __init__(self, live: "Live", device: str, stream: str, timeout: float | None) -> None:
        super().__init__(live, {"op": "frames", "device": device, "stream": stream}, timeout)
        self._device, self._stream = device, stream
        self._came: Frame | None = None
        self._held: int | None = None

    def hear(self, message: dict[str, Any], data: bytes | None) -> None:
        """Take a picture."""
        if data is None:
            return
        when = time_of(message["time"])
        self._came = Frame(
            self._device, self._stream, message["frame"], when, message["type"], data
        )
        self._woken.set()

    def lost(self) -> None:
        """The picture that was not acknowledged is forgotten by the hub, too."""
        self._held = None

    def _asked(self) -> None:
        if self._held is not None:
            self._live.say({"ack": self._held, "sub": self.sub})
            self._held = None

    def _ready(self) -> bool:
        return self._came is not None

    def _take(self) -> Frame:
        frame, self._came = self._came, None
        if frame is None:
            raise RuntimeError("no picture")
        self._held = frame.id
        return frame


class Live:
    """The WebSocket and who listens to it."""

    def __init__(self, http: Http, connect_seconds: float) -> None:
        self._http = http
        self._limit = connect_seconds
        self._subscriptions: dict[int, Subscription[Any]] = {}
        self._next = 0
        self._task: asyncio.Task[None] | None = None
        self._outgoing: asyncio.Queue[dict[str, Any]] = asyncio.Queue(MOST_WAITING)
        self._connected = False
        self._was_connected = False

    def enter(self, subscription: Subscription[Any]) -> None:
        """Begin to listen, if it does not yet."""
        if subscription.sub == 0:
            self._next += 1
            subscription.sub = self._next
            self._subscriptions[subscription.sub] = subscription
            self._wish(subscription)
            if self._task is None or self._task.done():
                self._task = asyncio.create_task(self._run(), name="classhub: stream")

    def leave(self, subscription: Subscription[Any]) -> None:
        """Listen no more."""
        if self._subscriptions.pop(subscription.sub, None) is not None:
            self.say({"op": "unsubscribe", "sub": subscription.sub})

    def say(self, message: dict[str, Any]) -> None:
        """Send a message, if there is a connection."""
        if self._connected:
            try:
                self._outgoing.put_nowait(message)
            except asyncio.QueueFull:
                raise ClientError("the hub does not read what is sent") from None

    async def close(self) -> None:
        """End all subscriptions and the connection."""
        for subscription in tuple(self._subscriptions.values()):
            await subscription.aclose()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=5.0)

    def _wish(self, subscription: Subscription[Any]) -> None:
        if subscription.sub in self._subscriptions:
            self.say({**subscription.wish, "sub": subscription.sub})

    async def _run(self) -> None:
        pause = 0.1
        while self._subscriptions:
            try:
                await self._serve()
                pause = 0.1
            except NotSignedIn as error:
                self._fail_all(error)
            except HubUnreachable as error:
                if not self._was_connected:
                    self._fail_all(error)
            except Exception as error:
                log.exception("the stream failed")
                self._fail_all(ClientError(f"the stream failed: {error}"))
            if self._subscriptions:
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
                pause = min(pause * 2, SLOWEST_RETRY)

    def _fail_all(self, error: ClientError) -> None:
        for subscription in tuple(self._subscriptions.values()):
            subscription.fail(error)

    async def _serve(self) -> None:
        """Hold one connection from its handshake to its end."""
        address = "ws" + self._http.url.removeprefix("http") + f"{API}/stream"
        try:
            socket = await connect(
                address,
                additional_headers=self._http.headers,
                proxy=None,
                max_size=MOST_BYTES,
                open_timeout=self._limit,
                close_timeout=1.0,
            )
        except InvalidStatus as error:
            if error.response.status_code == 401:
                raise NotSignedIn(_NOT_SIGNED_IN) from None
            raise HubUnreachable(f"{self._http.url} refuses the stream: {error}") from error
        except (OSError, InvalidHandshake, ConnectionClosed) as error:
            raise HubUnreachable(f"no hub at {self._http.url}: is it running?") from error
        self._connected = self._was_connected = True
        sending = asyncio.create_task(self._send(socket), name="classhub: send")
        try:
            for subscription in tuple(self._subscriptions.values()):
                self._wish(subscription)
            async for received in socket:
                self._hear(received)
        except ConnectionClosed:
            pass
        finally:
            self._connected = False
            sending.cancel()
            await asyncio.wait({sending})
            self._outgoing = asyncio.Queue(MOST_WAITING)
            for subscription in tuple(self._subscriptions.values()):
                subscription.lost()
            await socket.close()
        if socket.close_code == 4401:
            raise NotSignedIn(_NOT_SIGNED_IN)
        log.info("the connection to %s broke; connecting again", self._http.url)

    async def _send(self, socket: ClientConnection) -> None:
        try:
            while True:
                await socket.send(json.dumps(await self._outgoing.get()))
        except ConnectionClosed:
            return

    def _hear(self, received: str | bytes) -> None:
        data: bytes | None = None
        if isinstance(received, bytes):
            size = int.from_bytes(received[:4], "big")
            message, data = json.loads(received[4 : 4 + size]), received[4 + size :]
        else:
            message = json.loads(received)
        subscription = self._subscriptions.get(message.get("sub") or 0)
        if subscription is None:
            return
        match message.get("op"):
            case "subscribed":
                subscription.established, subscription.retries = True, 0
            case "problem":
                self._refused(subscription, message["problem"])
            case _:
                subscription.hear(message, data)

    def _refused(self, subscription: Subscription[Any], problem: dict[str, Any]) -> None:
        # A hub that has just started again may not know all of its devices yet.
        settling = subscription.established and problem.get("status") == 404
        if settling and subscription.retries < SETTLING_RETRIES:
            subscription.retries += 1
            asyncio.get_running_loop().call_later(1.0, self._wish, subscription)
        else:
            subscription.fail(problem_error(problem))
