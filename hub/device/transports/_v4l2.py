"""Cameras by Video for Linux: pictures as the camera encodes them, its formats, its controls.

See the kernel's "Userspace API, Part I: Video for Linux" and `docs/recording.md`.
"""

import asyncio
import contextlib
import errno
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from hub.device._errors import (
    AccessRefused,
    DeviceError,
    OutOfRange,
    TimedOut,
    Unreachable,
    WrongDevice,
)
from hub.device.transports._channel import Channel
from hub.device.transports._errors import device_error
from hub.device.transports._v4l2_node import V4l2Node
from hub.device.transports._v4l2_transport import HEAD, OFF, ON, V4l2Transport
from hub.device.transports._v4l2_values import (
    MOST_CONTROLS,
    MOST_FORMATS,
    MOST_PICTURE,
    Holder,
    V4l2Control,
    V4l2Format,
    V4l2Identity,
    V4l2Mode,
)
from hub.errors import N_

T = TypeVar("T")
ANSWER = 8.0
"""Seconds for a call: some cameras take that long to wake, and USB itself waits for five."""
LETTING_GO = 2.0
_MOST_PIECES = 512
_OLDEST = 10.0  # seconds; a time that is further back is no time of CLOCK_MONOTONIC
_FORMATS = TypeAdapter(list[V4l2Format])
_CONTROLS = TypeAdapter(list[V4l2Control])
_VALUES = TypeAdapter(dict[int, int])


class CameraInUse(AccessRefused):
    """Another program shows the camera's picture."""

    code = "camera-in-use"
    title = N_("Another program is using the camera.")
    hint = N_("Close the program that shows the camera's picture; then it comes back by itself.")


class CameraNotAllowed(AccessRefused):
    """The hub may not open the camera."""

    code = "camera-not-allowed"
    title = N_("The hub may not open the camera.")
    hint = N_("Put the hub's user into the group of cameras (video), or install the hub again.")


