"""Watches what a driver process uses, warns of it, and says when it is too much."""

import asyncio
from collections.abc import Callable
from typing import ClassVar

from hub.device import DeviceError
from hub.errors import N_
from hub.processes._limits import MIB, WARN, Limits
from hub.processes._usage import Usage, proportional, usage


class DriverUsesTooMuch(DeviceError):
    """The driver's process used more than it may and was ended."""

    status: ClassVar[int] = 503
    retryable: ClassVar[bool] = True


class DriverMemory(DriverUsesTooMuch):
    """It used too much memory."""

    code: ClassVar[str] = "driver-memory"
    title: ClassVar[str] = N_("The driver of this device uses too much memory.")
    hint: ClassVar[str] = N_(
        "Tell the lab engineer. The limit is `memory` below [drivers] in the settings."
    )


class DriverCpu(DriverUsesTooMuch):
    """It kept the processor busy though nobody had asked it for anything."""

    code: ClassVar[str] = "driver-cpu"
    title: ClassVar[str] = N_("The driver of this device keeps the computer busy for nothing.")
    hint: ClassVar[str] = N_(
        "Tell the lab engineer. The limit is `cpu` below [drivers] in the settings."
    )


class DriverProcesses(DriverUsesTooMuch):
    """It started too many processes."""

    code: ClassVar[str] = "driver-processes"
    title: ClassVar[str] = N_("The driver of this device has started too many programs.")
    hint: ClassVar[str] = N_(
        "Tell the lab engineer. The limit is `processes` below [drivers] in the settings."
    )


class Watch:
    """Looks at one process from time to time.

    Args:
        pid: of the process.
        limits: what it may use.
        asked: tells whether somebody has wanted something of it since the last time it was called.
        on_warning: called with what is near its limit, and with None when it is so no more.
        on_over: called once, with what was too much.

    Attributes:
        used: what it used when it was looked at last.
        pss: its memory when that was last looked at closely, 0 while it was never near the limit.
    """

    def __init__(
        self,
        pid: int,
        limits: Limits,
        *,
        asked: Callable[[], bool],
        on_warning: Callable[[DriverUsesTooMuch | None], None],
        on_over: Callable[[DriverUsesTooMuch], None],
    ) -> None:
        self.used = Usage(0, 0.0, 0)
        self.pss = 0
        self._pid = pid
        self._limits = limits
        self._asked = asked
        self._on_warning = on_warning
        self._on_over = on_over
        self._idle_cpu = 0.0
        self._warned: type[DriverUsesTooMuch] | None = None

    async def run(self) -> None:
        """Look until it is too much, or the process is gone."""
        loop = asyncio.get_running_loop()
        last = loop.time()
        while True:
            await asyncio.sleep(self._limits.look)
            used = await asyncio.to_thread(usage, self._pid)
            if used is None:
                return
            now = loop.time()
            self._count_cpu(used.cpu - self.used.cpu, now - last)
            self.used, last = used, now
            warn = int(self._limits.memory * WARN)
            self.pss = 0
            if used.rss > warn:
                self.pss = await asyncio.to_thread(proportional, self._pid)
            if (over := self._over()) is not None:
                self._on_over(over)
                return
            self._warn(self._near(warn))

    def _count_cpu(self, spent: float, seconds: float) -> None:
        if self._asked():
            self._idle_cpu = 0.0
        else:
            self._idle_cpu = max(0.0, self._idle_cpu + spent - self._limits.spare * seconds)

    def _over(self) -> DriverUsesTooMuch | None:
        limits = self._limits
        if self.pss > limits.memory:
            return DriverMemory(f"{_mib(self.pss)} of {_mib(limits.memory)}")
        if self._idle_cpu > limits.cpu:
            return DriverCpu(f"{self._idle_cpu:.0f} s of processor time that nobody asked for")
        if self.used.processes > limits.processes:
            return DriverProcesses(f"{self.used.processes}, {limits.processes} at most")
        return None

    def _near(self, warn: int) -> DriverUsesTooMuch | None:
        if self.pss > warn:
            return DriverMemory(f"{_mib(self.pss)} of {_mib(self._limits.memory)}")
        if self._idle_cpu > self._limits.cpu / 3:
            return DriverCpu(f"{self._idle_cpu:.0f} s of processor time that nobody asked for")
        return None

    def _warn(self, near: DriverUsesTooMuch | None) -> None:
        """Tell a change once, not each figure."""
        if self._warned is not (None if near is None else type(near)):
            self._warned = None if near is None else type(near)
            self._on_warning(near)


def _mib(size: int) -> str:
    return f"{size / MIB:.0f} MiB"
