"""One client of the stream: what it may say, what it has subscribed to, what it is sent."""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from starlette.types import Scope

from hub.api.problems import document
from hub.api.rendition import SmallFeed
from hub.api.security import header, own_origin
from hub.api.socket import HubSocket, text_frame
from hub.bus import Message
from hub.errors import N_, HubError, Invalid, NotSignedIn
from hub.frames import FrameFeed, LiveFrame
from hub.rights import Principal, check, may

if TYPE_CHECKING:
    from hub.api.stream import StreamServer

MOST_WAITING = 1000
MOST_SUBSCRIPTIONS = 200
MOST_FRAME_SUBSCRIPTIONS = 8
MOST_SMALL = 32
SIZES = ("full", "small")
FORMS = ("json", "binary")
_FILTER_LENGTH = 300
_MOST_SUB = 1 << 53


class BadMessage(Invalid):
    """A message on the stream is not one that the hub knows."""

    code = "bad-message"
    title = N_("The hub does not know this message.")
    hint = N_("Look up the messages of the stream in the API's description.")


class FrameSubscription:
    """A viewer of a stream of pictures: the newest one, whenever the last one was acknowledged."""

    def __init__(self, connection: "Connection", sub: int, feed: FrameFeed | SmallFeed) -> None:
        self.small = isinstance(feed, SmallFeed)
        self._connection = connection
        self._sub = sub
        self._unacknowledged: int | None = None
        self._newest: LiveFrame | None = None
        self.end = feed.watch(self._wake)

    def _wake(self, frame: LiveFrame) -> None:
        if self._unacknowledged is None and not self._connection.socket.paused:
            self._send(frame)
        else:
            self._newest = frame

    def acknowledge(self, frame: int) -> None:
        """The client has drawn a picture; send the newest one if it is newer."""
        if frame == self._unacknowledged:
            self._unacknowledged = None
            self.go_on()

    def go_on(self) -> None:
        """Send the newest picture if one waits and nothing is in its way."""
        newest = self._newest
        if (
            newest is not None
            and self._unacknowledged is None
            and not self._connection.socket.paused
        ):
            self._newest = None
            self._send(newest)

    def _send(self, frame: LiveFrame) -> None:
        self._unacknowledged = frame.id
        self._newest = None
        head = self._connection.server.head_of(frame, self._sub)
        self._connection.socket.send_picture(head, frame.data)


