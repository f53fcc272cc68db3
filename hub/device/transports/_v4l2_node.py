"""A camera's device node: what is asked of it by ioctl, its buffers. Every call here may block."""

import contextlib
import errno
import mmap
import os
import stat
from collections.abc import Iterator
from ctypes import Structure, c_int, pointer
from dataclasses import dataclass
from pathlib import Path

from hub import v4l2 as abi
from hub.device.transports._v4l2_values import (
    FASTEST,
    LARGEST,
    MOST_CHOICES,
    MOST_CONTROLS,
    MOST_FORMATS,
    MOST_INTERVALS,
    MOST_PICTURE,
    MOST_SIZES,
    SLOWEST,
    SMALLEST,
    ControlKind,
    Holder,
    V4l2Control,
    V4l2Format,
    V4l2Identity,
    V4l2Mode,
    V4l2Size,
)

BUFFERS = 5
MOST_HOLDERS = 5
# Where a camera takes any size in a range: those that people know.
COMMON_SIZES = ((640, 480), (800, 600), (1280, 720), (1280, 960), (1600, 1200), (1920, 1080))
_KINDS: dict[int, ControlKind] = {
    abi.TYPE_INTEGER: "integer",
    abi.TYPE_BOOLEAN: "boolean",
    abi.TYPE_MENU: "menu",
    abi.TYPE_BUTTON: "button",
    abi.TYPE_INTEGER_MENU: "menu",
}


@dataclass(frozen=True, slots=True)
class Filled:
    """A buffer that the kernel has filled."""

    index: int
    used: int
    flags: int
    sequence: int
    microseconds: int


