"""Captures, the whole way: a camera on the network, its driver's process, the API, the store."""

import asyncio
import hashlib
import io
import os
import signal
import sys
import xml.etree.ElementTree as ET
from datetime import datetime

import httpx
import pytest
import pytest_asyncio
import sqlalchemy as sa
from PIL import Image

from hub.api.application import Api
from hub.app import Hub
from hub.bus import Message
from hub.device import Role
from hub.devices import DeviceConfig
from hub.settings import Settings
from plugins.microscopy.jpeg import scan
from plugins.microscopy.tables import Base, CaptureRow
from tests.peers import serving

pytestmark = pytest.mark.asyncio(loop_scope="module")
CAPTURES = "/api/v1/microscopes/scope-1/captures"
XMP_DATE = ".//{http://ns.adobe.com/xap/1.0/}CreateDate"


class Camera:
    """An MJPEG camera that remembers each picture it has sent; its pictures have a JFIF header."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def picture(self) -> bytes:
        out = io.BytesIO()
        shade = len(self.sent) * 5 % 256
        Image.new("RGB", (320, 240), (shade, 255 - shade, 128)).save(out, "JPEG")
        self.sent.append(out.getvalue())
        return out.getvalue()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n"
        )
        while True:
            data = self.picture()
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
            writer.write(head.encode() + data + b"\r\n")
            await writer.drain()
            await asyncio.sleep(0.03)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def camera():
    camera = Camera()
    async with serving(camera.serve) as port:
        camera.address = f"http://127.0.0.1:{port}"
        yield camera


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def hub(camera, tmp_path_factory):
    devices = [
        DeviceConfig(
            id="scope-1",
            driver="stream",
            name="Microscope by the window",
            settings={"url": camera.address},
        )
    ]
    hub = Hub(Settings(data=tmp_path_factory.mktemp("data"), devices=devices, language="en"))
    await hub.start()
    async with asyncio.timeout(30):
        while not hub.devices.get("scope-1").state.reachable:
            await asyncio.sleep(0.05)
    yield hub
    await hub.stop()


class Callers:
    """Clients of the API, each with a token or session of its own."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._api = Api(hub)
        self._made: list[httpx.AsyncClient] = []

    def client(self, secret: str | None) -> httpx.AsyncClient:
        headers = {} if secret is None else {"Authorization": f"Bearer {secret}"}
        transport = httpx.ASGITransport(app=self._api)
        client = httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1", headers=headers
        )
        self._made.append(client)
        return client

    async def token(self, role: Role, name: str) -> httpx.AsyncClient:
        person = None
        if role is not Role.DISPLAY:
            person = (await self._hub.school.create_person(name, role)).id
        secret, _ = await self._hub.school.create_token(role, name, person=person)
        return self.client(secret)

    async def pupil(self, lesson: dict, name: str) -> httpx.AsyncClient:
        joined = await self._hub.school.join(lesson["code"], name, "127.0.0.1")
        return self.client(joined.secret)

    async def close(self) -> None:
        for client in self._made:
            await client.aclose()
        await self._api.stop()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def callers(hub):
    callers = Callers(hub)
    yield callers
    await callers.close()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def teacher(callers):
    return await callers.token(Role.TEACHER, "Айгүл Серікқызы")


@pytest_asyncio.fixture(loop_scope="module")
async def lesson(teacher):
    made = (await teacher.post("/api/v1/lessons", json={"title": "Onion skin"})).json()
    yield made
    await teacher.post(f"/api/v1/lessons/{made['id']}/end")


@pytest.fixture
def feed(hub):
    return hub.devices.get("scope-1").frames("view")


async def content_of(client, asset) -> bytes:
    return (await client.get(asset["links"]["content"])).content


def without_metadata(data: bytes) -> bytes:
    """A picture without its APP1 segments, which the camera of this test never writes."""
    added = [s for s in scan(data).segments if s.marker == 0xE1]
    for segment in reversed(added):
        data = data[: segment.start] + data[segment.end :]
    return data


