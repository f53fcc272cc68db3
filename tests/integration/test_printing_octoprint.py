"""The whole way to a real OctoPrint: a pupil's slicer sends, the teacher approves, it is printed."""

import asyncio
import contextlib

import pytest

from hub.app import Hub
from hub.device import Role
from hub.devices import DeviceConfig
from hub.settings import Settings
from tests.print_servers import octoprint
from tests.printing import JOBS, PRINTERS, People, hand_in, settled, step, until
from tests.served_printing import gcode

PART = gcode(layers=3, pause=300).encode()


@contextlib.asynccontextmanager
async def classroom(folder):
    """A hub whose printer is a real OctoPrint; a pupil and the teacher."""
    async with octoprint(folder / "octoprint") as server:
        device = DeviceConfig(
            id="prusa",
            driver="octoprint",
            name="Prusa",
            settings={"host": server.host, "port": server.port, "api_key": server.key},
        )
        off = {"microscopy": {"enabled": False}}
        (data := folder / "data").mkdir()
        hub = Hub(Settings(data=data, language="en", plugins=off, devices=[device]))
        await hub.start()
        people = People(hub)
        try:
            async with asyncio.timeout(60):
                while not hub.devices.get("prusa").state.reachable:
                    await asyncio.sleep(0.05)
            yield server, await people.one("Aru", Role.PUPIL), await people.one("T", Role.TEACHER)
        finally:
            await people.close()
            await hub.stop()


async def slicer_sends(pupil, content: bytes) -> dict:
    """Send as PrusaSlicer does, wishing to print at once; return the job."""
    key = pupil.headers["Authorization"].removeprefix("Bearer ")
    answer = await pupil.post(
        "/api/to/prusa/api/files/local",
        files={"file": ("ball.gcode", content)},
        data={"print": "true", "path": ""},
        headers={"Authorization": "", "X-Api-Key": key},
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["effectivePrint"] is False
    return (await pupil.get(f"{JOBS}/{answer.json()['job']}")).json()


@pytest.mark.slow
async def test_from_a_pupils_slicer_to_the_finished_part(tmp_path):
    async with classroom(tmp_path) as (server, pupil, teacher):
        assert (await teacher.post(f"{PRINTERS}/prusa/plate-cleared")).status_code in (
            200,
            204,
            409,
        )
        job = await settled(pupil, await slicer_sends(pupil, PART))
        assert job["state"] == "waiting", job["problem"]
        async with server.client() as octo:
            assert (await octo.get("/api/files/local")).json()["files"] == []
            await step(pupil, job, "approve", 403)
            await step(teacher, job, "approve")
            done = await until(pupil, job, "done", "failed", "cancelled")
            assert done["state"] == "done", done["ending"]
            # One print on one clear plate: the next waits until somebody says that it is.
            other = await settled(pupil, await hand_in(pupil, "cube.gcode", PART, printer="prusa"))
            await step(teacher, other, "approve")
            await asyncio.sleep(1)
            assert (await pupil.get(f"{JOBS}/{other['id']}")).json()["state"] == "queued"
            assert (await octo.get("/api/job")).json()["state"] == "Operational"
            await teacher.post(f"{PRINTERS}/prusa/plate-cleared")
            await until(pupil, other, "printing")
            await step(teacher, other, "pause")
            await step(teacher, other, "resume")
            await step(teacher, other, "cancel")
            assert (await until(pupil, other, "cancelled"))["state"] == "cancelled"
