"""A microscope shown to video calls: the API, a camera on the network, and the program that writes.

The kernel's node is played: what would go to it goes to a file. A kernel is in tests/lab.
"""

import asyncio
import io
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from PIL import Image

from hub.api.application import Api
from hub.app import Hub
from hub.device import Role
from hub.devices import DeviceConfig
from hub.settings import Settings
from plugins.virtualcamera import camera as module
from plugins.virtualcamera import service, writing
from plugins.virtualcamera.nodes import nodes
from plugins.virtualcamera.writing.output import Mode
from plugins.virtualcamera.writing.pictures import card, from_jpeg
from tests.peers import serving

pytestmark = pytest.mark.asyncio(loop_scope="module")
PLAYER = Path(__file__).with_name("loopback_player.py")
OTHERS = ("globe", "health", "inventory", "panel", "printing", "tablets", "touch", "whiteboard")
MODE = Mode(320, 240, 640, 320 * 240 * 2)
SETTINGS = {"nodes": ["/dev/video60", "/dev/video61"], "width": 320, "height": 240, "rate": 10}
AT = "/virtual-cameras/video60"


class Camera:
    """An MJPEG camera whose picture is another shade each time, while it is switched on."""

    def __init__(self) -> None:
        self.on = asyncio.Event()
        self.on.set()
        self.sent = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        kind = "multipart/x-mixed-replace; boundary=frame"
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n".encode())
        while True:
            await self.on.wait()
            self.sent += 1
            out = io.BytesIO()
            Image.new("RGB", (320, 240), (self.sent * 3 % 200 + 40, 90, 160)).save(out, "JPEG")
            data = out.getvalue()
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
            writer.write(head.encode() + data + b"\r\n")
            await writer.drain()
            await asyncio.sleep(0.05)


class Room:
    """A hub with a camera, two played nodes, and clients of the API."""

    def __init__(self, hub: Hub, camera: Camera, node: Path) -> None:
        self.hub = hub
        self.camera = camera
        self.node = node
        self.api = Api(hub)

    async def client(self, role: Role) -> httpx.AsyncClient:
        secret, _ = await self.hub.school.create_token(role, role.value)
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.api),
            base_url="http://localhost:8420/api/v1",
            headers={"Authorization": f"Bearer {secret}", "Accept-Language": "en"},
        )

    def told(self) -> list[dict[str, Any]]:
        (message,) = self.hub.bus.retained("x/virtualcamera/state")
        return message.payload["cameras"]

    def last(self) -> bytes:
        """The last whole picture that a reader of the node was given."""
        data = self.node.read_bytes()
        end = len(data) // MODE.size * MODE.size
        return data[max(end - MODE.size, 0) : end]

    def shows(self) -> bool:
        """Whether that is a picture of the microscope's, exactly."""
        frames = self.hub.devices.get("scope").frames("view")
        last = self.last()
        return any(from_jpeg(one.data, MODE) == last for one in frames._ring[-20:])


async def until(wanted: Any, what: str, limit: float = 60.0) -> None:
    try:
        async with asyncio.timeout(limit):
            while not wanted():
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(what) from None


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def room(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Room]:
    folder = tmp_path_factory.mktemp("virtual-camera")
    for name, title in (("video60", "Classroom microscope"), ("video61", "Classroom microscope 2")):
        (folder / "sys" / name).mkdir(parents=True)
        (folder / "sys" / name / "name").write_text(f"{title}\n")
    node = folder / "node"
    node.touch()
    (folder / "data").mkdir()
    camera = Camera()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "nodes", lambda named: nodes(named, folder / "sys"))
        patch.setattr(module, "STALE", 1.0)
        patch.setattr(writing, "PROGRAM", (sys.executable, str(PLAYER), str(node)))
        async with serving(camera.serve) as port:
            scope = DeviceConfig(
                id="scope", driver="stream", settings={"url": f"http://127.0.0.1:{port}"}
            )
            settings = Settings(
                data=folder / "data",
                language="en",
                devices=[scope],
                plugins={
                    "virtualcamera": SETTINGS,
                    **{name: {"enabled": False} for name in OTHERS},
                },
            )
            hub = Hub(settings)
            await hub.start()
            made = Room(hub, camera, node)
            try:
                await until(lambda: hub.devices.get("scope").state.reachable, "it is there")
                yield made
            finally:
                await made.api.stop()
                await hub.stop()


