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

PART = gcode(layers=6, pause=500).encode()


class Cable:
    """The way between hub and OctoPrint: a cable that can be pulled and put back."""

    def __init__(self, port: int) -> None:
        self._far = port
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def put_in(self) -> None:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def pull(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in list(self._talks):
            writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._far)
        both = {writer, far_writer}
        self._talks |= both
        with contextlib.suppress(OSError):
            await asyncio.gather(_pour(reader, far_writer), _pour(far_reader, writer))
        self._talks -= both


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()


@contextlib.asynccontextmanager
async def classroom(folder):
    """A hub whose printer is a real OctoPrint; a pupil and the teacher."""
    async with octoprint(folder / "octoprint") as server:
        cable = Cable(server.port)
        await cable.put_in()
        device = DeviceConfig(
            id="prusa",
            driver="octoprint",
            name="Prusa",
            settings={"host": server.host, "port": cable.port, "api_key": server.key},
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
            pupil, teacher = (
                await people.one("Aru", Role.PUPIL),
                await people.one("T", Role.TEACHER),
            )
            yield server, cable, hub, pupil, teacher
        finally:
            await cable.pull()
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


async def runs(hub, job: dict) -> None:
    """Wait until OctoPrint prints a job: it takes a while to get there once it was approved."""
    async with asyncio.timeout(30):
        while hub.devices.get("prusa").readings["progress"].value["job"] != job["id"]:
            await asyncio.sleep(0.05)


@pytest.mark.slow
async def test_from_a_pupils_slicer_to_the_finished_part(tmp_path):
    async with classroom(tmp_path) as (server, _, hub, pupil, teacher):
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
            await runs(hub, other)
            await step(teacher, other, "pause")
            await step(teacher, other, "resume")
            await step(teacher, other, "cancel")
            assert (await until(pupil, other, "cancelled"))["state"] == "cancelled"


@pytest.mark.slow
async def test_the_print_goes_on_without_the_network_and_its_end_is_learnt_afterwards(tmp_path):
    async with classroom(tmp_path) as (server, cable, hub, pupil, teacher):
        await teacher.post(f"{PRINTERS}/prusa/plate-cleared")
        job = await settled(pupil, await slicer_sends(pupil, PART))
        await step(teacher, job, "approve")
        await until(pupil, job, "printing")
        prusa = hub.devices.get("prusa")
        await runs(hub, job)
        await cable.pull()
        async with asyncio.timeout(30):
            while prusa.state.reachable:
                await asyncio.sleep(0.05)
        assert prusa.state.problem.code == "unreachable-prints-on"
        async with server.client() as octo, asyncio.timeout(60):
            while (await octo.get("/api/job")).json()["state"] != "Operational":
                await asyncio.sleep(0.2)
        assert (await pupil.get(f"{JOBS}/{job['id']}")).json()["state"] == "printing"
        await cable.put_in()
        done = await until(pupil, job, "done", "failed", "cancelled")
        assert done["state"] == "done", done["ending"]
