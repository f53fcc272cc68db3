"""A hub's device side alone in a process, to be killed: prints the ids of its children."""

import asyncio
import json
import sys
from pathlib import Path

from hub.bus import Bus
from hub.devices import DeviceConfig, Devices
from hub.operations import Operations


async def main(cache: str) -> None:
    """Run one device that is well and one whose loop hangs."""
    bus = Bus()
    drivers = {"good": "probe_drivers:GoodProbe", "unruly": "probe_drivers:Unruly"}
    devices = Devices(bus, Operations(bus), cache=Path(cache), extra_drivers=drivers)
    hang = {"at": "write", "how": "spin"}
    await devices.start(
        [
            DeviceConfig(id="good", driver="good"),
            DeviceConfig(id="hangs", driver="unruly", settings=hang),
        ]
    )
    while not all(device.state.reachable for device in devices.list()):
        await asyncio.sleep(0.01)
    asking = asyncio.create_task(devices.get("hangs").write("level", 1))
    await asyncio.sleep(0.1)
    children = [device._supervisor.process.pid for device in devices.list()]
    print(json.dumps(children), flush=True)
    await asking
    await asyncio.sleep(3600)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
