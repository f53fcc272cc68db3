"""Plays a recording to a driver in place of its device.

The driver's connections are matched with the recorded ones: of those with the same target, in the
order in which they were opened, the first whose beginning is what the driver says. Within one
connection the driver must say what it said then (secrets aside); what the device answered comes
after it, as long after as it did, or at once.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal, cast

from hub.device.transports._channel import Channel
from hub.device.transports._errors import (
    ReplayDiverged,
    ReplayOver,
    error_of_code,
)
from hub.device.transports._format import Connection, Event, Header, Recording
from hub.device.transports._redact import Mask, Secrets

Pace = Literal["original", "fast"]
GRACE = 2.0
SHOWN = 40


class Replay:
    """A recording that is being played.

    Args:
        path: of the recording.
        pace: `original` keeps the device's pauses, `fast` leaves them out.
        again: connections that were used up are played again, for as long as the driver asks.

    Raises:
        BadRecording, OSError: see `Recording`.

    Attributes:
        over: set once the recording was played to its end, or nothing of it can be played any more.
        problem: where the driver has left the recording, None while it has not.
    """

    def __init__(self, path: Path, *, pace: Pace = "original", again: bool = False) -> None:
        self.recording = Recording(path)
        self.pace = pace
        self.again = again
        self.over = asyncio.Event()
        self.problem: ReplayDiverged | None = None
        self.secrets = Secrets()
        self._left = [one for one in self.recording.connections if not one.late]
        self._used: list[Connection] = []
        self._playing: set[PlayedConnection] = set()
        self.total = len(self._left)

    @property
    def header(self) -> Header:
        """What was recorded."""
        return self.recording.header

    @property
    def played(self) -> int:
        """How many of the recorded connections have been played or are being played."""
        return self.total - len(self._left)

    def close(self) -> None:
        """End it."""
        for one in list(self._playing):
            one.abort()
        self.recording.close()

    def restart(self) -> None:
        """Begin anew, after the driver had left the recording."""
        self.problem = None
        self._left = [one for one in self.recording.connections if not one.late]
        self._used.clear()
        self.over.clear()

    async def open(self, channel: Channel) -> None:
        """Open a driver's connection.

        Raises:
            DeviceError: what the recording says, `ReplayOver`, `ReplayDiverged`.
        """
        if self.problem is not None:
            raise self.problem
        if not self._known(channel):
            targets = ", ".join(sorted({c.target for c in self.recording.connections})[:5])
            self.diverge(
                f"the driver opens {channel.transport} {channel.target}; recorded: {targets}"
            )
            raise cast("ReplayDiverged", self.problem)
        candidates = self._of(self._left, channel)
        if not candidates and not self.again:
            self.over.set()
            raise ReplayOver(f"no further connection to {channel.target} was recorded")
        first = candidates[0] if candidates else None
        if first is not None and first.failed is not None:
            self._use(first)
            self._look()
            info = first.failed.info or {}
            raise error_of_code(info["code"], info["text"])
        PlayedConnection(self, channel)

    def _known(self, channel: Channel) -> bool:
        return bool(self._of(self.recording.connections, channel))

    def _of(self, connections: Iterable[Connection], channel: Channel) -> list[Connection]:
        """Return those that lead where the channel leads; nodes and ports may have new names."""
        kind = [c for c in connections if c.transport == channel.transport]
        same = [c for c in kind if c.target == channel.target]
        everywhere = {
            c.target for c in self.recording.connections if c.transport == channel.transport
        }
        return same or (kind if len(everywhere) == 1 else [])

    def choose(self, channel: Channel, said: bytes | None) -> Connection | None:
        """Return the connection that goes on with what the driver said first.

        Args:
            channel: the driver's.
            said: its first words, None while it has said nothing.
        """
        left = [c for c in self._of(self._left, channel) if c.failed is None]
        if said is None:
            found = left[0] if left and self._begins_itself(left[0]) else None
            if found is None and not left and self.again:
                used = [c for c in self._of(self._used, channel) if self._begins_itself(c)]
                found = used[0] if used else None
        else:
            found = next((c for c in left if self._begins_with(c, said)), None)
            if found is None and self.again:
                used = [c for c in self._of(self._used, channel) if self._begins_with(c, said)]
                found = used[0] if used else None
        if found is not None:
            self._use(found)
        return found

    def no_match(self, channel: Channel, said: bytes) -> None:
        """Learn that nothing goes on with what the driver said."""
        known = [c for c in self._of(self.recording.connections, channel) if c.failed is None]
        if any(self._begins_with(c, said) for c in known):
            self.over.set()
            return
        first = known[0] if known else None
        expected = b"" if first is None else self._first_words(first)
        self.diverge(
            f"{channel.transport} {channel.target}: recorded {expected[:SHOWN]!r},"
            f" the driver says {said[:SHOWN]!r}"
        )

    def diverge(self, detail: str) -> None:
        """Note where the driver has left the recording."""
        if self.problem is None:
            self.problem = ReplayDiverged(detail)
        self.over.set()

    def _begins_itself(self, connection: Connection) -> bool:
        first = next((e for e in connection.events if e.kind in ("rx", "tx")), None)
        return first is None or first.kind == "rx"

    def _begins_with(self, connection: Connection, said: bytes) -> bool:
        words = self._first_words(connection)
        if not connection.stream:
            return words == said
        return bool(words) and (words.startswith(said) or said.startswith(words))

    def _first_words(self, connection: Connection) -> bytes:
        """Return what the driver said before the device first answered."""
        words = b""
        for event in connection.events:
            if event.kind != "tx":
                break
            words += self.recording.data(event)
            if not connection.stream or len(words) > 65536:
                break
        return words

    def _use(self, connection: Connection) -> None:
        # Used ones in the order of their last use: what is asked again comes round in turn.
        if connection in self._left:
            self._left.remove(connection)
        else:
            self._used.remove(connection)
        self._used.append(connection)

    def began(self, one: "PlayedConnection") -> None:
        """Learn that a connection is being played."""
        self._playing.add(one)

    def ended(self, one: "PlayedConnection") -> None:
        """Learn that a connection has ended."""
        self._playing.discard(one)
        self._look()

    def _look(self) -> None:
        if not self._left and not self._playing:
            self.over.set()


class PlayedConnection(asyncio.Transport):
    """One connection of the driver's, played from the recording: what is below its `Channel`."""

    def __init__(self, replay: Replay, channel: Channel) -> None:
        super().__init__()
        self._replay = replay
        self._channel = channel
        self._protocol: asyncio.BaseProtocol = channel
        self._mask = Mask(replay.secrets)
        self._said = bytearray()  # of a stream, not compared yet; secrets replaced
        self._packets: list[bytes] = []
        self._news = asyncio.Event()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._calls: list[Event] | None = None
        self._closing = False
        self._over = False
        replay.began(self)
        self._task = asyncio.get_running_loop().create_task(
            self._play(), name=f"replay {channel.transport} {channel.target}"
        )
        channel.connection_made(self)

    # The driver's side.

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take what the driver says."""
        if self._closing:
            return
        if self._channel.stream:
            self._said += self._mask.feed(bytes(data))
        else:
            mask = Mask(self._replay.secrets)
            self._packets.append(mask.feed(bytes(data)) + mask.finish())
        self._news.set()

    def answer(self, name: str, request: bytes) -> bytes:
        """Return what a control call was answered, the calls of one name in their order."""
        recording = self._replay.recording
        if self._calls is None:
            known = [
                c
                for c in recording.connections
                if c.transport == self._channel.transport and c.calls
            ]
            self._calls = [event for connection in known for event in connection.calls]
        for event in self._calls:
            if (event.info or {}).get("name") == name and recording.data(event) == request:
                self._calls.remove(event)
                self._calls.append(event)
                return recording.data(event, "answer")
        self._replay.diverge(f"{self._channel.target}: the call {name} was not recorded")
        raise cast("ReplayDiverged", self._replay.problem)

    def close(self) -> None:
        """Close."""
        self.abort()

    def abort(self) -> None:
        """Close now."""
        if not self._closing:
            self._closing = True
            self._end(None)

    def is_closing(self) -> bool:
        """Tell whether it is over or about to be."""
        return self._closing

    def pause_reading(self) -> None:
        """Take nothing for now."""
        self._flowing.clear()

    def resume_reading(self) -> None:
        """Take what comes."""
        self._flowing.set()

    def is_reading(self) -> bool:
        """Tell whether what comes is taken."""
        return self._flowing.is_set()

    def get_write_buffer_size(self) -> int:
        """Return 0: whatever is said is taken."""
        return 0

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Have another protocol go on."""
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Return who hears of it."""
        return self._protocol

    # The recording's side.

    async def _play(self) -> None:
        connection = await self._find()
        if connection is None:
            self._end(self._replay.problem or ReplayOver("no further connection was recorded"))
            return
        clock = asyncio.get_running_loop().time
        anchor, began = connection.opened, clock()
        for event in connection.events:
            if event.kind == "tx":
                problem = await self._hear(connection, event)
                if problem:
                    self._replay.diverge(problem)
                    self._end(self._replay.problem)
                    return
                anchor, began = event.time, clock()
                continue
            if self._replay.pace == "original":
                await asyncio.sleep(max(began + event.time - anchor - clock(), 0.0))
            if event.kind == "rx":
                await self._flowing.wait()
                data = await asyncio.to_thread(self._replay.recording.data, event)
                data = self._replay.secrets.here(self._channel.target, data)
                cast("asyncio.Protocol", self._protocol).data_received(data)
            elif event.kind == "error":
                info = event.info or {}
                self._end(ConnectionResetError(info["text"]))
                return
            elif (event.info or {}).get("by") == "device":
                self._end(None)
                return
        # The driver closed here, or the recording stopped: give it the time to close again.
        await asyncio.sleep(GRACE)
        self._end(ReplayOver("the recording of this connection ends here"))

    async def _find(self) -> Connection | None:
        found = self._replay.choose(self._channel, None)
        while found is None:
            await self._news.wait()
            said = bytes(self._said) if self._channel.stream else b"".join(self._packets[:1])
            if said:
                found = self._replay.choose(self._channel, said)
                if found is None:
                    self._replay.no_match(self._channel, said)
                    return None
            self._news.clear()
        return found

    async def _hear(self, connection: Connection, event: Event) -> str:
        """Wait until the driver has said what it said then; return where it differs."""
        wanted = self._replay.recording.data(event)
        at = 0
        where = f"{connection.transport} {connection.target}, {event.time:.3f} s"
        while True:
            if not connection.stream and self._packets:
                said = self._packets.pop(0)
                return "" if said == wanted else _differs(where, wanted, said)
            piece = bytes(self._said[: len(wanted) - at])
            if piece != wanted[at : at + len(piece)]:
                return _differs(where, wanted[at:], bytes(self._said))
            at += len(piece)
            del self._said[: len(piece)]
            if at == len(wanted):
                return ""
            self._news.clear()
            if not await self._more():
                self._said += self._mask.finish()

    async def _more(self) -> bool:
        """Wait for more; False when the rest is held back only in case it begins a secret."""
        try:
            async with asyncio.timeout(0.05):
                await self._news.wait()
        except TimeoutError:
            return False
        return True

    def _end(self, error: Exception | None) -> None:
        if self._over:
            return
        self._over = self._closing = True
        current: asyncio.Task[None] | None = None
        with contextlib.suppress(RuntimeError):
            current = asyncio.current_task()
        if self._task is not current:
            self._task.cancel()
        self._replay.ended(self)
        told: Callable[[], None] = lambda: self._protocol.connection_lost(error)  # noqa: E731
        asyncio.get_running_loop().call_soon(told)


def _differs(where: str, wanted: bytes, said: bytes) -> str:
    at = next((i for i, (a, b) in enumerate(zip(wanted, said, strict=False)) if a != b), 0)
    start = max(at - 10, 0)
    return (
        f"{where}: recorded {wanted[start : start + SHOWN]!r},"
        f" the driver says {said[start : start + SHOWN]!r}"
    )