class Connection:
    """One client of the stream."""

    def __init__(
        self, server: "StreamServer", socket: HubSocket, scope: Scope, language: str
    ) -> None:
        self.server = server
        self.socket = socket
        self.principal: Principal | None = None
        self.signed_in = asyncio.Event()
        origin = header(scope, b"origin")
        self.foreign = origin is not None and not own_origin(scope, origin)
        self._language = language
        self._subscriptions: dict[int, Callable[[], None]] = {}
        self._frames: dict[int, FrameSubscription] = {}
        self._waiting: deque[bytes] = deque()
        self._signing_in = False

    def welcome(self, principal: Principal) -> None:
        """Take the client as signed in."""
        self.principal = principal
        self.signed_in.set()
        shown = {
            "id": principal.id,
            "name": principal.name,
            "role": str(principal.role),
            "person": principal.person,
            "lesson": principal.lesson,
        }
        self.send({"op": "welcome", "principal": shown})

    def send(self, message: dict[str, Any]) -> None:
        """Send a JSON message."""
        text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
        self.send_text(text_frame(text.encode()))

    def send_text(self, frame: bytes) -> None:
        """Send what `text_frame` or `packed_frame` returns, or keep it until the client reads."""
        if not self.socket.paused and not self._waiting:
            self.socket.send_text(frame)
        elif len(self._waiting) >= MOST_WAITING:
            self.socket.close(1013, "too slow")
            self.end()
        else:
            self._waiting.append(frame)

    def drained(self) -> None:
        """Send what waits, until the client stops reading again."""
        while self._waiting and not self.socket.paused:
            self.socket.send_text(self._waiting.popleft())
        for subscription in tuple(self._frames.values()):
            subscription.go_on()

    def end(self) -> None:
        """End all subscriptions."""
        for leave in self._subscriptions.values():
            leave()
        self._subscriptions.clear()
        self._frames.clear()
        self._waiting.clear()

    def sign_out(self) -> None:
        """The token or session is over: nothing more is sent."""
        self.end()
        self.socket.close(4401, "not signed in")

    def take(self, text: str) -> None:
        """Handle a message of the client."""
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            self.socket.close(1008, "not JSON")
            return
        if not isinstance(message, dict):
            self.socket.close(1008, "not an object")
            return
        sub = message.get("sub")
        if "ack" in message:
            frames = self._frames.get(sub) if isinstance(sub, int) else None
            if frames is not None and isinstance(message["ack"], int):
                frames.acknowledge(message["ack"])
            return
        try:
            self._handle(message, sub)
        except HubError as error:
            shown = document(error, self.server.problems.say, self._language)
            self.send({"sub": _plain(sub), "op": "problem", "problem": shown})

    def _handle(self, message: dict[str, Any], sub: Any) -> None:
        op = message.get("op")
        if op == "authenticate":
            self._authenticate(message.get("token"))
            return
        if self.principal is None:
            raise NotSignedIn("authenticate first")
        if type(sub) is not int or not 0 <= sub < _MOST_SUB:
            raise BadMessage("`sub` is a number that you choose")
        if op == "unsubscribe":
            leave = self._subscriptions.pop(sub, None)
            self._frames.pop(sub, None)
            if leave is not None:
                leave()
        elif op in ("subscribe", "frames"):
            if sub in self._subscriptions:
                raise BadMessage(f"`sub` {sub} is in use")
            if len(self._subscriptions) >= MOST_SUBSCRIPTIONS:
                raise BadMessage(f"at most {MOST_SUBSCRIPTIONS} subscriptions")
            if op == "subscribe":
                self._subscribe(sub, message.get("filter"), message.get("form"))
            else:
                self._watch(sub, message)
        else:
            raise BadMessage("`op` is authenticate, subscribe, frames or unsubscribe")

    def _authenticate(self, token: Any) -> None:
        if self.principal is not None or self._signing_in:
            raise BadMessage("already signed in")
        if not isinstance(token, str):
            raise BadMessage("`token` is missing")
        self._signing_in = True
        self.server.sign_in(self, token)

    def _subscribe(self, sub: int, pattern: Any, form: Any) -> None:
        if not isinstance(pattern, str) or not 0 < len(pattern) <= _FILTER_LENGTH:
            raise BadMessage("`filter` is an MQTT topic filter")
        if form is not None and form not in FORMS:
            raise BadMessage(f"`form` is {' or '.join(FORMS)}")
        say = self.server.packed_of if form == "binary" else self.server.text_of
        self.send({"sub": sub, "op": "subscribed"})

        def hear(message: Message) -> None:
            principal = self.principal
            if principal is not None and may(principal, message.audience):
                self.send_text(say(message, sub))

        # Entered before it is subscribed: the retained messages come at once.
        self._subscriptions[sub] = lambda: None
        leave = self.server.bus.subscribe(pattern, hear)
        if sub in self._subscriptions:
            self._subscriptions[sub] = leave
        else:  # too slow for the retained messages already
            leave()

    def _watch(self, sub: int, message: dict[str, Any]) -> None:
        device, stream, size = (message.get(name) for name in ("device", "stream", "size"))
        if not isinstance(device, str) or not isinstance(stream, str):
            raise BadMessage("`device` and `stream` are missing")
        if size is not None and size not in SIZES:
            raise BadMessage(f"`size` is {' or '.join(SIZES)}")
        small = size == "small"
        most = MOST_SMALL if small else MOST_FRAME_SUBSCRIPTIONS
        if sum(one.small == small for one in self._frames.values()) >= most:
            raise BadMessage(f"at most {most} streams of pictures")
        handle = self.server.hub.devices.get(device)
        if self.principal is None:
            raise NotSignedIn
        check(self.principal, handle.access("observe", stream))
        feed = handle.frames(stream)
        self.send({"sub": sub, "op": "subscribed"})
        subscription = FrameSubscription(
            self, sub, self.server.renditions.of(feed) if small else feed
        )
        self._subscriptions[sub] = subscription.end
        self._frames[sub] = subscription


def _plain(sub: Any) -> int | None:
    return sub if type(sub) is int else None
