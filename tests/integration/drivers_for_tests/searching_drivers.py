"""Drivers for tests of searches. Each serves the kind `probe`."""

import asyncio
from collections.abc import Callable

from probe_drivers import Probe

from hub.device import N_, Candidate, DeviceError, DeviceSettings


class Deaf(DeviceError):
    """It cannot ask."""

    code = "deaf"
    title = N_("Nobody can be asked.")
    hint = N_("Mend it.")


class Seeker(Probe):
    """Probe that is found by a search."""

    searching = 5.0

    class Settings(DeviceSettings):
        """Where it is."""

        host: str = "127.0.0.1"
        port: int = 1

    @classmethod
    async def search(cls, heard: Callable[[Candidate], None]) -> None:
        print("what a driver prints is no answer")
        for number in (7, 8, 7):
            await asyncio.sleep(0.05)
            host = f"192.0.2.{number}"
            heard(Candidate(title=f"Probe <{number}>", place=host, settings={"host": host}))

    @Probe.level.read
    async def _read_level(self) -> float:
        return 1.0


class Endless(Seeker):
    """One that searches for ever, and makes up more than can be believed."""

    searching = 2.0

    @classmethod
    async def search(cls, heard: Callable[[Candidate], None]) -> None:
        for number in range(1000):
            heard(Candidate(place=str(number), settings={"port": number + 1}))
        await asyncio.sleep(3600)


class Refused(Seeker):
    """One that cannot ask."""

    @classmethod
    async def search(cls, heard: Callable[[Candidate], None]) -> None:
        raise Deaf("no network")


class Broken(Seeker):
    """One that is written wrongly."""

    @classmethod
    async def search(cls, heard: Callable[[Candidate], None]) -> None:
        raise RuntimeError("oops")


class Long(Seeker):
    """One whose search takes half a minute."""

    searching = 30.0

    @classmethod
    async def search(cls, heard: Callable[[Candidate], None]) -> None:
        await asyncio.sleep(3600)
