"""A printer's driver in its own process, as the hub runs it: what is left when it is killed."""

import asyncio
import os

import psutil

from drivers.virtual.printer.control import ask
from hub.device import Role
from tests.printers import START, zigzag
from tests.printing import (
    JOBS,
    OVER,
    PRINTERS,
    People,
    hand_in,
    running_hub,
    settled,
    step,
    until,
    virtual_printer,
)


async def printed(by, job):
    """How many lines of a job the printer has taken."""
    progress = (await by.get(f"{JOBS}/{job['id']}")).json()["progress"] or {}
    return progress.get("line") or 0


async def test_a_driver_that_is_killed_leaves_nothing_hot_and_nothing_is_resumed(tmp_path):
    control = tmp_path / "control"
    (tmp_path / "data").mkdir()
    async with (
        virtual_printer(tmp_path, speed=100) as port,
        running_hub(tmp_path / "data", port) as hub,
    ):
        people = People(hub)
        teacher = await people.one("Teacher", Role.TEACHER)
        (await teacher.post(f"{PRINTERS}/printer-1/plate-cleared")).raise_for_status()
        lines = [*START, *zigzag(20_000, step=100)]
        job = await settled(
            teacher, await hand_in(teacher, "part.gcode", "\n".join(lines).encode())
        )
        job = await step(teacher, job, "approve")
        await until(teacher, job, "printing")
        async with asyncio.timeout(60):
            while await printed(teacher, job) < 50:
                await asyncio.sleep(0.05)
        driver = psutil.Process(hub.devices.get("printer-1")._supervisor.process.pid)
        if os.geteuid() == 0:  # as the unit's LimitNICE allows it the service
            assert driver.nice() < psutil.Process().nice(), "it goes before others"
        driver.kill()
        ended = await until(teacher, job, *OVER)
        assert (ended["state"], ended["ending"]["code"]) == ("failed", "interrupted")
        assert ended["ending"]["line"] >= 50
        async with asyncio.timeout(60):
            while not hub.devices.get("printer-1").state.reachable:
                await asyncio.sleep(0.05)
        there = await ask(control, executed=True)
        assert (there["nozzle"][1], there["bed"][1]) == (0, 0), "reached again, it was cooled first"
        await asyncio.sleep(1)
        since = (await ask(control, executed=True))["executed"][len(there["executed"]) :]
        assert not any(text.startswith("G1") for _, text in since)
        assert (await teacher.get(f"{JOBS}/{job['id']}")).json()["state"] == "failed"
        await people.close()
