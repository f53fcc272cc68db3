"""The whole way to a real OctoPrint: a pupil's model, the teacher's approval, the finished part."""

import asyncio
import contextlib
import queue
import shutil

import pytest

from hub.app import Hub
from hub.device import Role
from hub.devices import DeviceConfig
from hub.mqtt._broker import find_broker
from hub.mqtt.settings import MqttSettings
from hub.settings import Settings
from tests.mqtt_person import MqttPerson
from tests.print_servers import announced, octoprint
from tests.printing import (
    JOBS,
    OVER,
    PRINTERS,
    People,
    adopted,
    box,
    hand_in,
    settled,
    step,
    until,
)
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
async def classroom(folder, *, found: bool = False, mqtt: bool = False):
    """A hub whose printer is a real OctoPrint; a pupil and the teacher.

    Args:
        folder: of it all.
        found: it announces itself by mDNS, and the engineer adopts what the hub has found.
        mqtt: the hub runs its broker.
    """
    async with octoprint(folder / "octoprint", room=200) as server:
        cable = Cable(server.port)
        await cable.put_in()
        at = {"host": server.host, "port": cable.port}
        key = {"api_key": server.key}
        device = DeviceConfig(id="prusa", driver="octoprint", name="Prusa", settings=at | key)
        off = {"microscopy": {"enabled": False}}
        (data := folder / "data").mkdir()
        hub = Hub(
            Settings(
                data=data,
                language="en",
                plugins=off,
                devices=[] if found else [device],
                mqtt=MqttSettings(enabled=mqtt, port=0),
            )
        )
        await hub.start()
        people = People(hub)
        try:
            if found:
                engineer = await people.one("E", Role.ENGINEER)
                async with announced("_octoprint._tcp", "OctoPrint on prusa", cable.port) as name:
                    await adopted(engineer, name, "octoprint", id="prusa", settings=key)
            async with asyncio.timeout(60):
                while not hub.devices.get("prusa").state.reachable:
                    await asyncio.sleep(0.05)
            pupil = await people.one("Aru", Role.PUPIL)
            teacher = await people.one("T", Role.TEACHER)
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


async def by_mqtt(hub, client, *topics) -> MqttPerson:
    """Return the same person as a client of the API, who speaks by MQTT."""
    secret = client.headers["Authorization"].removeprefix("Bearer ")
    async with asyncio.timeout(30):
        while hub.mqtt.state.status != "connected":
            await asyncio.sleep(0.05)
    token = (await client.get("/api/v1/session")).json()["principal"]["id"]
    return MqttPerson(hub.mqtt.state.port, hub.mqtt.topics.base, token, secret, *topics)


@pytest.mark.slow
@pytest.mark.skipif(
    find_broker() is None or shutil.which("prusa-slicer") is None,
    reason="mosquitto or prusa-slicer is not installed",
)
async def test_from_a_pupils_model_to_the_finished_part_by_api_and_mqtt(tmp_path):
    """OctoPrint is found by mDNS; the hub checks, slices, waits for the teacher, and follows."""
    async with classroom(tmp_path, found=True, mqtt=True) as (server, _, hub, pupil, teacher):
        set_up = await teacher.patch(f"{PRINTERS}/prusa", json={"profile": "virtual"})
        assert set_up.status_code == 200, set_up.text
        wishes = '{"profile": "draft", "infill": 0}'
        job = await settled(pupil, await hand_in(pupil, "tile.stl", box(8, 8, 1), settings=wishes))
        assert job["state"] == "waiting", job["problem"]
        assert job["verdict"]["printable"]
        assert job["estimate"]["layers"] > 2
        async with server.client() as octo:
            assert (await octo.get("/api/files/local")).json()["files"] == []
            with await by_mqtt(hub, teacher, "x/printing/#") as by:
                cleared = asyncio.to_thread(by.done, "x/printing/plate-cleared", printer="prusa")
                assert (await cleared)["plate"]["clear"] is True
                approve = {"job": job["id"], "mark": job["mark"]}
                await asyncio.to_thread(by.done, "x/printing/approve", **approve)
                await runs(hub, job)
                running = (await octo.get("/api/job")).json()
                assert job["id"] in running["job"]["file"]["name"]
                done = await until(pupil, job, *OVER)
                assert (done["state"], done["ending"]) == ("done", None)
                told = await asyncio.to_thread(by.done, "x/printing/get", job=job["id"])
                assert told["state"] == "done"
                assert told["progress"]["layers"] == job["estimate"]["layers"]
                seen = heard_of(by, job["id"])
                assert seen == sorted(seen)
                assert any(0 < fraction < 1 for fraction in seen)
            assert (await octo.get("/api/job")).json()["state"] == "Operational"
            async with asyncio.timeout(30):  # nothing is left there
                while (await octo.get("/api/files/local")).json()["files"]:
                    await asyncio.sleep(0.1)
            warm = (await octo.get("/api/printer")).json()["temperature"]
            assert (warm["tool0"]["target"], warm["bed"]["target"]) == (0, 0)


def heard_of(person: MqttPerson, job: str) -> list[float]:
    """Return how far a job's print was, each time that it was told by MQTT."""
    found = []
    with contextlib.suppress(queue.Empty):
        while True:
            topic, told = person.heard.get_nowait()
            assert topic.startswith("x/printing/printers/")
            if told["job"] is not None:
                assert told["job"]["id"] == job
                found.append(told["job"]["progress"]["fraction"])
    return found


@pytest.mark.slow
async def test_what_a_slicer_sends_is_held_and_printed_on_a_clear_plate_only(tmp_path):
    async with classroom(tmp_path) as (server, _, hub, pupil, teacher):
        job = await settled(pupil, await slicer_sends(pupil, PART))
        assert job["state"] == "waiting", job["problem"]
        async with server.client() as octo:
            assert (await octo.get("/api/files/local")).json()["files"] == []
            await step(pupil, job, "approve", 403)
            await step(teacher, job, "approve")
            await asyncio.sleep(1)
            assert (await pupil.get(f"{JOBS}/{job['id']}")).json()["state"] == "queued"
            assert (await octo.get("/api/files/local")).json()["files"] == []
            assert (await teacher.post(f"{PRINTERS}/prusa/plate-cleared")).status_code == 200
            done = await until(pupil, job, *OVER)
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
