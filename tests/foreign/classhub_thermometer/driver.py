"""A thermometer on the network that answers each line of text with one line."""

import asyncio

from classhub_thermometer.contract import Thermometer
from hub.device import DeviceSettings, TimedOut, Unreachable, WrongDevice


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
        self._line = await self.transports.tcp(self.settings.host, self.settings.port)
        if not (name := await self._ask("ID?")).startswith("THERMOMETER"):
            raise WrongDevice(f"it says that it is {name!r}")
        self.omit(Thermometer.too_hot)  # this make of thermometer has no such event

    async def disconnect(self) -> None:
        if hasattr(self, "_line"):
            self._line.close()

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
        async with self._turn:  # one question at a time
            await self._line.write(f"{words}\n".encode())
            try:
                answer = await self._line.read_until(b"\n", limit=3)
            except TimedOut as error:
                # Begun anew: a late answer must not be taken for that to the next question.
                raise Unreachable(str(error)) from error
        return answer.decode("ascii", "replace").strip()
