"""`ffmpeg` as a program of this driver's: pictures out of a pipe, ended when nobody watches."""

import asyncio
import contextlib
import os
import shutil
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence

from drivers.microscope.mjpeg import JpegParts
from hub.device import N_, DeviceError

MOST_WIDTH = 1920
MOST_HEIGHT = 1440
MOST_RATE = 25
MOST_PICTURE = 32 * 1024 * 1024
_MOST_PIXELS = 64_000_000
_SAID = 2000
_END = 5.0


class FfmpegMissing(DeviceError):
    """The program that understands moving pictures is not installed."""

    code = "ffmpeg-missing"
    status = 503
    title = N_("Videos need the program ffmpeg, which is not installed.")
    hint = N_("Ask the lab engineer to install it: sudo apt install ffmpeg")


class Ended(Exception):
    """The program has ended; `said` is the last line that it complained with."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


def ffmpeg() -> str:
    """Return where the program is (FfmpegMissing)."""
    found = shutil.which("ffmpeg")
    if found is None:
        raise FfmpegMissing("ffmpeg was not found")
    return found


def encoded() -> list[str]:
    """Return the arguments that have any picture encoded as JPEG, of bounded size and rate.

    Pictures are given as they come, none twice: at a rate that a camera names wrongly (90,000 a
    second is common) filling up would take the computer's whole time.
    """
    apart = 1 / MOST_RATE - 0.004
    seldom = f"select='isnan(prev_selected_t)+gte(t-prev_selected_t,{apart:.3f})'"
    size = f"scale='min({MOST_WIDTH},iw)':'min({MOST_HEIGHT},ih)'"
    return [
        *("-vf", f"{seldom},{size}:force_original_aspect_ratio=decrease"),
        *("-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p", "-threads:v", "1"),
    ]


def as_they_come() -> list[str]:
    """Return the arguments that hand JPEG pictures on untouched."""
    return ["-c:v", "copy"]


class Pictures:
    """What the running program gives; made by `pictures`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._parts = JpegParts(limit=MOST_PICTURE)
        self._waiting: deque[bytes] = deque()
        self._said = bytearray()
        self.given = 0

    async def newest(self, limit: float) -> bytes:
        """Return the newest picture not returned yet.

        Raises:
            TimeoutError: none came within `limit` seconds.
            Ended: there are no more.
        """
        return await self._read(limit, newest=True)

    async def next(self, limit: float) -> bytes:
        """Return the next picture, none left out; errors as `newest`."""
        return await self._read(limit, newest=False)

    async def _read(self, limit: float, *, newest: bool) -> bytes:
        assert self._process.stdout is not None  # noqa: S101 - opened with a pipe
        async with asyncio.timeout(limit):
            while not self._waiting:
                data = await self._process.stdout.read(1 << 18)
                if not data:
                    await self._process.wait()
                    raise Ended(self._complaint())
                self._waiting += self._parts.feed(data)
        if newest:
            while len(self._waiting) > 1:
                self._waiting.popleft()
        self.given += 1
        return self._waiting.popleft()

    async def listen(self) -> None:
        """Keep the end of what the program complains about."""
        assert self._process.stderr is not None  # noqa: S101 - opened with a pipe
        while data := await self._process.stderr.read(4096):
            self._said += data
            del self._said[:-_SAID]

    def _complaint(self) -> str:
        lines = self._said.decode(errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else f"status {self._process.returncode}"


@contextlib.asynccontextmanager
async def pictures(source: Sequence[str], output: Sequence[str]) -> AsyncIterator[Pictures]:
    """Run the program; it is killed at the end of the block.

    Args:
        source: arguments that name and limit what is read, `-i` the last of them. Everybody on
            this computer can read them: no password is among them.
        output: `encoded()` or `as_they_come()`.

    Raises:
        FfmpegMissing: it is not installed.
    """
    process = await asyncio.create_subprocess_exec(
        ffmpeg(),
        *("-nostdin", "-hide_banner", "-loglevel", "error", "-max_pixels", str(_MOST_PIXELS)),
        *("-threads", "2"),
        *source,
        *("-map", "0:v:0", "-an", "-sn", "-dn", *output),
        *("-fps_mode", "passthrough", "-flush_packets", "1", "-f", "mjpeg", "pipe:1"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        # What is set for others must not make it write reports or open anything else.
        env={name: value for name, value in os.environ.items() if not name.startswith("FF")},
    )
    given = Pictures(process)
    listening = asyncio.create_task(given.listen(), name="what ffmpeg says")
    try:
        yield given
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await asyncio.shield(_over(process, listening))


async def _over(process: asyncio.subprocess.Process, listening: "asyncio.Task[None]") -> None:
    """Read what is left in the pipes, so that they are closed, and wait for the end."""
    assert process.stdout is not None  # noqa: S101 - opened with a pipe
    until = time.monotonic() + _END
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_END):
            while await process.stdout.read(1 << 18):
                if time.monotonic() > until:
                    break
            await process.wait()
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
