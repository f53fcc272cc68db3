"""Print servers of others as programs of a test: OctoPrint with its virtual printer, and Moonraker.

Both stand in environments of their own below `.make/peers` (`make setup-test`), for their licences
keep them out of ours. They listen on loopback, keep everything in the given folder, and end with
the context.
"""

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

PEERS = Path(__file__).parents[1] / ".make/peers"
KEY = "0123456789ABCDEF0123456789ABCDEF"
_START = 90.0
_STOP = 10.0

# What has to be asked on the internet, or draws attention to itself.
_WITHOUT = (
    "achievements announcements backup classicwebcam corewizard discovery errortracking eventmanager file_check"
    " firmware_check gcodeviewer health_check pi_support pluginmanager softwareupdate tracking"
)
_OCTOPRINT = """
server:
  firstRun: false
  ignoreIncompleteStartup: true
  startOnceInSafeMode: false
  onlineCheck: {{enabled: false}}
  pluginBlacklist: {{enabled: false}}
api: {{key: {key}}}
gcodeAnalysis: {{runAt: never}}
plugins:
  _disabled: [{without}]
  virtual_printer: {{enabled: {virtual}, ambientTemperature: {room}}}
  {more}
serial:
  port: {port}
  autoconnect: true
  additionalPorts: ["{port}"]
  baudrate: {baudrate}
temperature: {{profiles: []}}
"""
_MOONRAKER = """
[server]
host: 127.0.0.1
port: {port}
klippy_uds_address: {klippy}
[machine]
provider: none
validate_service: False
validate_config: False
[file_manager]
enable_object_processing: False
[authorization]
force_logins: False
"""


@dataclass(frozen=True, slots=True)
class PrintServer:
    """A print server that runs."""

    host: str
    port: int
    key: str
    folder: Path
    process: asyncio.subprocess.Process

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def client(self) -> httpx.AsyncClient:
        """Return a client of its API, for what a test wants to know from the server itself."""
        return httpx.AsyncClient(base_url=self.url, headers={"X-Api-Key": self.key}, timeout=30)


@contextlib.asynccontextmanager
async def octoprint(
    folder: Path,
    *,
    serial: str = "VIRTUAL",
    baudrate: int = 0,
    port: int = 0,
    plugins: str = "",
    room: float = 21.3,
) -> AsyncIterator[PrintServer]:
    """Run OctoPrint in `folder`; yield it once it has reached its printer.

    Args:
        folder: its own; one that it has used before is used again.
        serial: the port that it prints on: its virtual printer, or the path of a tty.
        baudrate: of that port; 0 finds it out.
        port: where it listens; 0 chooses.
        plugins: more lines of YAML for its `plugins:`.
        room: how warm it is round its virtual printer, °C: from 195 it need not be waited for.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.yaml").write_text(
        _OCTOPRINT.format(
            key=KEY,
            without=", ".join(_WITHOUT.split()),
            virtual=str(serial == "VIRTUAL").lower(),
            more=plugins,
            room=room,
            port=serial,
            baudrate=baudrate,
        )
    )
    port = port or free_port()
    program = PEERS / "octoprint/bin/octoprint"
    arguments = ("serve", "--iknowwhatimdoing", "--basedir", str(folder), "--host", "127.0.0.1")
    async with _running(folder, str(program), *arguments, "--port", str(port)) as process:
        server = PrintServer("127.0.0.1", port, KEY, folder, process)
        async with server.client() as client:
            await _until(client, "/api/printer", process, folder)
        yield server


@contextlib.asynccontextmanager
async def moonraker(folder: Path, klippy: Path, *, port: int = 0) -> AsyncIterator[PrintServer]:
    """Run Moonraker in `folder`; `klippy` is the UNIX socket where it looks for Klipper.

    It does not wait for Klipper: without one it has its files and its queue.
    """
    (folder / "config").mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    (folder / "config/moonraker.conf").write_text(_MOONRAKER.format(port=port, klippy=klippy))
    program = PEERS / "moonraker/bin/python"
    arguments = ("-m", "moonraker", "-n", "-d", str(folder))
    async with _running(folder, str(program), *arguments) as process:
        server = PrintServer("127.0.0.1", port, "", folder, process)
        async with server.client() as client:
            await _until(client, "/access/info", process, folder)
        yield PrintServer("127.0.0.1", port, await _moonraker_key(folder), folder, process)


async def _moonraker_key(folder: Path) -> str:
    """Return Moonraker's API key: whoever may open its UNIX socket may ask for it."""
    reader, writer = await asyncio.open_unix_connection(str(folder / "comms/moonraker.sock"))
    try:
        ask = {"jsonrpc": "2.0", "method": "access.get_api_key", "id": 1}
        writer.write(json.dumps(ask).encode() + b"\x03")
        while True:  # it also tells what happens
            answer = json.loads((await reader.readuntil(b"\x03"))[:-1])
            if answer.get("id") == 1:
                return str(answer["result"])
    finally:
        writer.close()


@contextlib.asynccontextmanager
async def announced(kind: str, title: str, port: int) -> AsyncIterator[str]:
    """Announce a service of loopback by mDNS, such as `_octoprint._tcp`; yield its identity."""
    service = f"{kind}.local."
    info = AsyncServiceInfo(
        service,
        f"{title}.{service}",
        addresses=[socket.inet_aton("127.0.0.1")],
        port=port,
        properties={"path": "/"},
        server=f"{title.lower().replace(' ', '-')}.local.",
    )
    zeroconf = AsyncZeroconf(interfaces=["127.0.0.1"])
    try:
        await (await zeroconf.async_register_service(info))
        yield f"mdns:{service}:{title}"
    finally:
        await zeroconf.async_unregister_all_services()
        await zeroconf.async_close()


def free_port() -> int:
    """Return a port of loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.asynccontextmanager
async def _running(folder: Path, *argv: str) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "CLASSHUB"))}
    with (folder / "said.txt").open("ab") as said:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STOP):
                await process.wait()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, 9)  # what it started itself, too
    await process.wait()


async def _until(
    client: httpx.AsyncClient, path: str, process: asyncio.subprocess.Process, folder: Path
) -> None:
    """Wait until it answers `path` with 200."""
    try:
        async with asyncio.timeout(_START):
            while process.returncode is None:
                with contextlib.suppress(httpx.TransportError):
                    if (await client.get(path)).status_code == 200:
                        return
                await asyncio.sleep(0.1)
    except TimeoutError:
        pass
    raise RuntimeError(f"it did not start: {(folder / 'said.txt').read_text()[-3000:]}")
