"""`cec-client` of the distribution (cec-utils): libCEC as a program, one that is asked in lines.

It is under the GPL, and so it is started and not loaded. It knows Pulse-Eight's USB adapters and
the kernel's own CEC devices, takes a logical address, and answers what others ask of a player.
"""

import asyncio
import shutil
from typing import cast

from hub.device import N_, DeviceError
from hub.device.transports import Channel, Transports

NAME = "ClassHub"
"""What the display calls this computer, at most 14 letters (CEC 13.10)."""
KERNEL = "/dev/cec0"
_KERNELS = "Linux"
"""What libCEC calls the kernel's device; it knows the first one alone."""
_ALL = "31"


class CecUtilsMissing(DeviceError):
    """The program that speaks HDMI-CEC is not installed."""

    code = "cec-utils-missing"
    status = 503
    title = N_("HDMI-CEC needs the program cec-client, which is not installed.")
    hint = N_("Ask the lab engineer to install it: sudo apt install cec-utils")


def arguments(port: str, hdmi: int) -> list[str]:
    """Return the command: it ends with the process that started it, even where that is killed.

    Args:
        port: the adapter's serial line, or `/dev/cec0`.
        hdmi: the socket of the display that this computer is at; 0 leaves it to libCEC.

    Raises:
        CecUtilsMissing: it is not installed.
    """
    program = shutil.which("cec-client")
    if program is None:
        raise CecUtilsMissing("cec-client was not found")
    return [
        *("setpriv", "--pdeathsig", "KILL", "--", program),
        *("-t", "p", "-o", NAME, "-d", _ALL),
        *(("-p", str(hdmi)) if hdmi else ()),
        _KERNELS if port == KERNEL else port,
    ]


class Running(asyncio.Transport, asyncio.SubprocessProtocol):
    """The running program as a connection: its input and its output."""

    def __init__(self, protocol: asyncio.Protocol) -> None:
        super().__init__()
        self._protocol: asyncio.BaseProtocol = protocol
        self._process: asyncio.SubprocessTransport | None = None
        self._closing = False
        self._over = False

    # What the program does (asyncio.SubprocessProtocol).

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._process = cast("asyncio.SubprocessTransport", transport)
        self._protocol.connection_made(self)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Take what it says."""
        if fd == 1 and not self._closing:
            cast("asyncio.Protocol", self._protocol).data_received(data)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        """Its end is told by `process_exited`."""

    def process_exited(self) -> None:
        """End."""
        if self._over:
            return
        self._over = True
        status = self._process.get_returncode() if self._process is not None else None
        gone = None if self._closing else OSError(f"cec-client has ended (status {status})")
        if self._process is not None:
            self._process.close()
        self._protocol.connection_lost(gone)

    # What the driver does (asyncio.Transport).

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Say something."""
        process = self._process
        if process is None or self.is_closing():
            return
        pipe = cast("asyncio.WriteTransport | None", process.get_pipe_transport(0))
        if pipe is not None:
            pipe.write(data)

    def close(self) -> None:
        """End it now: asked to quit, it would take its time."""
        self.abort()

    def abort(self) -> None:
        """End it now."""
        self._closing = True
        if self._process is not None:
            self._process.close()  # which kills it

    def is_closing(self) -> bool:
        """Tell whether it is over or about to be."""
        return self._closing or self._over

    def pause_reading(self) -> None:
        """It says little; what it says is taken."""

    def resume_reading(self) -> None:
        """It says little; what it says is taken."""

    def is_reading(self) -> bool:
        """Tell whether what it says is taken."""
        return not self.is_closing()

    def get_write_buffer_size(self) -> int:
        """Return 0: what is said to it is short."""
        return 0

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Have another protocol go on."""
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Return who hears of it."""
        return self._protocol


async def start(
    transports: Transports, protocol: asyncio.Protocol, port: str, hdmi: int
) -> Channel:
    """Start the program; `protocol` hears what it says."""

    async def begin(channel: Channel) -> None:
        loop = asyncio.get_running_loop()
        await loop.subprocess_exec(
            lambda: Running(channel),
            *arguments(port, hdmi),
            stderr=asyncio.subprocess.DEVNULL,
        )

    return await transports.open("program", f"cec-client {port}", protocol, begin, stream=True)
