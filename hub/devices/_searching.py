"""Searching: drivers look for devices that show themselves on no bus, because somebody asked.

Each driver that can search does so in a process of its own, all at once; what one of them cannot is
said beside what the others found.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.device import DriverDescription, Problem
from hub.devices._errors import NothingSearches
from hub.devices._registry import Devices
from hub.driver_host.errors import DriverBroken
from hub.errors import N_
from hub.operations import Progress
from hub.processes import Searched

LONGEST = 60.0
TICK = 0.5
LOOKING = N_("Asking the network and the computer's sockets …")


def searchers(devices: Devices, wanted: Sequence[str] | None = None) -> list[DriverDescription]:
    """Return the drivers that can search, of those that are wanted (all where that is None).

    Raises:
        NothingSearches: none of them can.
    """
    able = [
        driver
        for name, driver in sorted(devices.drivers().items())
        if driver.searching > 0 and (wanted is None or name in wanted)
    ]
    if not able:
        raise NothingSearches(", ".join(wanted or ()) or "no driver")
    return able


@dataclass(frozen=True, slots=True)
class Searching:
    """One search.

    Attributes:
        devices: of the hub.
        drivers: that search, as `searchers` has chosen them.
    """

    devices: Devices
    drivers: Sequence[DriverDescription]

    async def run(self, progress: Progress) -> dict[str, Any]:
        """Return what was found, and which drivers could not search and why, JSON-ready."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        limit = max(min(driver.searching, LONGEST) for driver in self.drivers)
        work = asyncio.gather(*(self._one(driver) for driver in self.drivers))
        try:
            while not work.done():
                progress(min((loop.time() - began) / limit, 0.99), LOOKING)
                await asyncio.wait({work}, timeout=TICK)
            answers = work.result()
        finally:
            work.cancel()
        found: list[dict[str, Any]] = []
        problems: list[dict[str, Any]] = []
        for driver, answer in zip(self.drivers, answers, strict=True):
            if answer.problem is not None:
                told = answer.problem.model_dump(mode="json")
                problems.append({"driver": driver.name, "problem": told})
            found += [
                {
                    "driver": driver.name,
                    **one.model_dump(mode="json"),
                    "device": self._device(driver.name, one.settings),
                }
                for one in answer.found
            ]
        return {"found": found, "problems": problems}

    async def _one(self, driver: DriverDescription) -> Searched:
        try:
            return await self.devices.search(driver.name, min(driver.searching, LONGEST))
        except DriverBroken as error:
            return Searched(found=[], problem=Problem.of(error))

    def _device(self, driver: str, settings: Mapping[str, Any]) -> str | None:
        """Return the device that is reached by these settings already."""
        for device in self.devices.list():
            known = device.config.settings
            if device.driver_name == driver and all(
                str(known.get(name)) == str(value) for name, value in settings.items()
            ):
                return device.id
        return None
