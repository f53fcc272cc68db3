"""Drivers for tests: they talk too much, hold on to their devices, and do not end when told to."""

import asyncio
import signal
import time

from probe_drivers import Probe, Steps
from pydantic import SecretStr

from hub.device import Call, DeviceSettings, Unreachable


class Talkative(Probe):
    """Talkative probe: what is said of it is not fit for a page, and it tells its password."""

    class Settings(DeviceSettings):
        """What it is told."""

        password: SecretStr
        address: str = ""

    async def connect(self) -> None:
        secret = self.settings.password.get_secret_value()
        self.log.warning("cannot sign in with %s at %s", secret, self.settings.address)
        self.log.warning("<script>\x1b[31m\x00\u202e\nforged line\r%s", "x" * 1_000_000)
        raise Unreachable(f"{secret} is not the password of {self.settings.address}")

    @Probe.level.read
    async def _read_level(self) -> float:
        return 1.0


class Busy(Probe):
    """Busy probe: all of them in one process; what they do takes long."""

    isolation = "driver"

    async def connect(self) -> None:
        self._level = 1.0

    @Probe.level.read
    async def _read_level(self) -> float:
        return self._level

    @Probe.level.write
    async def _write_level(self, value: float) -> None:
        await asyncio.sleep(1)
        self._level = value

    @Probe.count.run
    async def _count(self, call: Call[Steps]) -> Steps:
        await asyncio.sleep(call.input.to)
        return call.input


class Clinging(Busy):
    """Clinging probe: it does not let go of its device, and its process does not want to end."""

    isolation = "device"

    async def connect(self) -> None:
        await super().connect()
        asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)

    async def disconnect(self) -> None:
        time.sleep(3600)  # that is what is wrong with it


class ClingingTogether(Busy):
    """Clinging probe of which all are in one process."""

    async def disconnect(self) -> None:
        await asyncio.sleep(3600)
