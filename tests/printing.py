"""A hub in this process with its printing plugin, people who call its API, and small parts."""

import asyncio
import contextlib
import re
import struct
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx

from drivers.virtual.harness import running
from hub.api.application import Api
from hub.app import Hub
from hub.device import Role
from hub.devices import DeviceConfig
from hub.settings import Settings
from plugins.printing.plugin import PrintingPlugin

JOBS = "/api/v1/print-jobs"
PRINTERS = "/api/v1/printers"
BUSY = ("uploaded", "checking", "slicing")
OVER = ("done", "failed", "cancelled")
GCODE = b"; made by hand\nM109 S200\nG28\nG1 X10 Y10 Z0.2 E1 F1200\nM104 S0\n"


def box(x: float = 20.0, y: float = 20.0, z: float = 10.0, *, lid: bool = True) -> bytes:
    """A box as binary STL; without its lid it has a hole."""
    corner = [(i & 1, i >> 1 & 1, i >> 2) for i in range(8)]
    points = [(a * x, b * y, c * z) for a, b, c in corner]
    sides = [(0, 2, 3, 1), (0, 1, 5, 4), (1, 3, 7, 5), (3, 2, 6, 7), (2, 0, 4, 6)]
    sides += [(4, 5, 7, 6)] if lid else []
    faces = [f for a, b, c, d in sides for f in ((a, b, c), (a, c, d))]
    out = bytearray(80) + struct.pack("<I", len(faces))
    for face in faces:
        out += struct.pack("<12fH", 0, 0, 0, *(v for i in face for v in points[i]), 0)
    return bytes(out)


class People:
    """Clients of the API, each with a token of its own."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self.api = Api(hub)
        self._made: list[httpx.AsyncClient] = []

    async def one(self, name: str, role: Role, *, group: str | None = None) -> httpx.AsyncClient:
        """Return a client of somebody; a display is nobody."""
        person = None
        if role is not Role.DISPLAY:
            person = (await self._hub.school.create_person(name, role, group=group)).id
        secret, _ = await self._hub.school.create_token(role, name, person=person)
        made = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.api),
            base_url="http://127.0.0.1",
            headers={"Authorization": f"Bearer {secret}"},
            timeout=60,
        )
        self._made.append(made)
        return made

    async def close(self) -> None:
        """End them all."""
        for one in self._made:
            await one.aclose()
        await self.api.stop()


def printing(hub: Hub) -> PrintingPlugin:
    """The printing plugin of a hub."""
    found = next(loaded for loaded in hub.plugins.running if loaded.name == "printing")
    assert isinstance(found.plugin, PrintingPlugin)
    return found.plugin


def settings(data: Path, *ports: str) -> Settings:
    """Settings of a hub with printers at these ports: `printer-1`, `printer-2`, …"""
    devices = [
        DeviceConfig(
            id=f"printer-{number}",
            driver="marlin",
            name=f"Printer {number}",
            settings={"port": port},
        )
        for number, port in enumerate(ports, 1)
    ]
    off = {"microscopy": {"enabled": False}}
    return Settings(data=data, language="en", plugins=off, devices=devices)


@contextlib.asynccontextmanager
async def running_hub(data: Path, *ports: str) -> AsyncIterator[Hub]:
    """A hub, once its printers are reached."""
    hub = Hub(settings(data, *ports))
    await hub.start()
    try:
        async with asyncio.timeout(60):
            while not all(device.state.reachable for device in hub.devices.list()):
                await asyncio.sleep(0.05)
        yield hub
    finally:
        await hub.stop()


def virtual_printer(folder: Path, speed: float = 200) -> contextlib.AbstractAsyncContextManager:
    """A virtual printer in a process of its own; yields its port."""
    arguments = ["--speed", str(speed), "--control", str(folder / "control")]
    return running("drivers.virtual.printer", *arguments, "--options", '{"boot": 0.1}')


@contextlib.contextmanager
def virtual_line(folder: Path, speed: float = 100) -> Iterator[str]:
    """The same beside tests that have no loop: a printer that outlives their hubs."""
    command = [sys.executable, "-m", "drivers.virtual.printer", "--speed", str(speed)]
    command += ["--options", '{"boot": 0.1}', "--control", str(folder / "control")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            said = ""
            while not (found := re.search(r"listening on (\S+)", said)):
                assert process.stdout is not None
                said = process.stdout.readline()
                assert said, "the virtual printer does not start"
            yield found[1]
        finally:
            process.terminate()


async def adopted(by: httpx.AsyncClient, identity: str, driver: str, **more: Any) -> str:
    """Take what the hub has found of itself into use, as an engineer; return the device's id."""
    async with asyncio.timeout(30):
        while True:
            items = (await by.get("/api/v1/discoveries")).json()["items"]
            if found := [one for one in items if one["identity"] == identity]:
                break
            await asyncio.sleep(0.05)
    assert found[0]["drivers"] == [driver]
    body = {"driver": driver, "identity": identity, **more}
    made = await by.post("/api/v1/devices", json=body)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def hand_in(by: httpx.AsyncClient, name: str, content: bytes, **fields: str) -> dict:
    """Hand in a file."""
    answer = await by.post(JOBS, files={"file": (name, content)}, data=fields)
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == f"{JOBS}/{answer.json()['id']}"
    return answer.json()


async def until(by: httpx.AsyncClient, job: dict, *states: str, limit: float = 60) -> dict:
    """Return a job once it is in one of these states."""
    async with asyncio.timeout(limit):
        while (now := (await by.get(f"{JOBS}/{job['id']}")).json())["state"] not in states:
            await asyncio.sleep(0.05)
    return now


async def settled(by: httpx.AsyncClient, job: dict) -> dict:
    """Return a job once the hub has checked and sliced it."""
    async with asyncio.timeout(60):
        while (now := (await by.get(f"{JOBS}/{job['id']}")).json())["state"] in BUSY:
            await asyncio.sleep(0.05)
    return now


async def step(by: httpx.AsyncClient, job: dict, name: str, status: int = 200, **body) -> dict:
    """Take a step with a job."""
    answer = await by.post(f"{JOBS}/{job['id']}/{name}", json=body or None)
    assert answer.status_code == status, answer.text
    return answer.json()