async def test_the_very_frame_that_was_seen_is_kept_byte_for_byte(teacher, camera, feed, lesson):
    seen = await feed.next()
    later = await feed.next(after=seen.id)
    assert later.data != seen.data
    made = await teacher.post(CAPTURES, json={"frame": seen.id, "note": "Жасуша & <қабық>"})
    assert made.status_code == 201, made.text
    asset = made.json()
    assert made.headers["location"] == f"/api/v1/assets/{asset['id']}"
    found = (await teacher.get(made.headers["location"])).json()
    assert found == {**asset, "favourite": False}

    stored = await content_of(teacher, asset)
    assert hashlib.sha256(stored).hexdigest() == asset["sha256"]
    assert without_metadata(stored) == seen.data
    assert seen.data in camera.sent
    assert asset["info"]["frame_sha256"] == hashlib.sha256(seen.data).hexdigest()
    assert asset["info"]["frame"] == seen.id
    assert (asset["width"], asset["height"]) == (320, 240)
    assert asset["title"] == "Microscope by the window"
    assert asset["note"] == "Жасуша & <қабық>"
    assert asset["device"] == "scope-1"
    assert asset["lesson"] == lesson["id"]


async def test_the_picture_itself_says_who_took_it_when_and_of_what(teacher, feed, lesson):
    frame = await feed.next()
    made = await teacher.post(CAPTURES, json={"frame": frame.id, "title": "Пияз", "note": "№ 1"})
    image = Image.open(io.BytesIO(await content_of(teacher, made.json())))
    exif = image.getexif()
    assert exif[0x010E].encode("latin-1").decode() == "Пияз"
    assert exif[0x013B].encode("latin-1").decode() == "Айгүл Серікқызы"
    packet = ET.fromstring(image.info["xmp"])
    taken = datetime.fromisoformat(packet.findtext(XMP_DATE))
    assert taken.timestamp() == pytest.approx(frame.time, abs=0.002)
    texts = set(packet.itertext())
    assert {"Пияз", "№ 1", "Onion skin", lesson["id"], "scope-1", str(frame.id)} <= texts


async def test_without_a_frame_the_next_fresh_one_is_kept(teacher, feed, lesson):
    for body in ({}, None):
        before = (await feed.next()).id
        made = await teacher.post(CAPTURES, **({} if body is None else {"json": body}))
        assert made.status_code == 201, made.text
        assert made.json()["info"]["frame"] > before


async def test_a_frame_that_is_no_longer_kept_is_refused_with_a_hint(teacher, lesson):
    refused = await teacher.post(CAPTURES, json={"frame": 1})
    assert refused.status_code == 410
    problem = refused.json()
    assert (problem["code"], refused.headers["content-type"]) == (
        "frame-gone",
        "application/problem+json",
    )
    assert problem["hint"]


async def test_a_frame_that_is_no_whole_picture_is_refused_and_nothing_stored(
    teacher, camera, feed, lesson
):
    before = (await teacher.get("/api/v1/assets")).json()["items"]
    picture = camera.picture()
    leave = feed.watch(lambda frame: None)
    try:
        feed.offer(picture[:200] + b"\xff\xd9", "image/jpeg", 0.0)
        broken = feed.latest
        refused = await teacher.post(CAPTURES, json={"frame": broken.id})
    finally:
        leave()
    assert (refused.status_code, refused.json()["code"]) == (502, "broken-picture")
    assert (await teacher.get("/api/v1/assets")).json()["items"] == before


async def test_pupils_keep_pictures_in_their_own_lesson_only(callers, teacher, lesson):
    other = (await teacher.post("/api/v1/lessons", json={"title": "Next door"})).json()
    pupil = await callers.pupil(lesson, "Айжан")
    kept = (await pupil.post(CAPTURES, json={})).json()
    assert kept["lesson"] == lesson["id"]
    assert kept["owner"]["name"] == "Айжан"
    named = await pupil.post(CAPTURES, json={"lesson": lesson["id"]})
    assert (named.status_code, named.json()["lesson"]) == (201, lesson["id"])
    for foreign in (other["id"], "no-such-lesson"):
        refused = await pupil.post(CAPTURES, json={"lesson": foreign})
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")

    stranger = await callers.pupil(other, "Данияр")
    assert (await stranger.get(f"/api/v1/captures/{kept['id']}")).status_code == 403
    assert (await stranger.get(CAPTURES)).json()["items"] == []
    friend = await callers.pupil(lesson, "Ерлан")
    assert (await friend.get(CAPTURES)).json()["items"] == [], "not shared"
    here = f"/api/v1/lessons/{lesson['id']}"
    assert (await teacher.patch(here, json={"shared": True})).status_code == 200
    found = (await friend.get(CAPTURES)).json()["items"]
    assert kept["id"] in [item["id"] for item in found]
    await teacher.post(f"/api/v1/lessons/{other['id']}/end")


