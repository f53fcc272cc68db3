"""Driver processes killed, stopped and restarted at random; by hand, not in CI.

python -m tests.bench.soak [--seconds 60] [--devices 4] [--loop uvloop|asyncio] [--seed 1]

Prints restarts, and open files, tasks, threads and memory of the hub's side at the start and at the
end. All devices are connected again at both, so that both lines should be alike.
"""

import argparse
import asyncio
import gc
import logging
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import psutil
import uvloop

from hub.bus import Bus
from hub.devices import DeviceConfig, DeviceHandle, Devices
from hub.errors import HubError
from hub.operations import Operations
from hub.processes import Timing

ROOT = Path(__file__).parents[2]
DRIVERS = ROOT / "tests" / "integration" / "drivers_for_tests"
QUICK = Timing(heartbeat=0.2, silence=2.0, grace=0.5, restart=0.05, restart_most=0.2, fault=0.5)
FAULTS = {"killed": signal.SIGKILL, "stopped": signal.SIGSTOP, "ended": signal.SIGTERM}
PATIENCE = 60.0


def files() -> Counter[str]:
    """Return what the open files of this process are, without their numbers."""
    found: Counter[str] = Counter()
    for fd in Path("/proc/self/fd").iterdir():
        try:
            found[str(fd.readlink()).partition(":[")[0]] += 1
        except FileNotFoundError:  # the directory's own
            continue
    return found


def say(when: str) -> Counter[str]:
    """Print how the hub's side is now."""
    gc.collect()
    found = files()
    process = psutil.Process()
    print(
        f"{when:<8} files {found.total()}, tasks {len(asyncio.all_tasks())},"
        f" threads {process.num_threads()}, children {len(process.children(recursive=True))},"
        f" memory {process.memory_full_info().uss / 1e6:.1f} MB"
    )
    return found


async def connected(devices: list[DeviceHandle]) -> None:
    """Wait until all are."""
    async with asyncio.timeout(PATIENCE):
        while not all(device.state.reachable for device in devices):
            await asyncio.sleep(0.02)


async def use(device: DeviceHandle) -> None:
    """Write all the time, whatever is answered."""
    while True:
        try:
            await device.write("level", random.randrange(90))
        except HubError:
            await asyncio.sleep(0.02)


async def soak(seconds: float, count: int, chance: random.Random) -> None:
    """Run the devices, harm them, and print how it was before and after."""
    with tempfile.TemporaryDirectory() as cache:
        empty = say("empty")
        bus = Bus()
        operations = Operations(bus)
        drivers = {"good": "probe_drivers:GoodProbe"}
        registry = Devices(bus, operations, cache=Path(cache), extra_drivers=drivers, timing=QUICK)
        await registry.start([DeviceConfig(id=f"d{i}", driver="good") for i in range(count)])
        devices = registry.list()
        await connected(devices)
        using = [asyncio.create_task(use(one), name=f"use of {one.id}") for one in devices]
        await asyncio.sleep(2)
        before = say("start")
        done: Counter[str] = Counter()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            process = chance.choice(devices)._supervisor.process  # type: ignore[union-attr]
            if process is not None and process.pid is not None:
                how = chance.choice(list(FAULTS))
                try:
                    os.kill(process.pid, FAULTS[how])
                    done[how] += 1
                except ProcessLookupError:
                    pass
            await asyncio.sleep(chance.uniform(0.05, 0.8))
        await connected(devices)
        await asyncio.sleep(2)
        await connected(devices)
        after = say("end")
        print(f"harm     {dict(done)}; restarts {sum(d.counters['restarts'] for d in devices)}")
        print(f"more     {dict(after - before)}, fewer {dict(before - after)}")
        for task in using:
            task.cancel()
        await asyncio.gather(*using, return_exceptions=True)
        await operations.stop()
        await registry.stop()
        left = say("stopped")
        print(f"left     {dict(left - empty)}")


def main() -> None:
    """Read the command line and soak."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--devices", type=int, default=4)
    parser.add_argument("--loop", choices=["uvloop", "asyncio"], default="uvloop")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    logging.disable()
    sys.path.insert(0, str(DRIVERS))
    os.environ["PYTHONPATH"] = f"{DRIVERS}{os.pathsep}{ROOT}"
    run = uvloop.run if chosen.loop == "uvloop" else asyncio.run
    run(soak(chosen.seconds, chosen.devices, random.Random(chosen.seed)))


if __name__ == "__main__":
    main()