async def test_off_until_a_teacher_presses_and_then_the_very_pictures(room: Room) -> None:
    teacher, pupil = await room.client(Role.TEACHER), await room.client(Role.PUPIL)
    async with teacher, pupil:
        answer = (await pupil.get("/virtual-cameras")).json()
        assert (answer["width"], answer["height"], answer["rate"]) == (320, 240, 10)
        assert [(one["name"], one["on"]) for one in answer["items"]] == [
            ("Classroom microscope", False),
            ("Classroom microscope 2", False),
        ]
        assert [one["on"] for one in room.told()] == [False, False]
        assert (await pupil.put(AT, json={"device": "scope"})).status_code == 403
        assert (await pupil.delete(AT)).status_code == 403
        assert room.node.stat().st_size == 0

        made = await teacher.put(AT, json={"device": "scope"})
        assert made.status_code == 200, made.text
        assert (made.json()["on"], made.json()["device"]) == (True, "scope")
        await until(lambda: room.told()[0]["live"], "programs get the picture")
        await until(room.shows, "and it is the microscope's, bit by bit")
        answer = (await pupil.get("/virtual-cameras")).json()
        assert [one["on"] for one in answer["items"]] == [True, False], "pupils see that it is on"
        again = await teacher.put(AT, json={"device": "scope"})
        assert again.status_code == 200

        assert (await teacher.delete(AT)).status_code == 204
        assert (await teacher.delete(AT)).status_code == 204
        assert not room.told()[0]["on"]
        size = room.node.stat().st_size
        await asyncio.sleep(0.5)
        assert room.node.stat().st_size == size, "nothing is written any more"
    noted = await room.hub.audit.entries(action="virtualcamera.*")
    assert {one.action for one in noted.items} == {"virtualcamera.on", "virtualcamera.off"}


async def test_what_cannot_be_is_refused_with_what_to_do(room: Room, monkeypatch: Any) -> None:
    async with await room.client(Role.TEACHER) as teacher:
        assert (await teacher.put(AT, json={"device": "none"})).status_code == 404
        gone = await teacher.put("/virtual-cameras/video9", json={"device": "scope"})
        assert (gone.status_code, gone.json()["hint"]) == (
            404,
            "Load the page again: it shows those that are there.",
        )
        monkeypatch.setattr(service, "nodes", lambda named: [])
        none = await teacher.put(AT, json={"device": "scope"})
        assert (none.status_code, none.json()["code"]) == (503, "no-virtual-camera")
        assert (await teacher.get("/virtual-cameras")).json()["items"] == []


async def test_a_card_stands_for_a_picture_that_does_not_come(room: Room) -> None:
    async with await room.client(Role.TEACHER) as teacher:
        await teacher.put(AT, json={"device": "scope"})
        await until(room.shows, "the picture")
        room.camera.on.clear()
        try:
            await until(lambda: not room.told()[0]["live"], "it is told")
            title, text = "No picture from the microscope", "The device took too long to answer."
            assert (await teacher.get("/virtual-cameras")).json()["items"][0]["code"] is None
            await until(lambda: room.last() == card(title, text, MODE), "the card")
        finally:
            room.camera.on.set()
        await until(room.shows, "the picture is back by itself")
        await teacher.delete(AT)


async def test_it_goes_off_with_the_lesson(room: Room) -> None:
    async with await room.client(Role.TEACHER) as teacher:
        lesson = (await teacher.post("/lessons", json={"title": "Cells"})).json()
        on = (await teacher.put(AT, json={"device": "scope"})).json()
        assert on["lesson"] == lesson["id"]
        other = await teacher.put("/virtual-cameras/video61", json={"device": "scope"})
        assert other.json()["on"], "two at once"
        assert (await teacher.post(f"/lessons/{lesson['id']}/end")).status_code == 200
        await until(lambda: not any(one["on"] for one in room.told()), "both are off")


async def test_without_a_lesson_it_goes_off_after_a_while(room: Room, monkeypatch: Any) -> None:
    (cameras,) = [
        one.plugin._cameras for one in room.hub.plugins.running if one.name == "virtualcamera"
    ]
    async with await room.client(Role.TEACHER) as teacher:
        assert (await teacher.put(AT, json={"device": "scope"})).json()["lesson"] is None
        cameras._until["video60"] = 0.0
        await until(lambda: not room.told()[0]["on"], "it is off")


async def test_a_node_that_another_program_has_is_told_and_taken_once_it_is_free(
    room: Room, monkeypatch: Any
) -> None:
    monkeypatch.setattr(writing, "PROGRAM", (sys.executable, "-m", "plugins.virtualcamera.writing"))
    node = service.nodes(["/dev/video60"])[0]
    null = type(node)(node.id, "/dev/null", node.title)  # a device that takes no such calls
    monkeypatch.setattr(service, "nodes", lambda named: [null])
    async with await room.client(Role.TEACHER) as teacher:
        await teacher.put(AT, json={"device": "scope"})
        await until(lambda: room.told()[0]["code"] is not None, "it is told")
        (one,) = (await teacher.get("/virtual-cameras")).json()["items"]
        assert (one["on"], one["live"], one["code"]) == (True, False, "virtual-camera-failed")
        assert one["hint"].startswith("It is tried again by itself.")
        monkeypatch.setattr(writing, "PROGRAM", (sys.executable, str(PLAYER), str(room.node)))
        await until(lambda: room.told()[0]["live"], "it comes by itself")
        assert (await teacher.get("/virtual-cameras")).json()["items"][0]["title"] == ""
        await teacher.delete(AT)