async def test_teachers_may_name_any_lesson(teacher, lesson):
    ended = (await teacher.post("/api/v1/lessons", json={"title": "Over"})).json()
    await teacher.post(f"/api/v1/lessons/{ended['id']}/end")
    for wanted in (lesson["id"], ended["id"]):
        made = await teacher.post(CAPTURES, json={"lesson": wanted})
        assert made.json()["lesson"] == wanted
    unknown = await teacher.post(CAPTURES, json={"lesson": "no-such-lesson"})
    assert unknown.status_code == 404


async def test_without_any_lesson_a_picture_is_the_owners_alone(teacher, callers):
    made = await teacher.post(CAPTURES, json={})
    assert made.json()["lesson"] is None
    program = await callers.token(Role.PUPIL, "Program")
    assert (await program.get(f"/api/v1/captures/{made.json()['id']}")).status_code == 403


async def test_who_is_not_signed_in_or_only_displays_keeps_nothing(callers):
    assert (await callers.client(None).post(CAPTURES, json={})).status_code == 401
    display = await callers.token(Role.DISPLAY, "Panel")
    assert (await display.post(CAPTURES, json={})).status_code == 403
    assert (await display.get("/api/v1/microscopes")).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"frame": "1"}, {"frame": -1}, {"frame": 1e300}, {"frame": True}, {"frame": 2**64},
        {"frame": [1]}, {"note": 5}, {"note": "x" * 2001}, {"title": ""}, {"title": " "},
        {"title": "x" * 121}, {"title": None, "note": None}, {"lesson": "../../etc"},
        {"lesson": "ы"}, {"more": 1}, [], "text", 7,
    ],
)  # fmt: skip
async def test_what_is_not_a_request_is_refused_by_name(teacher, body):
    refused = await teacher.post(CAPTURES, json=body)
    assert refused.status_code == 422, refused.text
    assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("raw", [b"{", b'{"frame": NaN}', b"\xff\xfe", b'{"note": "\\ud800"}'])
async def test_what_is_no_json_is_refused(teacher, raw):
    headers = {"Content-Type": "application/json"}
    refused = await teacher.post(CAPTURES, content=raw, headers=headers)
    assert refused.status_code == 400, refused.text


@pytest.mark.parametrize("device", ["none", "%2e%2e", "x" * 80])
async def test_a_microscope_that_is_not_there_is_not_found(teacher, device):
    refused = await teacher.post(f"/api/v1/microscopes/{device}/captures", json={})
    assert refused.status_code in (404, 422)
    assert refused.json()["code"] in ("not-found", "invalid")


async def test_microscopes_and_captures_are_listed_newest_first_by_pages(teacher, lesson):
    (found,) = (await teacher.get("/api/v1/microscopes")).json()["items"]
    assert (found["id"], found["reachable"], found["scale"]) == ("scope-1", True, None)
    made = [(await teacher.post(CAPTURES, json={})).json()["id"] for _ in range(3)]
    first = (await teacher.get(f"{found['links']['captures']}?limit=2")).json()
    assert [item["id"] for item in first["items"]] == made[:0:-1]
    rest = (await teacher.get(CAPTURES, params={"limit": 2, "cursor": first["next"]})).json()
    assert rest["items"][0]["id"] == made[0]
    assert (await teacher.get(f"{CAPTURES}?cursor=foreign")).status_code in (400, 422)

    one = (await teacher.get(f"/api/v1/captures/{made[0]}")).json()
    assert one == rest["items"][0]
    assert one["capture"]["device"] == "scope-1"
    assert one["capture"]["frame"] == one["info"]["frame"]


