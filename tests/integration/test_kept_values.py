"""What was set of a device for good is there again: reconnected, restarted, in another process."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from drivers.input.codes import ABS_X, ABS_Y, BTN_TOOL_PEN, BTN_TOUCH
from drivers.virtual.node import VirtualInput, folder_of_sockets
from hub.bus import Bus
from hub.device.transports import Axis
from hub.devices import DeviceConfig, Devices, KeptValues
from hub.operations import Operations
from hub.store import Store

LIMIT = 60.0
MAPPING = {"left": 0.25, "top": 0.0, "right": 1.0, "bottom": 1.0, "rotation": 180}
AXES = {code: Axis(0, 0, 10000, 0, 0, 100) for code in (ABS_X, ABS_Y)}


class Run:
    """The devices of a hub, from one start to the end."""

    def __init__(self, store: Store, cache: Path, path: Path) -> None:
        self.bus = Bus()
        self.operations = Operations(self.bus)
        kept = KeptValues(store)
        self.devices = Devices(self.bus, self.operations, cache=cache, kept=kept)
        settings = {"path": str(path)}
        self.config = DeviceConfig(id="pen", driver="tablet", settings=settings)

    async def __aenter__(self):
        await self.devices.start([self.config])
        self.pen = self.devices.get("pen")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.devices.stop()

    async def reachable(self, *, so: bool) -> None:
        async with asyncio.timeout(LIMIT):
            while self.pen.state.reachable is not so:
                await asyncio.sleep(0.02)

    async def values(self) -> list[object]:
        return [(await self.pen.read(name)).value for name in ("mapping", "grab", "calibration")]


@pytest.fixture
def store(tmp_path: Path):
    store = Store(tmp_path / "hub.sqlite")
    store.open()
    yield store
    store.close()


async def test_what_was_set_holds_for_good(store: Store, tmp_path: Path) -> None:
    matrix = [1, 0, 0.01, 0, 1, 0, 0, 0, 1]
    calibration = {"matrix": matrix, "points": 4, "error": 0.002}
    with folder_of_sockets() as folder:
        path = Path(folder) / "pen"

        def tablet() -> VirtualInput:
            return VirtualInput(path, name="T", axes=AXES, keys=(BTN_TOOL_PEN, BTN_TOUCH))

        async with Run(store, tmp_path, path) as run:
            async with tablet():
                await run.reachable(so=True)
                assert (await run.values())[1] is True
                await run.pen.write("mapping", MAPPING)
                await run.pen.write("grab", value=False)
                await run.pen.write("calibration", calibration)
            # Pulled out, and put back: another connection in the same process.
            await run.reachable(so=False)
            async with tablet():
                await run.reachable(so=True)
                assert await run.values() == [MAPPING, False, calibration]
        async with tablet():
            # The hub is started again.
            async with Run(store, tmp_path, path) as again:
                await again.reachable(so=True)
                assert await again.values() == [MAPPING, False, calibration]
                await again.pen.write("mapping", {**MAPPING, "rotation": 0})
                # The driver's process dies.
                os.kill(again.pen._supervisor.process.pid, signal.SIGKILL)
                await again.reachable(so=False)
                await again.reachable(so=True)
                assert (await again.values())[0] == {**MAPPING, "rotation": 0}
                await again.devices.remove("pen")
            async with Run(store, tmp_path, path) as anew:
                await anew.reachable(so=True)
                assert (await anew.values())[1] is True, "nothing is left of a removed one"
