"""The frame streams of one device: a feed for each that was asked for."""

from typing import Protocol

from hub.errors import HubError
from hub.frames import FrameFeed
from hub.wire import WireError


class Camera(Protocol):
    """The device, as its streams see it."""

    @property
    def id(self) -> str:
        """Its id."""

    def send(self, op: str, stream: str) -> None:
        """Tell its process something about a stream; dropped while that is not running."""


class Feeds:
    """The feeds of one device; each stays the same object while processes come and go.

    Attributes:
        problem: why no frames come from the device at all, None while it is reachable.
    """

    def __init__(self, device: Camera) -> None:
        self.problem: HubError | None = None
        self._device = device
        self._feeds: dict[str, FrameFeed] = {}

    def of(self, stream: str) -> FrameFeed:
        """Return the feed of a stream that the device has; it is made at the first call."""
        feed = self._feeds.get(stream)
        if feed is None:
            source = _Source(self, self._device, stream)
            feed = FrameFeed(source, name=f"{self._device.id} {stream}")
            self._feeds[stream] = feed
            feed.fail(self.problem)
        return feed

    def offer(self, stream: str, data: bytes, media_type: str, taken: float) -> None:
        """Take a frame (WireError where nobody asked for the stream)."""
        feed = self._feeds.get(stream)
        if feed is None:
            raise WireError(f"nobody asked for {stream}")
        feed.offer(data, media_type, taken)

    def fail(self, problem: HubError | None) -> None:
        """Say why no frames come from the device, None where they may come again."""
        self.problem = problem
        for feed in self._feeds.values():
            feed.fail(problem)

    def fail_one(self, stream: str, problem: HubError | None) -> None:
        """Say why no frames come from one stream."""
        if stream in self._feeds:
            self._feeds[stream].fail(problem)

    def reset(self) -> None:
        """The process has begun anew: ask it again where somebody watches."""
        for feed in self._feeds.values():
            feed.reset()

    def close(self) -> None:
        """Let the cameras rest and forget all frames."""
        for feed in self._feeds.values():
            feed.close()

    @property
    def counters(self) -> dict[str, int]:
        """What has been counted, each name with its stream's in front."""
        return {
            f"{name}_{what}": count
            for name, feed in self._feeds.items()
            for what, count in feed.counters.items()
        }


class _Source:
    """A stream of a device as its feed sees it (`FrameSource`)."""

    def __init__(self, feeds: Feeds, device: Camera, stream: str) -> None:
        self._feeds = feeds
        self._device = device
        self._stream = stream

    def pull(self) -> None:
        """Ask for the next frame."""
        self._device.send("pull", self._stream)

    def rest(self) -> None:
        """Let the camera rest; whatever was wrong with the stream is tried again next time."""
        self._device.send("rest", self._stream)
        if self._feeds.problem is None:
            self._feeds.fail_one(self._stream, None)
