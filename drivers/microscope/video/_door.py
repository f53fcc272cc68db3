"""A local address for `ffmpeg` that leads to the camera: the camera's password never leaves here.

What `ffmpeg` is told is on its command line, which every program of the computer can read. So it is
told a free port of the loopback and nothing else. Behind it its requests are put to the camera
under the camera's own address, with the password where it is asked for, and the connection to the
camera is the driver's own, which can be recorded, played again and spoilt.

The door opens once, and only to a program of the same user.
"""

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from drivers.http import Credentials
from drivers.microscope.video._conversation import Address, Conversation, conversing, refusal
from drivers.microscope.video._messages import Message, MessageReader, Packet
from hub.device import DeviceError, Unreachable
from hub.device.transports import Transports

_PATH = "/camera"
_ASIDE = frozenset({"cseq", "content-length", "location", "www-authenticate"})
_ESTABLISHED = "01"
_LOOPBACK = f"{int.from_bytes(socket.inet_aton('127.0.0.1'), sys.byteorder):08X}"


class Door:
    """The local address of one camera.

    Attributes:
        failure: why the camera gives no picture, None while nothing went wrong.
    """

    def __init__(
        self, transports: Transports, address: Address, credentials: Credentials | None
    ) -> None:
        self.failure: DeviceError | None = None
        self._transports = transports
        self._address = address
        self._credentials = credentials
        self._local = ""
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()
        self._taken = False

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        """Listen; yields the address."""
        server = await asyncio.start_server(self._come, "127.0.0.1", 0)
        self._server = server
        self._local = f"rtsp://127.0.0.1:{server.sockets[0].getsockname()[1]}{_PATH}"
        try:
            yield self._local
        finally:
            server.close()
            talks = list(self._talks)
            for talk in talks:
                talk.cancel()
            if talks:
                await asyncio.wait(talks)
            await server.wait_closed()

    async def _come(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - asyncio's server runs this in one
        self._talks.add(task)
        try:
            if not self._taken and self._server is not None and await _is_ours(writer):
                self._taken = True
                self._server.close()
                await self._talk(reader, writer)
        except DeviceError as error:
            self.failure = self.failure or error
        except (OSError, asyncio.CancelledError):
            pass  # ffmpeg has gone, or is no longer wanted
        finally:
            writer.transport.abort()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()
            self._talks.discard(task)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def take(packet: bytes) -> None:
            writer.write(packet)
            await writer.drain()

        async with conversing(
            self._transports, self._address, self._credentials, take=take
        ) as camera:
            asking = asyncio.create_task(self._pass_on(reader, writer, camera), name="RTSP door")
            ended = asyncio.create_task(camera.over.wait(), name="RTSP end")
            try:
                await asyncio.wait({asking, ended}, return_when=asyncio.FIRST_COMPLETED)
                if asking.done():
                    await asking
                self.failure = camera.failure
            finally:
                asking.cancel()
                ended.cancel()
                await asyncio.gather(asking, ended, return_exceptions=True)

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, camera: Conversation
    ) -> None:
        messages = MessageReader()
        while data := await reader.read(65536):
            for one in messages.feed(data):
                # Statistics of the reception, which cameras do without, would differ each time.
                if not isinstance(one, Packet) and (asked := one.request) is not None:
                    await self._ask(camera, writer, one, *asked)

    async def _ask(
        self,
        camera: Conversation,
        writer: asyncio.StreamWriter,
        message: Message,
        method: str,
        target: str,
    ) -> None:
        if target.startswith(self._local):
            target = self._address.url + target.removeprefix(self._local)
        answer = await camera.request(method, target, message.headers, message.body)
        problem = refusal(answer, method)
        # To be asked whether the connection is still wanted is no question on which it ends.
        if problem is not None and method in ("OPTIONS", "DESCRIBE", "SETUP", "PLAY"):
            raise problem
        kept = [(name, value) for name, value in answer.headers if name.lower() not in _ASIDE]
        number = ("CSeq", message.header("CSeq"))
        writer.write(Message(answer.start, (number, *kept), answer.body).encode())
        await writer.drain()


async def _is_ours(writer: asyncio.StreamWriter) -> bool:
    """Tell whether who has connected runs under the same user (proc(5), /proc/net/tcp)."""
    near, far = writer.get_extra_info("sockname"), writer.get_extra_info("peername")
    if near is None or far is None:
        return False
    return await asyncio.to_thread(_same_user, far[1], near[1])


def _same_user(port: int, to: int) -> bool:
    own = str(Path("/proc/self").stat().st_uid)
    try:
        lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    except OSError as error:
        raise Unreachable(f"the system does not tell who connects: {error}") from error
    wanted = [f"{_LOOPBACK}:{port:04X}", f"{_LOOPBACK}:{to:04X}", _ESTABLISHED]
    fields = (line.split() for line in lines)
    return any(one[1:4] == wanted and one[7] == own for one in fields)
