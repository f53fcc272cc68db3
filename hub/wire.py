"""The wire between the hub and its driver processes: two socket pairs, framed messages.

*Control* carries JSON objects with a key `op`, each behind its length (u32, big-endian). *Frames*
carries pictures: u32 header length, u32 data length, the header (JSON), the data as the camera made
it. Both sides limit what they take; whatever does not fit is a `WireError`, after which the other
side is not to be trusted.
"""

import asyncio
import json
import struct
from collections.abc import Callable
from typing import Any, NoReturn, cast

from hub.device import (
    AccessRefused,
    BadSettings,
    DeviceError,
    OutOfRange,
    Problem,
    TimedOut,
    Unreachable,
    WrongDevice,
)
from hub.errors import HubError, Invalid, NotFound
from hub.jsontext import from_json, to_json

MOST_CONTROL = 1024 * 1024
MOST_FRAME = 32 * 1024 * 1024
MOST_FRAME_HEADER = 16 * 1024
MESSAGES_A_TURN = 128
SEVERAL = "several"
"""The `op` of a message that is a list of messages, handled one after the other."""
MOST_SEVERAL = 512
_FAST = (SEVERAL, "samples")
SEVERAL_COST = 8
"""So many messages that come together count as one of a channel's `rate`."""

_LENGTH = struct.Struct("!I")
_FRAME_LENGTHS = struct.Struct("!II")
_dumps = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode

Message = dict[str, Any]


class WireError(Exception):
    """The other side sent what is no message, or too large a one."""


def refuse_constant(name: str) -> NoReturn:
    """Refuse a number that is none in JSON (RFC 8259), for `json.loads(…, parse_constant=…)`."""
    raise ValueError(f"{name} is no JSON")


def _decode(raw: bytes | bytearray) -> Message:
    try:
        message = from_json(raw)
    except ValueError as error:
        raise WireError(f"no JSON: {type(error).__name__}") from None
    if not isinstance(message, dict):
        raise WireError("a message is a JSON object")
    return message


def encode(message: Message) -> bytes:
    """Return a control message with its length in front.

    Raises:
        WireError: it is too large.
        ValueError, TypeError: it holds what JSON cannot say, such as NaN.
    """
    # Numbers of samples have been looked at before they were gathered.
    fast = message.get("op") in _FAST
    body = to_json(message) if fast else _dumps(message).encode()
    if len(body) > MOST_CONTROL:
        raise WireError(f"{message.get('op')}: {len(body)} bytes are more than a message may have")
    return _LENGTH.pack(len(body)) + body


def encode_frame_head(header: Message, size: int) -> bytes:
    """Return what goes in front of a frame's `size` bytes of data (WireError if too large)."""
    if size > MOST_FRAME:
        raise WireError(f"a frame of {size} bytes")
    head = _dumps(header).encode()
    return _FRAME_LENGTHS.pack(len(head), size) + head


class ControlChannel(asyncio.Protocol):
    """One end of a control channel.

    Handles at most `MESSAGES_A_TURN` messages in one turn of the loop and `rate` in a second
    (reading pauses until there is room again), so that a flooding peer cannot hold up its reader.

    Args:
        on_message: called with each message; a `WireError` that it raises ends the channel.
        on_closed: called once, with why (None: the other side closed it in order).
        rate: messages that are taken in a second, None for any number.
        on_writable: called with False when the other side does not keep up, with True when it does.
    """

    def __init__(
        self,
        on_message: Callable[[Message], None],
        on_closed: Callable[[Exception | None], None],
        *,
        rate: int | None = None,
        on_writable: Callable[[bool], None] | None = None,
    ) -> None:
        self._on_message = on_message
        self._on_closed = on_closed
        self._on_writable = on_writable
        self._rate = rate
        self._budget = float(rate or 0)
        self._refilled = 0.0
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._again: asyncio.Handle | None = None
        self._error: Exception | None = None
        self._paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        # uvloop's transports are no subclass of asyncio's.
        self._transport = cast("asyncio.Transport", transport)
        self._refilled = asyncio.get_running_loop().time()

    def send(self, message: Message) -> None:
        """Send a message; nothing happens on a closed channel (see `encode` for errors)."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(encode(message))

    def close(self) -> None:
        """Close this end; what was sent before may be lost."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take in what came."""
        self._buffer += data
        if self._again is None:
            self._take()

    def eof_received(self) -> None:
        """The other side has closed; the transport closes itself."""

    def pause_writing(self) -> None:
        """The other side does not keep up."""
        if self._on_writable is not None:
            self._on_writable(False)  # noqa: FBT003 - the callback's one meaning

    def resume_writing(self) -> None:
        """The other side keeps up again."""
        if self._on_writable is not None:
            self._on_writable(True)  # noqa: FBT003 - the callback's one meaning

    def connection_lost(self, exc: Exception | None) -> None:
        """End: whatever is left unread is dropped."""
        if self._again is not None:
            self._again.cancel()
        self._on_closed(self._error or exc)

    def _take(self) -> None:
        self._again = None
        transport = self._transport
        if transport is None:
            return
        at, wait = 0, 0.0
        try:
            for _ in range(MESSAGES_A_TURN):
                if transport.is_closing():
                    return
                size = self._size_at(at)
                if size is None:
                    break
                wait = self._spend()
                if wait:
                    break
                message = _decode(self._buffer[at + 4 : at + 4 + size])
                at += 4 + size
                if message.get("op") == SEVERAL:
                    self._take_several(message)
                else:
                    self._on_message(message)
        except WireError as error:
            self._error = error
            transport.abort()
            return
        del self._buffer[:at]
        if self._size_at(0) is None:
            if self._paused:
                self._paused = False
                transport.resume_reading()
            return
        if not self._paused:
            self._paused = True
            transport.pause_reading()
        loop = asyncio.get_running_loop()
        self._again = loop.call_later(wait, self._take) if wait else loop.call_soon(self._take)

    def _take_several(self, message: Message) -> None:
        messages = message.get("messages")
        if not isinstance(messages, list) or len(messages) > MOST_SEVERAL:
            raise WireError("several messages are a list, not too long")
        self._budget -= len(messages) / SEVERAL_COST
        for one in messages:
            if not isinstance(one, dict) or one.get("op") == SEVERAL:
                raise WireError("a message is a JSON object")
            self._on_message(one)

    def _size_at(self, at: int) -> int | None:
        if len(self._buffer) < at + 4:
            return None
        size: int = _LENGTH.unpack_from(self._buffer, at)[0]
        if size > MOST_CONTROL:
            raise WireError(f"a message of {size} bytes")
        return size if len(self._buffer) >= at + 4 + size else None

    def _spend(self) -> float:
        """Return 0 where a message may be taken now, else the seconds to wait."""
        if self._rate is None:
            return 0.0
        if self._budget < 1:
            now = asyncio.get_running_loop().time()
            self._budget = min(self._budget + (now - self._refilled) * self._rate, self._rate)
            self._refilled = now
            if self._budget < 1:
                return 0.05
        self._budget -= 1
        return 0.0


