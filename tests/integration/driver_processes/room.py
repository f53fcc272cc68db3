"""A classroom's devices in processes of their own, for the tests beside this."""

import asyncio
from pathlib import Path

import psutil

from hub.bus import Bus
from hub.devices import DeviceConfig, Devices
from hub.operations import Operations
from hub.processes import Timing

DRIVERS = Path(__file__).parents[1] / "drivers_for_tests"
ROOT = Path(__file__).parents[3]
LIMIT = 90.0
QUICK = Timing(
    heartbeat=0.1, silence=2.0, grace=0.5, connect=2.0, disconnect=0.5, again=0.02,
    again_most=0.1, slow=0.2, picture=0.5, restart=0.02, restart_most=0.1, fault=0.3,
)  # fmt: skip
ENTRIES = {
    "good": "probe_drivers:GoodProbe",
    "unruly": "probe_drivers:Unruly",
    "sick": "probe_drivers:SickProbe",
    "shared": "probe_drivers:Shared",
    "parting": "probe_drivers:Parting",
}
BROKEN = {
    "broken": "broken_at_import:Nothing",
    "missing": "no_such_module:Nothing",
    "no-driver": "probe_drivers:Place",
}


class Room:
    """A classroom's devices, started with configs; leaves nothing behind."""

    def __init__(self, cache):
        self.cache = cache
        self.bus = Bus()
        self.operations = Operations(self.bus)
        self.install(ENTRIES)
        self.heard = []
        self.bus.subscribe("#", lambda message: self.heard.append((message.topic, message.payload)))

    def install(self, drivers):
        self.devices = Devices(
            self.bus, self.operations, cache=self.cache, extra_drivers=drivers, timing=QUICK
        )

    async def start(self, *configs):
        await self.devices.start(list(configs))
        await self.devices.described()
        return [self.devices.get(config.id) for config in configs]

    async def until(self, true):
        async with asyncio.timeout(LIMIT):
            while not true():
                await asyncio.sleep(0.01)

    async def connected(self, *devices):
        await self.until(lambda: all(device.state.reachable for device in devices))

    async def stop(self):
        await self.operations.stop()
        await self.devices.stop()


def driver_processes():
    """Those of a hub that other tests share are among them."""
    return {child for child in psutil.Process().children(recursive=True) if _ours(child)}


def _ours(process):
    try:
        return "hub.driver_host" in process.cmdline()
    except psutil.NoSuchProcess:
        return False


def open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


def pid_of(device):
    return device._supervisor.process.pid


def good(id_="good", **settings):
    return DeviceConfig(id=id_, driver="good", settings=settings)


def unruly(at, how, **settings):
    return DeviceConfig(id="unruly", driver="unruly", settings={"at": at, "how": how, **settings})
