"""Drivers for tests of devices that are found by themselves. Each serves the kind `probe`."""

import asyncio
from pathlib import Path

from probe_drivers import Place, Probe
from pydantic import SecretStr

from hub.device import DeviceSettings, MdnsMatch, Unreachable, UsbMatch


class FoundPen(Probe):
    """Pen that is plugged in."""

    discovery = (UsbMatch(subsystem="hidraw", vendor="056a"),)

    class Settings(DeviceSettings):
        """What a pen is told."""

        top: float = 100.0
        secret: SecretStr | None = None

    async def connect(self) -> None:
        assert self.found is not None
        self._node = self.found.node("hidraw") or "/nowhere"
        await self._read_level()

    async def disconnect(self) -> None:
        await asyncio.sleep(0.2)
        self.emit(Probe.pinged, Place(x=1, y=2))

    @Probe.level.read
    async def _read_level(self) -> float:
        try:
            Path(self._node).read_bytes()
        except OSError as error:
            raise Unreachable(str(error)) from error
        return 1.0

    @Probe.name.polled(every=0.1)
    async def _read_name(self) -> str:
        await self._read_level()
        return f"{self._node} {self.found.serial}"


class SharedPen(FoundPen):
    """Pen that is plugged in; all its devices are in one process."""

    isolation = "driver"
    discovery = (UsbMatch(subsystem="hidraw", vendor="0483"),)


class NetThermometer(Probe):
    """Thermometer that announces itself on the network."""

    discovery = (MdnsMatch(service="_classhubtest._tcp.local.", properties={"kind": "thermo*"}),)

    async def connect(self) -> None:
        assert self.found is not None
        try:
            async with asyncio.timeout(3):
                _, writer = await asyncio.open_connection(self.found.host, self.found.tcp_port)
        except OSError as error:
            raise Unreachable(str(error)) from error
        writer.close()

    @Probe.level.read
    async def _read_level(self) -> float:
        return float(self.found.tcp_port % 100)
