"""The class's screen: two things side by side, turned from afar, back after a restart; PDFs, models."""

import asyncio
import json
import struct
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlalchemy import func, select

from hub.api.application import Api
from hub.app import Hub
from hub.device import Role
from hub.plugins import Shows
from hub.settings import Settings
from hub.showing import Thing
from plugins.panel.screen_time import Rule, grade_of
from plugins.panel.tables import TaskRow

OFF = ("microscopy", "printing", "tablets", "touch", "whiteboard", "globe", "health")
PANEL = "/panel"


class Room:
    """A hub with the panel's plugin alone; `again` is a restart."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.hub: Hub
        self.api: Api

    async def start(self) -> None:
        plugins: dict[str, Any] = {name: {"enabled": False} for name in OFF}
        plugins["panel"] = {"web": ["https://example.kz"]}
        self.hub = Hub(Settings(data=self.data, language="en", plugins=plugins))
        await self.hub.start()
        self.api = Api(self.hub)

    async def stop(self) -> None:
        await self.api.stop()
        await self.hub.stop()

    async def again(self) -> None:
        await self.stop()
        await self.start()

    async def client(self, role: Role) -> httpx.AsyncClient:
        secret, _ = await self.hub.school.create_token(role, f"test {role}")
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.api),
            base_url="http://localhost:8420/api/v1",
            headers={"Authorization": f"Bearer {secret}"},
        )


@pytest.fixture
async def room(tmp_path: Path) -> Any:
    made = Room(tmp_path)
    await made.start()
    yield made
    await made.stop()


def glb(**more: Any) -> bytes:
    """A heart of two parts, each a triangle."""
    points = struct.pack("<9f", 0, 0, 0, 1, 0, 0, 0, 1, 0)
    described = {
        "asset": {"version": "2.0"},
        "buffers": [{"byteLength": len(points)}],
        "bufferViews": [{"buffer": 0, "byteLength": len(points)}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "nodes": [
            {"name": "Heart", "children": [1, 2]},
            {"name": "Left half", "mesh": 0},
            {"mesh": 0},
        ],
        "scenes": [{"nodes": [0]}],
        **more,
    }
    text = json.dumps(described).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text
    chunks += struct.pack("<II", len(points), 0x004E4942) + points
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def pdf(path: Path, pages: int) -> bytes:
    sheets = [Image.new("RGB", (60, 40), (40 * n, 0, 0)) for n in range(pages)]
    sheets[0].save(path, "PDF", save_all=True, append_images=sheets[1:])
    return path.read_bytes()


async def send(teacher: httpx.AsyncClient, name: str, content: bytes) -> httpx.Response:
    return await teacher.post("/panel-files", files={"file": (name, content)})


async def test_two_things_stand_side_by_side_and_are_there_after_a_restart(room: Room) -> None:
    heard: list[Any] = []
    room.hub.bus.subscribe("x/hub/show", lambda m: heard.append(m.payload))
    async with await room.client(Role.TEACHER) as teacher, await room.client(Role.PUPIL) as pupil:
        message = {"element": "hub-screen-message", "attributes": {"text": "Сәлем"}}
        timer = {"element": "hub-screen-timer", "attributes": {"seconds": "300"}}
        assert (await pupil.put(PANEL, json=message)).status_code == 403
        first = (await teacher.put(PANEL, json=message)).json()
        assert (first["plugin"], first["beside"]) == ("panel", None)
        assert (await teacher.put("/panel/next", json={"beside": True})).json()["next_beside"]
        both = (await teacher.put(PANEL, json=timer)).json()
        assert both["attributes"]["text"] == "Сәлем"
        assert both["beside"]["attributes"] == {"seconds": "300"}
        assert both["next_beside"] is False
        turned = {"side": "beside", "attributes": {"seconds": "360"}}
        changed = (await teacher.patch(PANEL, json=turned)).json()["beside"]
        assert changed["attributes"] == {"seconds": "360"}
        assert changed["at"] == both["beside"]["at"]
        assert heard[-1]["beside"]["attributes"] == {"seconds": "360"}
    await room.again()
    async with (
        await room.client(Role.TEACHER) as teacher,
        await room.client(Role.DISPLAY) as screen,
    ):
        shown = (await screen.get(PANEL)).json()
        assert shown["attributes"]["text"] == "Сәлем"
        assert shown["beside"]["attributes"] == {"seconds": "360"}
        assert shown["beside"]["at"] == changed["at"]
        assert (await teacher.delete(f"{PANEL}?side=main")).status_code == 204
        left = (await screen.get(PANEL)).json()
        assert (left["element"], left["beside"]) == ("hub-screen-timer", None)
        assert (await screen.patch(PANEL, json=turned)).status_code == 403
        await teacher.delete(PANEL)
    await room.again()
    assert room.hub.showing.now() == {}


async def test_what_the_screen_cannot_show_the_teacher_learns(room: Room) -> None:
    heard: list[Any] = []
    room.hub.bus.subscribe("x/hub/show", lambda m: heard.append(m.payload))
    async with (
        await room.client(Role.TEACHER) as teacher,
        await room.client(Role.DISPLAY) as screen,
    ):
        message = {"element": "hub-screen-message", "attributes": {"text": "x"}}
        first = (await teacher.put(PANEL, json=message)).json()
        await teacher.put("/panel/next", json={"beside": True})
        both = (await teacher.put(PANEL, json=message)).json()
        assert (both["trouble"], both["beside"]["trouble"]) == ("", "")
        said = {"at": both["beside"]["at"], "trouble": "not-playable"}
        told = len(heard)
        for _ in range(2):  # a screen that loads its page again says it again
            assert (await screen.put("/panel/trouble", json=said)).status_code == 204
        shown = (await teacher.get(PANEL)).json()
        assert (shown["trouble"], shown["beside"]["trouble"]) == ("", "not-playable")
        assert [one["beside"]["trouble"] for one in heard[told:]] == ["not-playable"]
        assert (await screen.put("/panel/trouble", json=said | {"trouble": "x"})).status_code == 422
        turned = {"side": "beside", "attributes": {"text": "y"}}
        changed = (await teacher.patch(PANEL, json=turned)).json()
        assert changed["beside"]["trouble"] == "", "it may be another page"
        await teacher.put(PANEL, json=message)
        late = {"at": first["at"], "trouble": "not-drawn"}
        assert (await screen.put("/panel/trouble", json=late)).status_code == 204
        assert (await teacher.get(PANEL)).json()["trouble"] == "", "it is of what was before"


async def test_a_page_is_looked_at_only_where_it_is_listed(room: Room) -> None:
    async with await room.client(Role.TEACHER) as teacher:
        look = await teacher.get("/panel-web/look", params={"address": "http://127.0.0.1:1/"})
        assert (look.status_code, look.json()["code"]) == (403, "server-not-listed")


WRONG: list[tuple[dict[str, Any], int]] = [
    ({"element": "hub-screen-message", "attributes": {"onclick": "alert(1)"}}, 415),
    ({"element": "hub-screen-message", "attributes": {"asset": "x"}}, 415),
    ({"element": "hub-screen-message", "attributes": {"text": "x" * 5000}}, 422),
    ({"element": "hub-panels-page"}, 404),
    ({"element": "script"}, 404),
    ({"element": "hub-screen-message", "device": "cam"}, 422),
]


async def test_only_what_says_that_it_can_be_shown_is_shown(room: Room) -> None:
    async with await room.client(Role.TEACHER) as teacher:
        for wish, status in WRONG:
            assert (await teacher.put(PANEL, json=wish)).status_code == status, wish
        assert (await teacher.get(PANEL)).json()["element"] is None
        nothing = {"attributes": {"text": "x"}}
        assert (await teacher.patch(PANEL, json=nothing)).status_code == 404
        things = (await teacher.get("/panel/things")).json()["items"]
        assert {"hub-screen-message", "hub-screen-model"} <= {one["element"] for one in things}


async def test_a_live_picture_is_frozen_from_afar_and_takes_nothing_else(room: Room) -> None:
    live = Thing("hub-live-view", {"device": "microscope", "stream": "view"}, "Live view")
    async with await room.client(Role.TEACHER) as teacher:
        room.hub.showing.show(live)
        frozen = await teacher.patch(PANEL, json={"attributes": {"paused": "yes"}})
        assert frozen.json()["attributes"]["paused"] == "yes"
        other = await teacher.patch(PANEL, json={"attributes": {"device": "another"}})
        assert other.status_code == 415
        again = await teacher.patch(PANEL, json={"attributes": {"paused": ""}})
        assert again.json()["attributes"] == live.attributes


def test_what_only_its_own_page_puts_there_is_said_to_be_elsewhere() -> None:
    assert Shows(title="Boards", page="/boards").elsewhere
    for by_one_button in (
        Shows(title="Globe", attributes=["place"]),
        Shows(title="Message", attributes=["text"], page="/show"),
        Shows(title="PDF", media=["application/pdf"], page="/show"),
        Shows(title="All microscopes"),
    ):
        assert not by_one_button.elsewhere


async def test_what_was_kept_badly_shows_nothing_and_the_hub_starts(room: Room) -> None:
    for bad in (
        b"{",
        b'{"main": 3}',
        b'{"main": {"element": "script", "attributes": {}, "title": ""}}',
    ):
        await room.stop()
        (room.data / "showing.json").write_bytes(bad)
        await room.start()
        assert room.hub.showing.now() == {}


async def test_the_screen_reads_a_pdf_page_by_page_and_only_while_it_is_shown(
    room: Room, tmp_path: Path
) -> None:
    async with (
        await room.client(Role.TEACHER) as teacher,
        await room.client(Role.DISPLAY) as screen,
        await room.client(Role.PUPIL) as pupil,
    ):
        sent = await send(teacher, "Cells.pdf", pdf(tmp_path / "a.pdf", 3))
        assert sent.status_code == 201, sent.text
        asset = sent.json()
        assert (asset["title"], asset["media_type"]) == ("Cells", "application/pdf")
        here = f"/panel-files/{asset['id']}"
        assert (await teacher.get(here)).json()["pages"] == 3
        assert (await screen.get(here)).status_code == 403
        wish = {"asset": asset["id"], "attributes": {"page": "2"}}
        shown = (await teacher.put(PANEL, json=wish)).json()
        assert (shown["element"], shown["attributes"]["page"]) == ("hub-screen-pdf", "2")
        assert (await screen.get(here)).json()["pages"] == 3
        pages = await asyncio.gather(*(screen.get(f"{here}/pages/{n}") for n in (1, 2, 2, 3, 4)))
        assert [page.status_code for page in pages] == [200, 200, 200, 200, 404]
        assert pages[1].content == pages[2].content != pages[0].content
        assert pages[1].headers["content-type"] == "image/png"
        content = await screen.get("/panel/content", params={"asset": asset["id"]})
        assert content.content.startswith(b"%PDF")
        await teacher.delete(PANEL)
        for path in (here, f"{here}/pages/2", f"/panel/content?asset={asset['id']}"):
            assert (await screen.get(path)).status_code in (403, 404)
        assert (await pupil.post("/panel-files", files={"file": ("a", b"x")})).status_code == 403


async def test_parts_of_a_model_are_found_named_in_languages_and_kept(room: Room) -> None:
    async with await room.client(Role.TEACHER) as teacher, await room.client(Role.PUPIL) as pupil:
        asset = (await send(teacher, "heart.glb", glb())).json()
        assert asset["media_type"] == "model/gltf-binary"
        here = f"/panel-files/{asset['id']}"
        parts = (await teacher.get(here)).json()["parts"]
        assert [(one["id"], one["name"]) for one in parts] == [("1", "Left half"), ("2", "Heart")]
        names = {"1": {"kk": "Сол жағы", "ru": " "}, "99": {"kk": "жоқ"}}
        assert (await pupil.put(f"{here}/names", json={"names": names})).status_code == 403
        named = (await teacher.put(f"{here}/names", json={"names": names})).json()["parts"]
        assert [one["names"] for one in named] == [{"kk": "Сол жағы"}, {}]
        marked = {"marked": "1", "explode": "40", "hidden-parts": "2"}
        wish = {"asset": asset["id"], "attributes": marked}
        shown = (await teacher.put(PANEL, json=wish)).json()
        assert shown["element"] == "hub-screen-model"
        assert shown["attributes"] == {**marked, "asset": asset["id"]}
    await room.again()
    async with await room.client(Role.DISPLAY) as screen:
        kept = (await screen.get(here)).json()["parts"]
        assert kept[0]["names"] == {"kk": "Сол жағы"}


async def test_what_came_of_a_task_is_kept_with_the_lesson_once(room: Room) -> None:
    async with (
        await room.client(Role.TEACHER) as teacher,
        await room.client(Role.DISPLAY) as screen,
        await room.client(Role.PUPIL) as pupil,
    ):
        asset = (await send(teacher, "heart.glb", glb())).json()["id"]
        here = f"/panel-files/{asset}/results"
        done = {"task": "assemble", "token": "assemble:1", "at_once": 1, "of": 2, "seconds": 40}
        refused = await teacher.post(here, json=done)
        assert (refused.status_code, refused.json()["code"]) == (409, "no-lesson-to-keep-with")
        forgotten = (await teacher.post("/lessons", json={"title": "8"})).json()["id"]
        lesson = (await teacher.post("/lessons", json={"title": "9"})).json()["id"]
        # The screen tells of the task that it shows, and of no other.
        assert (await screen.post(here, json=done)).status_code == 403
        wish = {"asset": asset, "attributes": {"task": "assemble:1"}}
        await teacher.put(PANEL, json=wish)
        wrong = await screen.post(here, json={**done, "token": "assemble:2"})
        assert (wrong.status_code, wrong.json()["code"]) == (409, "not-the-task")
        heard: list[Any] = []
        room.hub.bus.subscribe("x/panel/results", lambda m: heard.append(m.payload))
        first = await screen.post(here, json=done)
        again = await screen.post(here, json={**done, "at_once": 2})
        assert (first.status_code, again.json()["id"]) == (201, first.json()["id"])
        assert first.json()["person"] is None
        assert heard == [{"asset": asset}]
        assert (await teacher.post(f"/lessons/{forgotten}/end")).status_code == 200
        for bad in (
            {"at_once": 3},
            {"task": "paint"},
            {"token": "a b"},
            {"of": 0},
            {"seconds": -1},
        ):
            assert (await teacher.post(here, json={**done, **bad})).status_code == 422, bad
        # A pupil who is not in the lesson keeps nothing with it, though the screen shows the model.
        mine = {**done, "task": "find", "token": "find:1", "at_once": 2}
        assert (await pupil.post(here, json=mine)).status_code == 403
        assert (await pupil.get(here)).status_code == 403
        assert (await teacher.post(here, json=mine)).status_code == 201
        kept = (await teacher.get(here)).json()["items"]
        assert (await screen.get(here)).status_code == 403
        assert [(one["task"], one["at_once"]) for one in kept] == [("find", 2), ("assemble", 1)]
        assert (await teacher.post(f"/lessons/{lesson}/end")).status_code == 200
    await room.again()
    async with await room.client(Role.TEACHER) as teacher:
        count = select(func.count(TaskRow.id))
        assert await room.hub.store.read(lambda session: session.scalar(count)) == 2
        assert (await teacher.delete(f"/assets/{asset}")).status_code == 204
        assert await room.hub.store.read(lambda session: session.scalar(count)) == 0


STL = b"x" * 80 + struct.pack("<I", 1) + bytes(50)


BAD = [
    (b"", "bad-material"),
    (b"hello", "bad-material"),
    (b"%PDF-1.7 and nothing more", "bad-material"),
    (glb()[:30], "bad-material"),
    (glb(nodes=[]), "bad-material"),
    (glb(nodes=[{"mesh": 7}]), "bad-material"),
    (glb(nodes=3), "bad-material"),
    (glb(extensionsRequired=["KHR_draco_mesh_compression"]), "model-needs-more"),
    (glb(images=[{"uri": "http://example.com/x.png"}]), "model-needs-more"),
    (glb(accessors=[{"count": 3 * 10**7}]), "material-too-heavy"),
    (STL[:-1], "bad-material"),
    (b"x" * 80 + bytes(4), "bad-material"),
]


async def test_files_that_nobody_could_show_are_refused_in_words(room: Room) -> None:
    async with await room.client(Role.TEACHER) as teacher:
        for content, code in BAD:
            answer = await send(teacher, "x.bin", content)
            assert answer.json()["code"] == code, answer.text
            assert answer.json()["hint"]
        assert (await send(teacher, "x.stl", STL)).json()["media_type"] == "model/stl"


async def test_pages_of_listed_servers_may_be_framed_on_the_screen_and_nowhere_else(
    room: Room,
) -> None:
    async with await room.client(Role.TEACHER) as teacher:
        assert (await teacher.get("/panel-web")).json() == {"origins": ["https://example.kz"]}
        root = "http://localhost:8420"
        policies = [
            (await teacher.get(root + path)).headers["content-security-policy"]
            for path in ("/panel", "/panel/", "/", "/panels/x")
        ]
    assert policies[0].endswith("; frame-src https://example.kz")
    assert all("example.kz" not in policy for policy in policies[1:])


async def test_the_time_at_the_screen_is_counted_beside_what_the_rules_allow(room: Room) -> None:
    plugin = next(one.plugin for one in room.hub.plugins.running if one.name == "panel")
    meter = plugin.following.screen_time
    clock = {"now": 1000.0}
    meter._clock = lambda: clock["now"]
    meter._looked = None

    async def look(seconds: float) -> Any:
        clock["now"] += seconds
        await meter.look()
        return (await teacher.get("/panels")).json()["screen_time"]

    async with await room.client(Role.TEACHER) as teacher:
        assert await look(30) is None
        group = (await teacher.post("/groups", json={"name": "3 «Ә»"})).json()["id"]
        lesson = (await teacher.post("/lessons", json={"title": "9", "group": group})).json()["id"]
        now = await look(30)
        assert (now["grade"], now["limit"], now["minutes"]) == (3, 20, 0)
        # Nothing is on the screen: nothing is counted.
        assert (await look(60))["minutes"] == 0
        message = {"element": "hub-screen-message", "attributes": {"text": "x"}}
        await teacher.put(PANEL, json=message)
        for _ in range(19):
            now = await look(60)
        assert (now["minutes"], now["over"]) == (19, False)
        # A computer that slept for an hour has shown nothing meanwhile.
        now = await look(3600)
        assert (now["minutes"], now["over"]) == (20, True)
        await teacher.delete(PANEL)
        assert (await look(60))["minutes"] == 20
        # Another lesson begins and ends in between: each has its own count.
        other = (await teacher.post("/lessons", json={"title": "x"})).json()["id"]
        assert (await look(60))["minutes"] == 0
        await teacher.post(f"/lessons/{other}/end")
        assert (await look(60))["minutes"] == 20
        # A power cut: what was counted is counted.
        meter._seconds, meter._looked = {}, None
        await meter.load()
        assert (await look(60))["minutes"] == 20
        await teacher.post(f"/lessons/{lesson}/end")
        assert await look(20) is None


def test_grades_and_limits() -> None:
    rule = Rule.read()
    assert sorted(rule.minutes) == list(range(1, 13))
    assert [rule.minutes[grade] for grade in (1, 3, 5, 8, 11)] == [15, 20, 25, 25, 30]
    assert rule.address.startswith("https://adilet.zan.kz/")
    assert rule.confirmed is False
    said = ("7 «Б»", "10-сынып", "11А", "Биология 2026", "1", "13", "")
    assert [grade_of(one) for one in said] == [7, 10, 11, None, 1, None, None]
    # A title has other numbers, too: no limit is guessed from them.
    titles = ("Сабақ 5", "Тема 12. Клетка", "§ 7", "5 В мире животных", "Lesson 3: cells")
    assert [grade_of(one, title=True) for one in titles] == [None] * len(titles)
    titles = ("7 «Б», клетка", "Жасуша, 10-сынып", "11А", "5-Ә", "8 класс", "Grade 6 cells")
    assert [grade_of(one, title=True) for one in titles] == [7, 10, 11, 5, 8, 6]


async def test_a_school_sets_limits_of_its_own_and_goes_back_to_the_rules(room: Room) -> None:
    path = "/screen-time-limits"
    own = {str(grade): 10 + grade for grade in range(1, 13)}
    plugin = next(one.plugin for one in room.hub.plugins.running if one.name == "panel")
    meter = plugin.following.screen_time
    async with (
        await room.client(Role.ENGINEER) as engineer,
        await room.client(Role.TEACHER) as teacher,
    ):
        told = (await teacher.get(path)).json()
        assert (told["by_school"], told["confirmed"], told["minutes"]["3"]) == (False, False, 20)
        assert told["minutes"] == told["rules"]
        assert (await teacher.put(path, json={"minutes": own})).status_code == 403
        for wrong in (
            {"3": 20},
            {**own, "13": 20},
            {**own, "3": 0},
            {**own, "3": 241},
            {**own, "x": 1},
        ):
            assert (await engineer.put(path, json={"minutes": wrong})).status_code == 422
        told = (await engineer.put(path, json={"minutes": own})).json()
        assert (told["by_school"], told["minutes"]["3"], told["rules"]["3"]) == (True, 13, 20)
        # Kept, and what the teacher sees in a lesson.
        meter._own = None
        await meter.load()
        group = (await teacher.post("/groups", json={"name": "3 «В»"})).json()["id"]
        lesson = (await teacher.post("/lessons", json={"title": "x", "group": group})).json()["id"]
        await meter.look()
        now = (await teacher.get("/panels")).json()["screen_time"]
        assert (now["limit"], now["by_school"]) == (13, True)
        told = (await engineer.put(path, json={"minutes": None})).json()
        assert (told["by_school"], told["minutes"]["3"]) == (False, 20)
        await meter.look()
        assert (await teacher.get("/panels")).json()["screen_time"]["limit"] == 20
        await teacher.post(f"/lessons/{lesson}/end")