class _Trouble(BaseModel):
    """A call that the kernel refused, as it is recorded."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    refused: int
    text: str = Field(max_length=200)
    holders: list[Holder] = Field([], max_length=16)


@dataclass(frozen=True, slots=True)
class V4l2Picture:
    """One picture, in the very bytes that the camera gave.

    Attributes:
        time: when it was taken, seconds of the monotonic clock.
        sequence: the kernel's count of what the camera sent.
    """

    data: bytes
    time: float
    sequence: int


@dataclass(slots=True)
class V4l2Counts:
    """What came since the camera was opened.

    Attributes:
        pictures: that were whole. skipped: whole, but a newer one came before they were taken.
        broken: that the kernel or the camera marked, or that did not arrive whole.
        missed: gaps in the sequence while there was room for them: lost on the cable, or dropped by
            the kernel. late: gaps while there was no room, since this computer was too busy.
    """

    pictures: int = 0
    skipped: int = 0
    broken: int = 0
    missed: int = 0
    late: int = 0


class V4l2Port(asyncio.Protocol):
    """A camera.

    Errors of every method: `Unreachable` when the camera has gone, `TimedOut` when it does not
    answer, `CameraInUse` where another program has it, `OutOfRange` for what it does not take,
    `DeviceError` for what else it refuses.
    """

    MOST_PICTURE: ClassVar[int] = MOST_PICTURE

    def __init__(self, path: str) -> None:
        self.counts = V4l2Counts()
        self.channel: Channel | None = None
        self._path = path
        self._below: V4l2Transport | None = None
        self._newest: V4l2Picture | None = None
        self._news = asyncio.Event()
        self._error: Exception | None = None
        self._over = False
        self._streaming = False
        self._sequence: int | None = None
        self._full = False
        self._pieces: list[memoryview] = []
        self._collected = 0  # bytes of them

    def open(self, channel: Channel, path: str) -> None:
        """Open the node (OSError)."""
        try:
            node = V4l2Node(path)
        except PermissionError as error:
            raise CameraNotAllowed(f"{path}: {error.strerror}") from error
        self._below = V4l2Transport(node, channel, path)

    def bind(self, channel: Channel) -> None:
        """Take the open connection."""
        self.channel = channel

    # What it is.

    async def identity(self) -> V4l2Identity:
        """Return what the camera says it is."""
        answer = await self._ask("IDENTITY", None, lambda node: node.identity())
        return _checked(V4l2Identity.model_validate, answer)

    async def formats(self) -> list[V4l2Format]:
        """Return what it offers; what cannot be true is left out."""
        answer = await self._ask("FORMATS", None, lambda node: node.formats())
        return _checked(_FORMATS.validate_python, answer)[:MOST_FORMATS]

    async def set_mode(self, fourcc: str, width: int, height: int, rate: float = 0.0) -> V4l2Mode:
        """Ask for a format, a size and a rate; return what the camera does instead or so."""
        asked = [fourcc, width, height, round(rate, 3)]
        answer = await self._ask("MODE", asked, lambda node: node.set_mode(*asked))  # type: ignore[arg-type]
        return _checked(V4l2Mode.model_validate, answer)

    # Its controls.

    async def controls(self) -> list[V4l2Control]:
        """Return its controls as they are now."""
        answer = await self._ask("CONTROLS", None, lambda node: node.controls())
        return _checked(_CONTROLS.validate_python, answer)[:MOST_CONTROLS]

    async def values(self, controls: list[int]) -> dict[int, int]:
        """Return the values of controls; those that cannot be read now are left out."""

        def work(node: V4l2Node) -> dict[int, int]:
            found = {}
            for one in controls:
                try:
                    found[one] = node.get(one)
                except OSError as error:
                    if error.errno == errno.ENODEV:
                        raise
            return found

        return _checked(_VALUES.validate_python, await self._ask("VALUES", controls, work))

    async def set(self, control: int, value: int) -> int:
        """Set a control; return the value that was read back."""
        answer = await self._ask("SET", [control, value], lambda node: node.set(control, value))
        return _checked(int, answer)

    async def press(self, control: int) -> None:
        """Press a control that is a button."""

        def work(node: V4l2Node) -> int:
            node.press(control)
            return 0

        await self._ask("PRESS", [control], work)

    # Its pictures.

    async def start(self) -> None:
        """Have it make pictures, in the mode that was set."""

        def work(node: V4l2Node) -> int:
            node.start()
            return node.buffers

        if self._streaming:
            return
        self._streaming = True
        try:
            await self._ask("START", None, work)
        except BaseException:
            self._streaming = False
            raise
        self._newest, self._sequence, self._full = None, None, False
        self._forget()
        self._open().write(ON)

    async def stop(self) -> None:
        """Have it rest; other programs may use it then."""

        def work(node: V4l2Node) -> int:
            node.stop()
            return 0

        if not self._streaming:
            return
        self._streaming = False
        self._open().write(OFF)
        if self._below is not None:
            self._below.rest()  # also where the word is late: its buffers go now
        self._newest = None
        await self._ask("STOP", None, work)

    async def picture(self, *, limit: float) -> V4l2Picture:
        """Return the newest picture that has not been returned yet.

        Raises:
            TimedOut: none came within `limit` seconds. Unreachable: the camera has gone.
        """
        try:
            async with asyncio.timeout(limit):
                while self._newest is None:
                    if self._over:
                        raise self._gone()
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise TimedOut(f"{self._path}: no picture within {limit:g} s") from None
        newest, self._newest = self._newest, None
        return newest

    # The connection (asyncio.Protocol).

    def data_received(self, data: bytes) -> None:
        """Take a piece of a picture."""
        if len(data) < HEAD.size:
            self.counts.broken += 1
            return
        sequence, size, at, micros, skipped, broken, full, _ = HEAD.unpack_from(data)
        if at == 0:
            self._count(sequence, skipped, broken, full=bool(full))
            self._forget()
        if not size:
            return
        if at != self._collected or size > MOST_PICTURE:
            self.counts.broken += at == 0
            return
        piece = memoryview(data)[HEAD.size :]
        self._pieces.append(piece)
        self._collected += len(piece)
        if self._collected > size or len(self._pieces) > _MOST_PIECES:
            self.counts.broken += 1
            self._forget()
            return
        if self._collected < size:
            return
        self._have(V4l2Picture(b"".join(self._pieces), _moment(micros), sequence))

    def _forget(self) -> None:
        """Begin with the pieces of another picture."""
        self._pieces.clear()
        self._collected = 0

    def _have(self, picture: V4l2Picture) -> None:
        self._forget()
        if not self._streaming:
            return  # of before it was stopped
        self.counts.pictures += 1
        self.counts.skipped += self._newest is not None
        self._newest = picture
        self._news.set()

    def _count(self, sequence: int, skipped: int, broken: int, *, full: bool) -> None:
        self.counts.skipped += skipped
        self.counts.broken += broken + bool(self._pieces)  # the end of the last one never came
        if self._sequence is not None:
            gap = (sequence - self._sequence - 1) % 2**32 - skipped - broken
            if 0 < gap < 2**31:
                # What came while all buffers were full is missing before the next that had room.
                if full or self._full:
                    self.counts.late += gap
                else:
                    self.counts.missed += gap
        self._sequence, self._full = sequence, full

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end."""
        self._over, self._error = True, exc
        self._news.set()

    @property
    def closed(self) -> bool:
        """Whether it is over."""
        return self._over or self.channel is None or self.channel.is_closing()

    def close(self) -> None:
        """Let go of the camera; may be called twice."""
        if self.channel is not None:
            self.channel.abort()

    async def let_go(self) -> None:
        """Let go of the camera, and wait until another program could have it."""
        self.close()
        if self._below is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LETTING_GO):
                    await asyncio.wrap_future(self._below.closed)

    def _open(self) -> Channel:
        if self.channel is None or self.closed:
            raise self._gone()
        return self.channel

    def _gone(self) -> DeviceError:
        if self._error is not None:
            return device_error(self._error, self._path)
        return Unreachable(f"{self._path}: it has gone")

    async def _ask(self, name: str, asked: Any, work: Callable[[V4l2Node], Any]) -> Any:
        """Do a call; what the kernel refuses is part of its answer, so that it is recorded."""

        def done(node: V4l2Node) -> bytes:
            try:
                answer = work(node)
            except OSError as error:
                if error.errno in (errno.ENODEV, errno.ENXIO, errno.EBADF, None):
                    raise
                busy = error.errno == errno.EBUSY
                answer = _Trouble(
                    refused=error.errno,
                    text=str(error.strerror)[:200],
                    holders=node.holders() if busy else [],
                )
            return json.dumps(_plain(answer), separators=(",", ":")).encode()

        def below() -> bytes:
            if self._below is None:
                raise Unreachable(f"{self._path}: it is not open")
            return self._below.using(done)

        request = json.dumps(asked, separators=(",", ":")).encode()
        try:
            async with asyncio.timeout(ANSWER):
                raw = await self._open().call(name, request, below, blocking=True)
        except TimeoutError:
            raise TimedOut(f"{self._path} {name}: no answer within {ANSWER:g} s") from None
        try:
            answer = json.loads(raw)
        except ValueError as error:
            raise WrongDevice(f"{self._path} {name}: an answer that makes no sense") from error
        if isinstance(answer, dict) and "refused" in answer:
            raise self._refused(name, _checked(_Trouble.model_validate, answer))
        return answer

    def _refused(self, name: str, trouble: _Trouble) -> DeviceError:
        what = f"{self._path} {name}: {trouble.text}"
        if trouble.refused == errno.EBUSY:
            names = ", ".join(f"{one.name} (process {one.pid})" for one in trouble.holders)
            unseen = f"a program that the hub may not look at; `fuser -v {self._path}` names it"
            return CameraInUse(f"{self._path}: {names or unseen}")
        if trouble.refused in (errno.EPERM, errno.EACCES):
            return DeviceError(what)
        if trouble.refused in (errno.EINVAL, errno.ERANGE):
            return OutOfRange(what)
        if trouble.refused == errno.ENOTTY:
            return WrongDevice(what)
        return Unreachable(what)


def _plain(answer: Any) -> Any:
    if isinstance(answer, BaseModel):
        return answer.model_dump(mode="json")
    if isinstance(answer, list):
        return [_plain(one) for one in answer]
    return answer


def _checked(check: Callable[[Any], T], answer: Any) -> T:
    try:
        return check(answer)
    except (ValidationError, TypeError, ValueError) as error:
        raise WrongDevice(f"the camera says what makes no sense: {type(error).__name__}") from error


def _moment(micros: int) -> float:
    """Return when a picture was taken; now, where the camera's time cannot be true."""
    now = time.monotonic()
    taken = micros / 1e6
    return taken if now - _OLDEST <= taken <= now else now