class V4l2Node:
    """An open camera (OSError from all that speaks to it)."""

    def __init__(self, path: str) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._maps: list[mmap.mmap] = []
        self._streaming = False
        try:
            if not stat.S_ISCHR(os.fstat(self._fd).st_mode):
                raise OSError(errno.ENODEV, "it is no device", path)
        except BaseException:
            os.close(self._fd)
            raise

    @property
    def fd(self) -> int:
        """Its file descriptor."""
        return self._fd

    @property
    def buffers(self) -> int:
        """How many buffers it fills."""
        return len(self._maps)

    def close(self) -> None:
        """Let go of the buffers and of the camera; may be called twice.

        All of it even where the camera has gone: a mapping that is left keeps the node busy.
        """
        with contextlib.suppress(OSError):
            self.stop()
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            os.close(fd)

    def identity(self) -> V4l2Identity:
        """Return what it is."""
        said = abi.Capability()
        abi.ask(self._fd, abi.QUERYCAP, said)
        # Of this node: a camera has a second one for metadata.
        has = said.device_caps if said.capabilities & abi.CAP_DEVICE_CAPS else said.capabilities
        wanted = abi.CAP_VIDEO_CAPTURE | abi.CAP_STREAMING
        return V4l2Identity(
            driver=_text(said.driver),
            card=_text(said.card),
            bus=_text(said.bus_info),
            capture=has & wanted == wanted,
        )

    def formats(self) -> list[V4l2Format]:
        """Return the formats, sizes and rates that it offers, as far as they can be true."""
        found = []
        for index in range(MOST_FORMATS):
            said = abi.FormatDescription(index=index, type=abi.CAPTURE)
            if not self._offers(abi.ENUM_FMT, said):
                break
            letters = abi.fourcc(said.pixelformat)
            if "?" not in letters:
                one = V4l2Format(
                    fourcc=letters,
                    name=_text(said.description),
                    compressed=bool(said.flags & abi.FMT_COMPRESSED),
                    sizes=list(self._sizes(said.pixelformat))[:MOST_SIZES],
                )
                found.append(one)
        return found

    def _offers(self, request: int, structure: Structure) -> bool:
        """Fill one of an enumeration; False at its end, or where the driver has none."""
        try:
            abi.ask(self._fd, request, structure)
        except OSError as error:
            if error.errno in (errno.EINVAL, errno.ENOTTY):
                return False
            raise
        return True

    def _sizes(self, pixelformat: int) -> Iterator[V4l2Size]:
        seen = set()
        for width, height in self._pairs(pixelformat):
            sane = all(SMALLEST <= side <= LARGEST for side in (width, height))
            if sane and (width, height) not in seen:
                seen.add((width, height))
                intervals = list(self._intervals(pixelformat, width, height))
                yield V4l2Size(width=width, height=height, intervals=intervals)

    def _pairs(self, pixelformat: int) -> Iterator[tuple[int, int]]:
        for index in range(MOST_SIZES):
            said = abi.FrameSize(index=index, pixel_format=pixelformat)
            if not self._offers(abi.ENUM_FRAMESIZES, said):
                return
            if said.type == abi.SIZES_DISCRETE:
                yield said.numbers[0], said.numbers[1]
                continue
            least, most, step, least_height, most_height, step_height = said.numbers
            for width, height in COMMON_SIZES:
                fits = _fits(width, least, most, step)
                if fits and _fits(height, least_height, most_height, step_height):
                    yield width, height
            yield most, most_height
            return

    def _intervals(self, pixelformat: int, width: int, height: int) -> Iterator[tuple[int, int]]:
        for index in range(MOST_INTERVALS):
            said = abi.FrameInterval(
                index=index, pixel_format=pixelformat, width=width, height=height
            )
            if not self._offers(abi.ENUM_FRAMEINTERVALS, said):
                return
            known = said.type == abi.INTERVALS_DISCRETE
            # Of a range, its ends: the shortest interval is what a live view wants.
            for one in said.fractions[: 1 if known else 2]:
                if _sane(one):
                    yield one.numerator, one.denominator
            if not known:
                return

    def set_mode(self, letters: str, width: int, height: int, rate: float) -> V4l2Mode:
        """Ask for a format, a size and a rate, and return what the camera made of it."""
        said = abi.Format(type=abi.CAPTURE)
        said.fmt.pix.width, said.fmt.pix.height = width, height
        said.fmt.pix.pixelformat = abi.code_of(letters)
        abi.ask(self._fd, abi.S_FMT, said)
        pix = said.fmt.pix
        if not (SMALLEST <= pix.width <= LARGEST and SMALLEST <= pix.height <= LARGEST):
            raise OSError(errno.ERANGE, f"it gives pictures of {pix.width}x{pix.height}")
        if not 0 < pix.sizeimage <= MOST_PICTURE:
            raise OSError(errno.ERANGE, f"it wants {pix.sizeimage} bytes for a picture")
        return V4l2Mode(
            fourcc=abi.fourcc(pix.pixelformat),
            width=pix.width,
            height=pix.height,
            stride=min(pix.bytesperline, MOST_PICTURE),
            size=pix.sizeimage,
            rate=self._set_rate(rate),
        )

    def _set_rate(self, rate: float) -> float:
        said = abi.CaptureParameters(type=abi.CAPTURE)
        with contextlib.suppress(OSError):  # a camera of one rate need not know the request
            if rate > 0:
                said.timeperframe.numerator = 1000
                said.timeperframe.denominator = round(rate * 1000)
                abi.ask(self._fd, abi.S_PARM, said)
            else:
                abi.ask(self._fd, abi.G_PARM, said)
            if _sane(said.timeperframe):
                return float(said.timeperframe.denominator / said.timeperframe.numerator)
        return 0.0

    def start(self) -> None:
        """Map buffers and have the camera fill them."""
        wanted = abi.RequestBuffers(count=BUFFERS, type=abi.CAPTURE, memory=abi.MMAP)
        abi.ask(self._fd, abi.REQBUFS, wanted)
        try:
            for index in range(min(wanted.count, 32)):
                buffer = self._buffer(index)
                abi.ask(self._fd, abi.QUERYBUF, buffer)
                if not 0 < buffer.length <= 2 * MOST_PICTURE:
                    raise OSError(errno.ENOMEM, f"a buffer of {buffer.length} bytes")
                self._maps.append(mmap.mmap(self._fd, buffer.length, offset=buffer.m.offset))
                abi.ask(self._fd, abi.QBUF, buffer)
            if not self._maps:
                raise OSError(errno.ENOMEM, "it gives no buffers")
            abi.ask(self._fd, abi.STREAMON, c_int(abi.CAPTURE))
            self._streaming = True
        except BaseException:
            with contextlib.suppress(OSError):
                self.stop()
            raise

    def stop(self) -> None:
        """Have it rest, and let go of the buffers: then other programs may use the camera."""
        if not (self._streaming or self._maps) or self._fd < 0:
            return
        try:
            if self._streaming:
                self._streaming = False
                abi.ask(self._fd, abi.STREAMOFF, c_int(abi.CAPTURE))
        finally:
            for one in self._maps:
                one.close()
            self._maps.clear()
            none = abi.RequestBuffers(count=0, type=abi.CAPTURE, memory=abi.MMAP)
            abi.ask(self._fd, abi.REQBUFS, none)

    def _buffer(self, index: int) -> abi.Buffer:
        return abi.Buffer(index=index, type=abi.CAPTURE, memory=abi.MMAP)

    def take(self) -> Filled | None:
        """Take the next filled buffer; None where there is none now. Never waits."""
        buffer = self._buffer(0)
        try:
            abi.ask(self._fd, abi.DQBUF, buffer)
        except BlockingIOError:
            return None
        used = min(buffer.bytesused, len(self._maps[buffer.index]))
        taken = buffer.timestamp.seconds * 1_000_000 + buffer.timestamp.microseconds
        if buffer.flags & abi.BUF_TIMESTAMP_MASK != abi.BUF_TIMESTAMP_MONOTONIC:
            taken = 0
        return Filled(buffer.index, used, buffer.flags, buffer.sequence, taken)

    def content(self, filled: Filled) -> bytes:
        """Return a copy of what is in a buffer."""
        return self._maps[filled.index][: filled.used]

    def give_back(self, filled: Filled) -> None:
        """Have the buffer filled again."""
        abi.ask(self._fd, abi.QBUF, self._buffer(filled.index))

    def controls(self) -> list[V4l2Control]:
        """Return its controls, in the kernel's order."""
        found = []
        last = 0
        for _ in range(MOST_CONTROLS):
            said = abi.QueryControl(id=last | abi.FLAG_NEXT)
            if not self._offers(abi.QUERY_EXT_CTRL, said) or said.id <= last:
                break
            last = said.id
            if said.flags & abi.FLAG_DISABLED or said.type == abi.TYPE_CLASS or said.nr_of_dims:
                continue
            menu = said.type in (abi.TYPE_MENU, abi.TYPE_INTEGER_MENU)
            control = V4l2Control(
                id=said.id,
                name=_text(said.name),
                kind=_KINDS.get(said.type, "other"),
                minimum=said.minimum,
                maximum=said.maximum,
                step=said.step,
                default=said.default_value,
                choices=self._choices(said) if menu else {},
                inactive=bool(said.flags & (abi.FLAG_INACTIVE | abi.FLAG_GRABBED)),
                read_only=bool(said.flags & abi.FLAG_READ_ONLY),
                readable=not said.flags & abi.FLAG_WRITE_ONLY and said.type != abi.TYPE_BUTTON,
            )
            found.append(control)
        return found

    def _choices(self, control: abi.QueryControl) -> dict[int, str]:
        choices = {}
        first = max(control.minimum, 0)
        for index in range(first, min(control.maximum, first + MOST_CHOICES - 1) + 1):
            said = abi.QueryMenu(id=control.id, index=index)
            if self._offers(abi.QUERYMENU, said):
                words = said.item.value, _text(said.item.name)
                choices[index] = (
                    str(words[0]) if control.type == abi.TYPE_INTEGER_MENU else words[1]
                )
        return choices

    def get(self, control: int) -> int:
        """Return the value of a control."""
        return self._exchange(abi.G_EXT_CTRLS, control, 0)

    def set(self, control: int, value: int) -> int:
        """Set a control and return what is read back: what is too much is clipped silently."""
        self._exchange(abi.S_EXT_CTRLS, control, value)
        return self.get(control)

    def press(self, control: int) -> None:
        """Set a control that has no value."""
        self._exchange(abi.S_EXT_CTRLS, control, 1)

    def _exchange(self, request: int, control: int, value: int) -> int:
        one = abi.Control(id=control)
        one.u.value = value
        all_ = abi.Controls(which=0, count=1, controls=pointer(one))
        abi.ask(self._fd, request, all_)
        return int(one.u.value)

    def holders(self) -> list[Holder]:
        """Return the other programs that have it open, as far as this one may see them."""
        device = os.fstat(self._fd).st_rdev
        found = []
        for process in Path("/proc").iterdir():
            if not process.name.isdigit() or int(process.name) == os.getpid():
                continue
            if _has_open(process, device):
                found.append(Holder(pid=int(process.name), name=_name_of(process)))
        return found[:MOST_HOLDERS]


def _has_open(process: Path, device: int) -> bool:
    """Tell whether a process has a device open; another user's may not be looked at."""
    with contextlib.suppress(OSError):
        for one in (process / "fd").iterdir():
            with contextlib.suppress(OSError):
                found = one.stat()
                if stat.S_ISCHR(found.st_mode) and found.st_rdev == device:
                    return True
    return False


def _name_of(process: Path) -> str:
    with contextlib.suppress(OSError):
        return _text((process / "comm").read_bytes())
    return ""


def _text(data: bytes) -> str:
    text = data.decode("utf-8", "replace")
    return "".join(letter for letter in text if letter.isprintable()).strip()


def _fits(number: int, least: int, most: int, step: int) -> bool:
    return least <= number <= most and (number - least) % max(step, 1) == 0


def _sane(fraction: abi.Fraction) -> bool:
    """Tell whether an interval can be one."""
    if not fraction.numerator or not fraction.denominator:
        return False
    return bool(SLOWEST <= fraction.denominator / fraction.numerator <= FASTEST)
