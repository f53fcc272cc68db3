"""Driver processes wrecked at random for as long as one likes, beside devices that are left alone.

python -m tests.bench soak [--minutes 60] [--faults N] [--victims 4] [--seed 1] [--loop uvloop]

By hand; `tests/integration/test_soak.py` runs a short one. What is told at the end: how the hub's
side was before and after, what the devices that were left alone missed, and what was left over.
"""

import argparse
import asyncio
import contextlib
import gc
import logging
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import uvloop

from hub.bus import Bus
from hub.bus import Message as BusMessage
from hub.devices import DeviceConfig, DeviceHandle, Devices
from hub.errors import HubError
from hub.frames import LiveFrame
from hub.operations import Operations
from hub.processes import Limits, Timing
from hub.processes._usage import MARK
from hub.rights import SYSTEM

ROOT = Path(__file__).parents[2]
DRIVERS = ROOT / "tests" / "integration" / "drivers_for_tests"
QUICK = Timing(
    heartbeat=0.2, silence=2.0, grace=0.5, connect=2.0, disconnect=0.5, again=0.05, again_most=0.2,
    restart=0.05, restart_most=0.2, fault=0.5,
)  # fmt: skip
TIGHT = Limits(memory=150 << 20, cpu=3.0, spare=0.3, processes=16, files=300, look=0.3, endings=99)
SIGNALS = {"SIGKILL": signal.SIGKILL, "SIGSTOP": signal.SIGSTOP, "SIGTERM": signal.SIGTERM}
WAYS = (
    "exit", "abort", "spin", "spin in a thread", "leak", "grab", "files", "children", "orphan",
    "print", "ignore SIGTERM", "garbage", "garbage as frames", "nested", "oversized",
    "oversized frame", "never-ending", "never-ending frame", "close control", "close frames",
    "flood", "late",
)  # fmt: skip
PATIENCE = 90.0
DRIVERS_USED = {
    "wreck": "wreck_drivers:Wreck",
    "wrecks": "wreck_drivers:SharedWreck",
    "calm": "wreck_drivers:Wreck",
    "calms": "wreck_drivers:SharedWreck",
}


@dataclass
class Side:
    """How the hub's side is at one moment: open files by kind, tasks, threads, children, memory."""

    files: Counter[str]
    tasks: int
    threads: int
    children: int
    memory: int

    @classmethod
    def now(cls) -> "Side":
        """Look."""
        gc.collect()
        process = psutil.Process()
        memory = process.memory_full_info().uss
        children = len(process.children(recursive=True))
        return cls(files(), len(asyncio.all_tasks()), process.num_threads(), children, memory)

    def __str__(self) -> str:
        return (
            f"files {self.files.total()}, tasks {self.tasks}, threads {self.threads},"
            f" children {self.children}, memory {self.memory / 1e6:.1f} MB"
        )


