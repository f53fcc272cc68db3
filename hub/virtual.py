"""Starts the virtual classroom: peers that play devices, as children of the hub.

The hub imports no peer: a child process lists them. Each prints one line `listening on ADDRESS`:
an address such as `http://127.0.0.1:4711`, `127.0.0.1:4711` or `/dev/pts/5`, which goes into its
device's settings in place of `{address}`, and in its parts of `{host}` and `{port}`.
"""

import asyncio
import logging
import re
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from hub.devices import DeviceConfig
from hub.processes import DriverBroken, VirtualPeerDescription, describe_virtual_classroom

log = logging.getLogger("classhub.virtual")

READY_SECONDS = 20.0
END_SECONDS = 2.0
MOST_ADDRESS = 200
_LISTENING = re.compile(r"listening on (\S+)", re.ASCII)
_PATH = re.compile(r"(/[A-Za-z0-9_.:+-]+)+", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9.-]+|\[[0-9a-f:.]+\]", re.ASCII)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a peer can be reached.

    Attributes:
        text: as it said it. host, port: of the network; empty and 0 where it is a path.
    """

    text: str
    host: str = ""
    port: int = 0

    @classmethod
    def of(cls, text: str) -> "Address":
        """Read a URL, `host:port` or the path of a node that is there (ValueError)."""
        if len(text) > MOST_ADDRESS or not (text.isascii() and text.isprintable()):
            raise ValueError(f"no address: {text[:MOST_ADDRESS]!r}")
        if text.startswith("/"):
            if not _PATH.fullmatch(text) or ".." in text.split("/"):
                raise ValueError(f"no path of a device: {text!r}")
            if not Path(text).exists() or Path(text).is_dir():
                raise ValueError(f"no device at {text!r}")
            return cls(text)
        scheme, sign, _ = text.partition("://")
        parts = urlsplit(text if sign else f"//{text}")
        host, port = parts.netloc.rpartition(":")[0], parts.port
        if sign and not _SCHEME.fullmatch(scheme):
            raise ValueError(f"no address: {text!r}")
        if not _HOST.fullmatch(host) or not port or (not sign and parts.path):
            raise ValueError(f"an address needs a host and a port: {text!r}")
        return cls(text, host.strip("[]"), port)

    def fill(self, value: Any) -> Any:
        """Return a device's configuration with its placeholders filled."""
        if isinstance(value, str):
            if value == "{port}":
                return self.port
            filled = value.replace("{address}", self.text).replace("{host}", self.host)
            return filled.replace("{port}", str(self.port))
        if isinstance(value, Mapping):
            return {key: self.fill(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        return value


class VirtualClassroom:
    """The peers that run, and the devices that they play."""

    def __init__(self) -> None:
        self._processes: list[Process] = []
        self._readers: list[asyncio.Task[None]] = []

    async def start(self, taken: Collection[str] = ()) -> list[DeviceConfig]:
        """Start every peer; one that does not start is logged and left out.

        Args:
            taken: ids of other devices; a peer that wants one of them is left out too.
        """
        try:
            peers = await describe_virtual_classroom()
        except DriverBroken as error:
            log.error("the virtual classroom cannot be listed: %s", error)
            return []
        started = await asyncio.gather(*(self._start(peer) for peer in peers))
        devices: dict[str, DeviceConfig] = {}
        for device in (one for some in started for one in some):
            if device.id in taken or device.id in devices:
                log.error("two devices are called %s: the virtual one is left out", device.id)
            else:
                devices[device.id] = device
        return list(devices.values())

    async def stop(self) -> None:
        """End the peers; those that do not end by themselves are killed."""
        for process in self._processes:
            if process.returncode is None:
                process.terminate()
        for process in self._processes:
            try:
                async with asyncio.timeout(END_SECONDS):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)

    async def _start(self, peer: VirtualPeerDescription) -> list[DeviceConfig]:
        name = peer.name
        if not peer.argv:
            return _as_it_is(peer)
        process = None
        try:
            process = await asyncio.create_subprocess_exec(
                # Ctrl-C in a terminal is for the hub, which then ends its peers in order.
                *peer.argv,
                stdin=DEVNULL,
                stdout=PIPE,
                start_new_session=True,
            )
            self._processes.append(process)
            async with asyncio.timeout(READY_SECONDS):
                address = await _address(process)
            devices = [
                DeviceConfig.model_validate(address.fill(device))
                for device in (peer.device, *peer.also)
            ]
        except (OSError, TimeoutError, ValueError) as error:
            log.error("the peer %s did not start: %r", name, error)
            if process is not None and process.returncode is None:
                process.kill()
            return []
        self._readers.append(
            asyncio.create_task(_drain(process), name=f"virtual: output of {name}")
        )
        for device in devices:
            log.info("%s plays %s at %s", name, device.id, address.text)
        return devices


def _as_it_is(peer: VirtualPeerDescription) -> list[DeviceConfig]:
    """Return the device of a peer that is no program: a recording plays it."""
    try:
        return [DeviceConfig.model_validate(device) for device in (peer.device, *peer.also)]
    except ValidationError as error:
        log.error("the device of the peer %s is not right: %s", peer.name, error)
        return []


async def _address(process: Process) -> Address:
    """Return what the peer says; other lines are passed over (ValueError where it is none)."""
    if process.stdout is None:
        raise OSError("no output")
    while line := await process.stdout.readline():
        if match := _LISTENING.fullmatch(line.decode("utf-8", "replace").strip()):
            return Address.of(match[1])
    raise OSError(f"it ended with {await process.wait()}")


async def _drain(process: Process) -> None:
    """Read on, so that a peer that prints never waits."""
    if process.stdout is not None:
        while await process.stdout.read(4096):
            pass