class FrameReceiver(asyncio.BufferedProtocol):
    """The hub's end of a frame channel: reads into one buffer, copies each picture once.

    Args:
        on_frame: called with the header and the data of each frame.
        on_closed: called once, with why (None: the other side closed it in order).
    """

    def __init__(
        self,
        on_frame: Callable[[Message, bytes], None],
        on_closed: Callable[[Exception | None], None],
    ) -> None:
        self._on_frame = on_frame
        self._on_closed = on_closed
        self._lengths = bytearray(_FRAME_LENGTHS.size)
        self._body = bytearray()  # most devices have no pictures
        self._have = 0
        self._head_size = 0
        self._size = 0  # of header and data; 0 while the lengths are read
        self._error: Exception | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        # uvloop's transports are no subclass of asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def close(self) -> None:
        """Close this end."""
        if self._transport is not None:
            self._transport.abort()

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - asyncio's signature
        """Return where the next bytes go: never further than the end of the present frame."""
        if self._size:
            return memoryview(self._body)[self._have : self._size]
        return memoryview(self._lengths)[self._have :]

    def buffer_updated(self, nbytes: int) -> None:
        """Take in what came."""
        self._have += nbytes
        try:
            if not self._size:
                if self._have == len(self._lengths):
                    self._begin()
            elif self._have == self._size:
                self._finish()
        except WireError as error:
            self._error = error
            self.close()

    def eof_received(self) -> None:
        """The other side has closed; the transport closes itself."""

    def connection_lost(self, exc: Exception | None) -> None:
        """End: half a frame is dropped."""
        self._on_closed(self._error or exc)

    def _begin(self) -> None:
        head, data = _FRAME_LENGTHS.unpack(self._lengths)
        if not 0 < head <= MOST_FRAME_HEADER or data > MOST_FRAME:
            raise WireError(f"a frame with a header of {head} and data of {data} bytes")
        self._head_size, self._size, self._have = head, head + data, 0
        if len(self._body) < self._size:
            # With room for pictures that grow a little.
            self._body = bytearray(self._size + self._size // 4)

    def _finish(self) -> None:
        view = memoryview(self._body)
        header = _decode(bytes(view[: self._head_size]))
        data = bytes(view[self._head_size : self._size])
        self._size = self._have = 0
        self._on_frame(header, data)


_ERRORS: dict[str, type[HubError]] = {
    cls.code: cls
    for cls in (
        AccessRefused,
        BadSettings,
        DeviceError,
        Invalid,
        NotFound,
        OutOfRange,
        TimedOut,
        Unreachable,
        WrongDevice,
    )
}


class ForeignError(DeviceError):
    """An error of a driver's own class: it speaks for itself."""

    def __init__(self, problem: Problem, *, status: int = 502, retryable: bool = False) -> None:
        super().__init__(problem.detail, **problem.params)
        vars(self).update(
            code=problem.code,
            title=problem.title,
            hint=problem.hint,
            status=status,
            retryable=retryable,
        )


def error_to_wire(error: HubError) -> Message:
    """Return an error as data."""
    problem = Problem.of(error).model_dump(mode="json")
    return {**problem, "status": error.status, "retryable": error.retryable}


def problem_from_wire(data: Any) -> Problem:
    """Return the problem that the data says (WireError where it says none)."""
    try:
        return Problem.model_validate(data)
    except ValueError as error:
        raise WireError(f"no problem: {error}") from None


def error_of(problem: Problem, *, status: int = 502, retryable: bool = False) -> HubError:
    """Return a problem as an error of the class that its code names, to be raised."""
    cls = _ERRORS.get(problem.code)
    if cls is not None and cls.title == problem.title and cls.hint == problem.hint:
        return cls(problem.detail, **problem.params)
    return ForeignError(problem, status=status, retryable=retryable)


def error_from_wire(data: Message) -> HubError:
    """Return the error that the data says (WireError where it says none)."""
    status = data.get("status", 502)
    if type(status) is not int or not 400 <= status <= 599:
        status = 502
    return error_of(problem_from_wire(data), status=status, retryable=data.get("retryable") is True)
