"""A thermometer on the network that answers each line of text with one line."""

import asyncio

from classhub_thermometer.contract import Thermometer
from hub.device import DeviceSettings, Unreachable, WrongDevice


class LineThermometer(Thermometer):
    """Line thermometer.

    Knows three words: `ID?`, `T?` and `ALARM [celsius]`.
    """

    class Settings(DeviceSettings):
        host: str
        port: int = 4001

    settings: Settings

    async def connect(self) -> None:
        self._turn = asyncio.Lock()
        try:
            async with asyncio.timeout(3):
                self._reader, self._writer = await asyncio.open_connection(
                    self.settings.host, self.settings.port
                )
        except OSError as error:
            raise Unreachable(str(error)) from error
        if not (name := await self._ask("ID?")).startswith("THERMOMETER"):
            raise WrongDevice(f"it says that it is {name!r}")
        self.omit(Thermometer.too_hot)  # this make of thermometer has no such event

    async def disconnect(self) -> None:
        if hasattr(self, "_writer"):
            self._writer.close()

    @Thermometer.temperature.polled(every=1.0)
    async def _read_temperature(self) -> float:
        return float(await self._ask("T?"))

    @Thermometer.alarm.read
    async def _read_alarm(self) -> float:
        return float(await self._ask("ALARM"))

    @Thermometer.alarm.write
    async def _write_alarm(self, celsius: float) -> None:
        await self._ask(f"ALARM {celsius}")

    async def _ask(self, words: str) -> str:
        try:
            async with self._turn, asyncio.timeout(3):  # one question at a time
                self._writer.write(f"{words}\n".encode())
                answer = await self._reader.readline()
        except OSError as error:
            raise Unreachable(str(error)) from error
        if not answer:
            raise Unreachable("it hung up")
        return answer.decode("ascii", "replace").strip()