@dataclass
class Told:
    """What a soak has found.

    Attributes:
        empty, before, after, left: the hub's side: nothing started, running, harmed, stopped.
        faults: how often each way was used. restarts: of the victims, by cause.
        calm: what each device that was left alone told: events, gaps among them, pictures, gaps,
            losses, restarts.
        strays: processes that were left over.
    """

    empty: Side
    before: Side
    after: Side
    left: Side
    faults: Counter[str]
    restarts: Counter[str]
    calm: dict[str, "Calm"]
    memory: list[int] = field(default_factory=list)
    strays: list[int] = field(default_factory=list)

    def floors(self) -> tuple[int, int]:
        """Return the lowest memory of the first and of the last sixth of the looks, in bytes.

        A single look meets a frame of 20 MB that is just on its way, or none; a leak raises all.
        """
        some = max(1, len(self.memory) // 6)
        return min(self.memory[:some]), min(self.memory[-some:])


class Calm:
    """Follows one device that nobody harms."""

    def __init__(self, device: DeviceHandle, bus: Bus) -> None:
        self.device = device
        self.events = self.gaps = self.pictures = self.begun_anew = 0
        self.losses = self.restarts = 0
        self.pid = _pid(device)
        self.moved = False
        self._last: int | None = None
        self._picture = 0
        self._leave: list[Callable[[], None]] = [
            bus.subscribe(f"{device.id}/e/ticked", self._heard),
            device.frames("view").watch(self._seen),
        ]

    def _heard(self, message: BusMessage) -> None:
        number = message.payload["data"]["number"]
        self.events += 1
        self.gaps += self._last is not None and number != self._last + 1
        self._last = number

    def _seen(self, frame: LiveFrame) -> None:
        number = int(frame.data[-10:-2])
        self.pictures += 1
        self.begun_anew += number <= self._picture
        self._picture = number

    def end(self) -> None:
        """Stop following, and take down what was counted of it."""
        for leave in self._leave:
            leave()
        counters = self.device.counters
        self.losses, self.restarts = counters["losses"], counters["restarts"]
        self.moved = _pid(self.device) != self.pid

    def __str__(self) -> str:
        return (
            f"{self.events} events with {self.gaps} gaps, {self.pictures} pictures,"
            f" begun anew {self.begun_anew}, lost {self.losses}, restarted {self.restarts}"
        )


def files() -> Counter[str]:
    """Return what the open files of this process are, without their numbers."""
    found: Counter[str] = Counter()
    for fd in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # the directory's own
            found[str(fd.readlink()).partition(":[")[0]] += 1
    return found


def strays() -> list[int]:
    """Return the driver processes of this one, and what they started, wherever that went."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            ours = process.environ().get(MARK, "").startswith(f"{os.getpid():08x}")
            if ours and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
    return found


def _pid(device: DeviceHandle) -> int | None:
    process = None if device._supervisor is None else device._supervisor.process
    return None if process is None else process.pid


async def connected(devices: list[DeviceHandle]) -> None:
    """Wait until all are."""
    end = time.monotonic() + PATIENCE
    while down := [device for device in devices if not device.state.reachable]:
        if time.monotonic() > end:
            raise TimeoutError(str([(device.id, device.state) for device in down]))
        await asyncio.sleep(0.02)


async def use(device: DeviceHandle) -> None:
    """Write all the time, whatever is answered."""
    number = 0
    while True:
        number += 1
        with contextlib.suppress(HubError):
            await device.write("level", number % 90)
        await asyncio.sleep(0.02)


def harm(device: DeviceHandle, how: str) -> bool:
    """Do it; False where the device is just down."""
    try:
        if how in SIGNALS:
            os.kill(_pid(device) or 1 << 30, SIGNALS[how])
        else:
            device.invoke("wreck", {"how": how}, by=SYSTEM)
    except (HubError, ProcessLookupError, OverflowError):
        return False
    return True


async def soak(
    chance: random.Random, *, faults: int, seconds: float = 0.0, victims: int = 4
) -> Told:
    """Run the devices, harm the victims, follow the others.

    Args:
        chance: chooses victim, way and pause.
        faults: at least so many, each way once in a while.
        seconds: and at least so long.
        victims: half of them in processes of their own, half in one that they share.
    """
    with tempfile.TemporaryDirectory() as cache:
        empty = Side.now()
        bus = Bus()
        operations = Operations(bus)
        registry = Devices(
            bus,
            operations,
            cache=Path(cache),
            extra_drivers=DRIVERS_USED,
            timing=QUICK,
            limits=lambda _: TIGHT,
        )
        own = [DeviceConfig(id=f"own{n}", driver="wreck") for n in range(victims - victims // 2)]
        shared = [DeviceConfig(id=f"shared{n}", driver="wrecks") for n in range(victims // 2)]
        alone = [DeviceConfig(id="calm", driver="calm")]
        alone += [DeviceConfig(id=f"calms{n}", driver="calms") for n in range(2)]
        await registry.start([*own, *shared, *alone])
        await connected(registry.list())
        harmed = [registry.get(config.id) for config in (*own, *shared)]
        calm = {config.id: Calm(registry.get(config.id), bus) for config in alone}
        using = [asyncio.create_task(use(each), name=f"use {each.id}") for each in registry.list()]
        await asyncio.sleep(3)
        before = Side.now()
        memory = [before.memory]
        done: Counter[str] = Counter()
        ways = _ways(chance)
        end, minute = time.monotonic() + seconds, time.monotonic() + 60
        while done.total() < faults or time.monotonic() < end:
            how = next(ways)
            while not harm(chance.choice(harmed), how):
                await asyncio.sleep(0.05)
            done[how] += 1
            await asyncio.sleep(chance.uniform(0.05, 0.7))
            if time.monotonic() > minute:
                minute += 60
                memory.append(Side.now().memory)
                print(f"         {done.total()} faults, {memory[-1] / 1e6:.1f} MB", flush=True)
        # What still ails a victim (a leak, say) shall not end it after the last look.
        for victim in harmed:
            harm(victim, "SIGKILL")
        await asyncio.sleep(QUICK.silence + 1)
        await connected(registry.list())
        restarts: Counter[str] = Counter()
        for supervisor in {id(v._supervisor): v._supervisor for v in harmed}.values():
            assert supervisor is not None
            restarts.update(supervisor._causes)
        after = Side.now()
        for one in calm.values():
            one.end()
        for task in using:
            task.cancel()
        await asyncio.gather(*using, return_exceptions=True)
        await operations.stop()
        await registry.stop()
        return Told(
            empty, before, after, Side.now(), done, restarts, calm, [*memory, after.memory],
            strays(),
        )  # fmt: skip


def _ways(chance: random.Random) -> Iterator[str]:
    """Yield every way in random order, again and again."""
    while True:
        ways = [*WAYS, *SIGNALS]
        chance.shuffle(ways)
        yield from ways


def surroundings() -> dict[str, str]:
    """Return the environment in which driver processes find the drivers for tests."""
    return {"PYTHONPATH": f"{DRIVERS}{os.pathsep}{ROOT}"}


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and soak."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench soak")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--faults", type=int, default=100)
    parser.add_argument("--victims", type=int, default=4)
    parser.add_argument("--loop", choices=["uvloop", "asyncio"], default="uvloop")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    logging.disable()
    sys.path.insert(0, str(DRIVERS))
    os.environ.update(surroundings())
    run = uvloop.run if chosen.loop == "uvloop" else asyncio.run
    chance = random.Random(chosen.seed)
    work = soak(chance, faults=chosen.faults, seconds=60 * chosen.minutes, victims=chosen.victims)
    told = run(work)
    for name in ("empty", "before", "after", "left"):
        print(f"{name:<8} {getattr(told, name)}")
    print(f"faults   {told.faults.total()}: {dict(told.faults)}")
    print(f"restarts {told.restarts.total()}: {dict(told.restarts)}")
    for name, one in told.calm.items():
        print(f"{name:<8} {one}")
    print(f"more     files {dict(told.after.files - told.before.files)}")
    first, last = told.floors()
    print(f"memory   {100 * (last / first - 1):+.1f} % (to reach: within 5 %)")
    print(f"left     files {dict(told.left.files - told.empty.files)}, processes {told.strays}")


if __name__ == "__main__":
    main()