async def test_a_deleted_picture_takes_its_capture_with_it(teacher, hub, lesson):
    asset = (await teacher.post(CAPTURES, json={})).json()["id"]
    assert (await teacher.delete(f"/api/v1/assets/{asset}")).status_code == 204
    assert (await teacher.get(f"/api/v1/captures/{asset}")).status_code == 404
    left = sa.select(CaptureRow.asset).where(CaptureRow.asset == asset)
    assert await hub.store.read(lambda session: session.scalar(left)) is None


async def test_whoever_may_see_the_picture_hears_of_it(teacher, hub, lesson):
    heard = []
    leave = hub.bus.subscribe("x/microscopy/+/captured", heard.append)
    asset = (await teacher.post(CAPTURES, json={})).json()
    leave()
    (message,) = heard
    assert message.topic == "x/microscopy/scope-1/captured"
    assert message.payload["asset"] == asset["id"]
    assert message.audience.private
    assert message.audience.lesson == lesson["id"]


async def test_the_microscopes_button_keeps_a_picture_for_the_running_lesson(teacher, hub, lesson):
    heard: asyncio.Queue = asyncio.Queue()

    def hear(message: Message) -> None:
        if message.topic.endswith("captured"):
            heard.put_nowait(message)

    leave = hub.bus.subscribe("x/microscopy/scope-1/+", hear)
    press = {"data": "short", "time": "2026-09-01T04:05:07Z"}
    try:
        hub.bus.publish("scope-1/e/button", press)
        hub.bus.publish("scope-1/e/button", press)  # still busy with the first one
        message = await asyncio.wait_for(heard.get(), 10)
        assert message.payload["lesson"] == lesson["id"]
        asset = (await teacher.get(f"/api/v1/assets/{message.payload['asset']}")).json()
        assert asset["owner"]["name"] == "Айгүл Серікқызы"

        second = (await teacher.post("/api/v1/lessons", json={"title": "Second"})).json()
        hub.bus.publish("scope-1/e/button", press)
        message = await asyncio.wait_for(heard.get(), 10)
        assert message.topic == "x/microscopy/scope-1/not-captured"
        assert message.payload["problem"]["code"] == "which-lesson"
        await teacher.post(f"/api/v1/lessons/{second['id']}/end")
        assert heard.empty()
    finally:
        leave()


async def test_pictures_come_again_after_the_drivers_process_was_killed_under_a_viewer(
    teacher, hub, feed, lesson
):
    seen: asyncio.Queue = asyncio.Queue()
    leave = feed.watch(seen.put_nowait)
    try:
        os.kill(hub.devices.get("scope-1")._supervisor.process.pid, signal.SIGKILL)
        async with asyncio.timeout(30):
            while hub.devices.get("scope-1").state.reachable:
                await asyncio.sleep(0.01)
        while not seen.empty():
            seen.get_nowait()
        await asyncio.wait_for(seen.get(), 30)
        assert (await teacher.post(CAPTURES, json={})).status_code == 201
    finally:
        leave()


async def test_the_migrations_make_the_tables_that_the_code_uses(hub):
    def columns(session) -> set:
        inspector = sa.inspect(session.connection())
        return {
            (table, column["name"], column["nullable"])
            for table in inspector.get_table_names()
            if table.startswith("microscopy_") and table != "microscopy_alembic_version"
            for column in inspector.get_columns(table)
        }

    declared = {
        (table.name, column.name, column.nullable)
        for table in Base.metadata.tables.values()
        for column in table.columns
    }
    assert await hub.store.read(columns) == declared


async def test_no_image_library_is_loaded_into_the_hubs_process():
    code = (
        "import sys, hub.app, hub.api.application, plugins.microscopy;"
        "print([m for m in ('PIL', 'numpy', 'cv2', 'alembic') if m in sys.modules])"
    )
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE
    )
    loaded, _ = await asyncio.wait_for(child.communicate(), 30)
    assert loaded.strip() == b"[]"
