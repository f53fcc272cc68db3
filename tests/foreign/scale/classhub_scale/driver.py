"""A scale on a serial line (9600 baud, 8N1) that says unasked what it weighs."""

import asyncio

from classhub_scale.contract import Scale, Weighing
from hub.device import (
    BadSettings,
    Call,
    DeviceSettings,
    NoInput,
    UsbMatch,
    WrongDevice,
)

MOST_ANSWERS = 20


class LineScale(Scale):
    """Line scale.

    It says `S grams S` for each weighing (`U` at the end while it moves) and `OVER grams` when it
    bears no more. It is asked with `ID`, `RATE [hertz]` and `TARE`, and answers with the same word.
    """

    discovery = (UsbMatch(subsystem="tty", vendor="0403", product="6015"),)

    class Settings(DeviceSettings):
        port: str = ""

    settings: Settings

    async def connect(self) -> None:
        port = self.settings.port or (self.found and self.found.node("tty"))
        if not port:
            raise BadSettings("port: name the serial line, or choose the scale where it is found")
        self._answers: dict[str, asyncio.Queue[list[str]]] = {
            word: asyncio.Queue(MOST_ANSWERS) for word in ("ID", "RATE", "TARE")
        }
        self._weighed = asyncio.get_running_loop().create_future()
        self._line = await self.transports.serial(port, baudrate=9600)
        await self._line.forget_input()
        self.background(self._listen())
        what, *about = await self._ask("ID")
        if what != "SCALE":
            raise WrongDevice(f"it says that it is {what!r}")
        self.narrow(Scale.mass, minimum=-float(about[0]), maximum=float(about[0]))
        async with asyncio.timeout(3):
            await self._weighed

    async def disconnect(self) -> None:
        if hasattr(self, "_line"):
            self._line.close()

    @Scale.mass.read
    async def _read_mass(self) -> float:
        return self._grams

    @Scale.rate.read
    async def _read_rate(self) -> int:
        return int((await self._ask("RATE"))[0])

    @Scale.rate.write
    async def _write_rate(self, hertz: int) -> None:
        await self._ask(f"RATE {hertz}")

    @Scale.tare.run
    async def _tare(self, call: Call[NoInput]) -> float:
        answer = await self._ask("TARE")
        while answer[0] != "DONE":
            await call.progress(int(answer[0]) / 100)
            answer = await self._answer("TARE")
        return float(answer[1])

    async def _listen(self) -> None:
        while True:
            async with asyncio.timeout(5):  # within which something must make sense
                while not self._understood(await self._line.read_until(b"\n")):
                    pass

    def _understood(self, line: bytes) -> bool:
        try:
            self._hear(line.decode("ascii").split())
        except ValueError:  # spoilt on its way
            return False
        return True

    def _hear(self, words: list[str]) -> None:
        match words:
            case ["S", grams, ("S" | "U") as how]:
                self._grams = float(grams)
                self.report(Scale.mass, self._grams)
                self.sample(Scale.weighings, [Weighing(grams=self._grams, steady=how == "S")])
                if not self._weighed.done():
                    self._weighed.set_result(None)
            case ["OVER", grams]:
                self.emit(Scale.overload, float(grams))
            case [word, *answer] if answer and word in self._answers:
                if not self._answers[word].full():
                    self._answers[word].put_nowait(answer)
            case _:
                raise ValueError(words)

    async def _ask(self, words: str) -> list[str]:
        word = words.split(maxsplit=1)[0]
        while not self._answers[word].empty():
            self._answers[word].get_nowait()  # came too late
        await self._line.write(f"{words}\n".encode())
        return await self._answer(word)

    async def _answer(self, word: str) -> list[str]:
        async with asyncio.timeout(3):
            return await self._answers[word].get()


class Balance(LineScale):
    """Line scale of a laboratory: all of them share one process."""

    isolation = "driver"
