"""A video node that is written to: what other programs see as a camera.

Source: the kernel's "Userspace API, Part I: Video for Linux", "Video Output Interface" and
"Read/Write"; v4l2loopback's README.
"""

import contextlib
import errno
import os
from collections.abc import Callable
from ctypes import Structure, c_int
from dataclasses import dataclass

from hub import v4l2 as abi

FOURCC = "YUYV"
"""What every program takes: Chromium and Firefox, ffmpeg, GStreamer; OBS writes the same."""
Ask = Callable[[int, int, Structure | c_int], None]


@dataclass(frozen=True, slots=True)
class Mode:
    """What the kernel takes: read back after it was asked for.

    Attributes:
        stride: bytes from one line to the next. size: bytes of one picture.
    """

    width: int
    height: int
    stride: int
    size: int


class VideoOutput:
    """An open node (OSError from all that speaks to it).

    Its format is fixed while another program reads: the kernel then answers with the one it has,
    and pictures are made as that says.

    Args:
        path: of the node. width, height: in pixels. rate: pictures a second, said to readers.
        ask: does an ioctl.
    """

    def __init__(
        self, path: str, width: int, height: int, rate: int, ask: Ask | None = None
    ) -> None:
        self._ask = ask or abi.ask
        self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            self.card = self._checked(path)
            self.mode = self._set(path, width, height)
            self._say_rate(rate)
            self._begin()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of it: other programs see no camera any more. May be called twice."""
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            os.close(fd)

    def write(self, picture: bytes) -> bool:
        """Give the next picture; False where the kernel has no room for it just now."""
        try:
            written = os.write(self._fd, picture)
        except BlockingIOError:
            return False
        if written != len(picture):
            raise OSError(errno.EIO, f"{written} of {len(picture)} bytes were taken")
        return True

    def _checked(self, path: str) -> str:
        said = abi.Capability()
        self._ask(self._fd, abi.QUERYCAP, said)
        has = said.device_caps if said.capabilities & abi.CAP_DEVICE_CAPS else said.capabilities
        self.loopback = said.driver == b"v4l2 loopback"
        wanted = abi.CAP_VIDEO_OUTPUT | abi.CAP_READWRITE
        if self.loopback and has & abi.CAP_VIDEO_CAPTURE and not has & abi.CAP_VIDEO_OUTPUT:
            # While another program writes it says that it is a camera only. Once one that wrote
            # without `_begin` has gone it says neither, and can be written to all the same.
            raise OSError(errno.EBUSY, "another program writes to it", path)
        if not self.loopback and has & wanted != wanted:
            raise OSError(errno.ENODEV, "it takes no pictures", path)
        return bytes(said.card).decode("utf-8", "replace")

    def _begin(self) -> None:
        """Have v4l2loopback know who writes: 0.12 forgets it otherwise, and stays no output."""
        if self.loopback:
            with contextlib.suppress(OSError):  # later ones know it by the first picture
                self._ask(self._fd, abi.STREAMON, c_int(abi.OUTPUT))

    def _set(self, path: str, width: int, height: int) -> Mode:
        form = abi.Format(type=abi.OUTPUT)
        pix = form.fmt.pix
        pix.width, pix.height, pix.pixelformat = width, height, abi.code_of(FOURCC)
        pix.field, pix.colorspace = abi.FIELD_NONE, abi.COLORSPACE_SRGB
        pix.bytesperline, pix.sizeimage = width * 2, width * height * 2
        self._ask(self._fd, abi.S_FMT, form)
        if abi.fourcc(pix.pixelformat) != FOURCC:
            raise OSError(errno.EBUSY, f"it keeps {abi.fourcc(pix.pixelformat)}", path)
        stride = max(pix.bytesperline, pix.width * 2)
        size = max(pix.sizeimage, stride * pix.height)
        if not (16 <= pix.width <= 8192 and 16 <= pix.height <= 8192 and size <= 64 << 20):
            raise OSError(errno.EINVAL, f"it wants {pix.width}x{pix.height}", path)
        return Mode(pix.width, pix.height, stride, size)

    def _say_rate(self, rate: int) -> None:
        parameters = abi.CaptureParameters(type=abi.OUTPUT)
        # struct v4l2_outputparm has its interval where v4l2_captureparm has it.
        parameters.timeperframe.numerator, parameters.timeperframe.denominator = 1, rate
        with contextlib.suppress(OSError):  # no driver has to know of it
            self._ask(self._fd, abi.S_PARM, parameters)
