"""Starts the virtual classroom: peers that play devices, as children of the hub.

The hub imports no peer: a child process lists them. Each prints one line
`listening on http://127.0.0.1:PORT`, and its address goes into its device's settings.
"""

import asyncio
import logging
import re
from asyncio.subprocess import DEVNULL, PIPE, Process
from typing import Any

from pydantic import ValidationError

from hub.devices import DeviceConfig
from hub.processes import DriverBroken, VirtualPeerDescription, describe_virtual_classroom

log = logging.getLogger("classhub.virtual")

READY_SECONDS = 20.0
END_SECONDS = 2.0
_LISTENING = re.compile(rb"listening on (http://\S+)")


class VirtualClassroom:
    """The peers that run, and the devices that they play."""

    def __init__(self) -> None:
        self._processes: list[Process] = []
        self._readers: list[asyncio.Task[None]] = []

    async def start(self) -> list[DeviceConfig]:
        """Start every peer; one that does not start is logged and left out."""
        try:
            peers = await describe_virtual_classroom()
        except DriverBroken as error:
            log.error("the virtual classroom cannot be listed: %s", error)
            return []
        started = await asyncio.gather(*(self._start(peer) for peer in peers))
        return [device for device in started if device is not None]

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

    async def _start(self, peer: VirtualPeerDescription) -> DeviceConfig | None:
        name = peer.name
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
            device = DeviceConfig.model_validate(_filled(peer.device, address))
        except (OSError, TimeoutError, ValidationError) as error:
            log.error("the peer %s did not start: %r", name, error)
            return None
        self._readers.append(
            asyncio.create_task(_drain(process), name=f"virtual: output of {name}")
        )
        log.info("%s plays %s at %s", name, device.id, address)
        return device


async def _address(process: Process) -> str:
    if process.stdout is None:
        raise OSError("no output")
    while line := await process.stdout.readline():
        if match := _LISTENING.search(line):
            return match[1].decode("ascii")
    raise OSError(f"it ended with {await process.wait()}")


async def _drain(process: Process) -> None:
    """Read on, so that a peer that prints never waits."""
    if process.stdout is not None:
        while await process.stdout.read(4096):
            pass


def _filled(value: Any, address: str) -> Any:
    if isinstance(value, str):
        return value.replace("{address}", address)
    if isinstance(value, dict):
        return {key: _filled(item, address) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, address) for item in value]
    return value
