"""Class work: pupils' pictures, shared or not; task sheets; what the class's screen shows."""

import asyncio
import contextlib
import itertools
import json
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect

from hub.app import Hub
from hub.device import Role
from hub.rights import Principal, may

ORIGIN = "http://localhost:8420"
BAD = (403, 404)


@dataclass
class Tablet:
    """A pupil who has joined, with a browser of their own."""

    http: httpx.AsyncClient
    principal: Principal


@pytest.fixture
async def room(client, hub: Hub, tiny_jpeg: bytes) -> SimpleNamespace:
    """Two lessons: Aizhan and Dana in one, Timur in the other; each has kept a picture."""
    teacher = await client("teacher")

    async def lesson(title: str) -> dict[str, Any]:
        return (await teacher.post("/api/v1/lessons", json={"title": title})).json()

    async def join(lesson: dict[str, Any], name: str) -> Tablet:
        http = await client(None, Origin=ORIGIN)
        answer = await http.post("/api/v1/session", json={"digits": lesson["code"], "name": name})
        assert answer.status_code in (200, 201), answer.text
        said = answer.json()["principal"]
        principal = Principal(
            said["id"], name, Role.PUPIL, said["person"], lesson["id"], via="session"
        )
        return Tablet(http, principal)

    async def add(who: httpx.AsyncClient, title: str, **more: str) -> str:
        answer = await who.post(
            "/api/v1/assets",
            files={"file": ("a.jpg", tiny_jpeg, "image/jpeg")},
            data={"title": title, **more},
        )
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    one, other = await lesson("Cells"), await lesson("Rocks")
    room = SimpleNamespace(hub=hub, teacher=teacher, lesson=one, other=other, add=add, join=join)
    room.here = f"/api/v1/lessons/{one['id']}"
    room.aizhan, room.dana = await join(one, "Aizhan"), await join(one, "Dana")
    room.timur = await join(other, "Timur")
    room.picture = await add(room.aizhan.http, "Onion")
    return room


async def share(room: SimpleNamespace, *, shared: bool) -> None:
    answer = await room.teacher.patch(room.here, json={"shared": shared})
    assert answer.status_code == 200, answer.text
    assert answer.json()["shared"] is shared


async def seen_by(who: Tablet, asset: str) -> set[str]:
    """By which ways somebody gets at a picture."""
    here = f"/api/v1/assets/{asset}"
    ways = {}
    for name, path in (
        ("record", here),
        ("content", f"{here}/content"),
        ("thumbnail", f"{here}/thumbnail"),
    ):
        answer = await who.http.get(path)
        assert answer.status_code in (200, *BAD), answer.text
        ways[name] = answer.status_code == 200
    listed = (await who.http.get("/api/v1/assets")).json()["items"]
    ways["list"] = asset in {one["id"] for one in listed}
    outline = (await who.http.get("/api/v1/assets/outline")).json()
    assert outline["total"] == len(listed)
    favoured = await who.http.put(f"{here}/favourite", json={"favourite": True})
    ways["favourite"] = favoured.status_code == 204
    return {name for name, open_ in ways.items() if open_}


ALL = {"record", "content", "thumbnail", "list", "favourite"}


async def test_pupils_see_each_others_pictures_when_the_teacher_allows_it(room) -> None:
    assert await seen_by(room.aizhan, room.picture) == ALL
    assert await seen_by(room.dana, room.picture) == set(), "off at first"
    await share(room, shared=True)
    assert await seen_by(room.dana, room.picture) == ALL
    assert await seen_by(room.timur, room.picture) == set(), "of another lesson"
    await share(room, shared=False)
    assert await seen_by(room.dana, room.picture) == set(), "off again at once"
    assert await seen_by(room.aizhan, room.picture) == ALL


async def test_what_is_shared_is_seen_and_never_changed(room) -> None:
    await share(room, shared=True)
    here = f"/api/v1/assets/{room.picture}"
    for answer in (
        await room.dana.http.patch(here, json={"title": "Mine"}),
        await room.dana.http.delete(here),
        await room.dana.http.put(f"{here}/hand-in", json={"answer": "mine"}),
        await room.dana.http.get(f"{here}/hand-in"),
        await room.dana.http.delete(f"{here}/hand-in"),
        await room.dana.http.patch(room.here, json={"shared": False}),
        await room.dana.http.put("/api/v1/panel", json={"asset": room.picture}),
    ):
        assert answer.status_code == 403
        assert answer.json()["hint"]
    assert (await room.teacher.get(here)).json()["title"] == "Onion"


async def test_what_the_teacher_adds_is_for_the_whole_lesson(room) -> None:
    mine = await room.add(room.teacher, "On the panel", lesson=room.lesson["id"])
    for pupil in (room.aizhan, room.dana):
        assert await seen_by(pupil, mine) == ALL
    assert await seen_by(room.timur, mine) == set()
    listed = (await room.dana.http.get("/api/v1/assets")).json()["items"]
    assert [one["id"] for one in listed] == [mine]


async def test_a_pupil_who_was_removed_and_one_who_comes_late(room) -> None:
    await share(room, shared=True)
    person = room.dana.principal.person
    await room.teacher.delete(f"{room.here}/members/{person}")
    assert (await room.dana.http.get(f"/api/v1/assets/{room.picture}")).status_code == 401
    late = await room.join(room.lesson, "Madina")
    assert await seen_by(late, room.picture) == ALL
    await share(room, shared=False)
    assert await seen_by(late, room.picture) == set()
    # What the removed pupil has made is still a pupil's.
    asset = await room.add(room.aizhan.http, "Leaf")
    await room.teacher.delete(f"{room.here}/members/{room.aizhan.principal.person}")
    assert await seen_by(late, asset) == set()


async def test_the_setting_stays_after_the_lesson_and_is_in_the_audit(room) -> None:
    await share(room, shared=True)
    await share(room, shared=True)
    await share(room, shared=False)
    await share(room, shared=True)
    ended = await room.teacher.post(f"{room.here}/end")
    assert ended.json()["shared"] is True
    assert (await room.dana.http.get(f"/api/v1/assets/{room.picture}")).status_code == 401
    page = await room.hub.audit.entries(limit=100)
    noted = [one.detail for one in page.items if one.action == "lesson.share"]
    assert noted == [{"shared": True}, {"shared": False}, {"shared": True}], "each change once"


async def test_the_bus_tells_of_a_picture_whom_the_rights_allow(room) -> None:
    heard: list[Any] = []
    room.hub.bus.subscribe("assets/+", heard.append)
    who = [one.principal for one in (room.aizhan, room.dana, room.timur)]
    for shared, expected in ((False, [True, False, False]), (True, [True, True, False])):
        await share(room, shared=shared)
        await room.aizhan.http.patch(f"/api/v1/assets/{room.picture}", json={"note": "n"})
        assert [may(one, heard[-1].audience) for one in who] == expected


async def test_a_signature_of_one_opens_no_picture_of_another(room) -> None:
    path = f"/api/v1/assets/{room.picture}/content"
    signed, _ = room.hub.signer.sign(path, room.dana.principal)
    room.dana.http.cookies.clear()
    for shared in (False, True):
        await share(room, shared=shared)
        answer = await room.dana.http.get(signed)
        assert answer.status_code in (401, 403), "pictures of an album have no signed addresses"


async def test_list_record_and_rights_say_the_same(hub: Hub) -> None:
    """Against the rule in words: yours; or of your lesson, and shared or not a pupil's of it."""
    teacher = Principal("t", "T", Role.TEACHER)
    lessons = [await hub.school.start_lesson(teacher, title) for title in "ab"]
    pupils = {
        name: ((await hub.school.join(lessons[at].code or "", name, name)).principal, lessons[at])
        for name, at in (("Aizhan", 0), ("Dana", 0), ("Timur", 1))
    }
    made = []
    for owner in (teacher, *(principal for principal, _ in pupils.values())):
        for place in (None, *lessons):
            asset = await hub.assets.add(
                content=b"{}",
                media_type="application/json",
                title="x",
                owner=owner,
                lesson=None if place is None else place.id,
            )
            of_a_pupil = any((owner, place) == one for one in pupils.values())
            made.append((asset.id, owner, place, of_a_pupil))
    for shared in itertools.product((False, True), repeat=2):
        for lesson, on in zip(lessons, shared, strict=True):
            await hub.school.share(lesson.id, teacher, shared=on)
        for who, joined in pupils.values():
            expected = []
            for number, owner, place, of_a_pupil in made:
                on = place is not None and shared[lessons.index(place)]
                allowed = owner is who or (place is joined and (on or not of_a_pupil))
                found = await hub.assets.get(number)
                assert may(who, hub.assets.access(found, "view")) is allowed
                assert may(who, hub.assets.access(found, "edit")) is (owner is who)
                expected += [number] * allowed
            page = await hub.assets.list(visible_to=who, order="oldest")
            assert [one.id for one in page.items] == expected
            assert (await hub.assets.outline(visible_to=who)).total == len(expected)


async def send(room: SimpleNamespace, **task: Any) -> httpx.Response:
    return await room.teacher.put(f"{room.here}/task", json=task)


async def test_a_task_sheet_reaches_every_pupil_and_those_who_come_late(room) -> None:
    heard: list[Any] = []
    room.hub.bus.subscribe("lessons/+", heard.append)
    answer = await send(room, title="  Пияз қабығы ", text="Не көріп тұрсың?\nНеше ядро бар?")
    task = answer.json()["task"]
    assert (task["title"], task["text"]) == ("Пияз қабығы", "Не көріп тұрсың?\nНеше ядро бар?")
    late = await room.join(room.lesson, "Madina")
    for pupil in (room.aizhan, room.dana, late):
        assert (await pupil.http.get("/api/v1/session")).json()["lesson"]["task"] == task
    [message] = [one for one in heard if one.payload["change"] == "edited"]
    assert message.payload["lesson"]["task"] == task
    assert may(room.dana.principal, message.audience)
    assert not may(room.timur.principal, message.audience)
    assert (await room.timur.http.get("/api/v1/session")).json()["lesson"]["task"] is None
    assert (await room.dana.http.put(f"{room.here}/task", json={"text": "?"})).status_code == 403
    assert (await room.dana.http.delete(f"{room.here}/task")).status_code == 403
    assert (await room.dana.http.get("/api/v1/tasks")).status_code == 403
    assert (await room.teacher.delete(f"{room.here}/task")).json()["task"] is None
    assert (await room.dana.http.get("/api/v1/session")).json()["lesson"]["task"] is None


async def test_a_hand_in_answers_the_task_of_its_moment(room) -> None:
    first = (await send(room, text="What is it?")).json()["task"]
    here = f"/api/v1/assets/{room.picture}"
    await room.aizhan.http.put(f"{here}/hand-in", json={"answer": "An onion"})
    second = (await send(room, title="Count the nuclei")).json()["task"]
    given = (await room.teacher.get(f"{here}/hand-in")).json()
    assert (given["answer"], given["task"]) == ("An onion", first)
    assert (await room.teacher.get(here)).json()["task"] == first["id"]
    await room.teacher.delete(f"{room.here}/task")
    assert (await room.aizhan.http.get(f"{here}/hand-in")).json()["task"] == first
    await send(room, title=second["title"])
    again = (await room.aizhan.http.put(f"{here}/hand-in", json={"answer": "7"})).json()
    assert again["task"] not in (first["id"], second["id"])


async def test_earlier_sheets_are_found_again_each_wording_once(room, client) -> None:
    for text in ("one", "two", "one", "three", "one"):
        assert (await send(room, text=text)).status_code == 200
    items = (await room.teacher.get("/api/v1/tasks")).json()["items"]
    assert [task["text"] for task in items] == ["one", "three", "two"]
    other = await client("teacher")
    assert (await other.get("/api/v1/tasks")).json()["items"] == []


async def test_the_sheets_picture_is_seen_by_all_who_have_the_sheet(room) -> None:
    private = await room.add(room.teacher, "Diagram")
    for chosen in (private, room.picture):
        task = (await send(room, text="Compare", picture=chosen)).json()["task"]
        assert task["picture"] != chosen, "a copy in the lesson's album"
        for pupil in (room.aizhan, room.dana):
            assert {"content", "thumbnail"} <= await seen_by(pupil, task["picture"])
        assert await seen_by(room.timur, task["picture"]) == set()
        assert await seen_by(room.dana, chosen) == set(), "the original is as private as before"
    again = (await send(room, text="Again", picture=task["picture"])).json()["task"]
    assert again["picture"] == task["picture"], "what pupils see already needs no copy"
    await room.teacher.delete(f"/api/v1/assets/{task['picture']}")
    assert (await room.dana.http.get(room.here)).json()["task"]["picture"] is None
    original = await room.teacher.get(f"/api/v1/assets/{room.picture}/content")
    assert original.status_code == 200, "its bytes are those of the copy, and stay"


@pytest.mark.parametrize(
    ("task", "status"),
    [
        ({}, 422),
        ({"title": " ", "text": "\n \n"}, 422),
        ({"title": "x" * 121}, 422),
        ({"text": "x" * 2001}, 422),
        ({"text": "x", "picture": "none"}, 404),
        ({"text": "x", "picture": "../../etc"}, 422),
        ({"text": "x", "answer": "y"}, 422),
        ({"text": 5}, 422),
    ],
)
async def test_a_sheet_that_says_nothing_or_too_much_is_refused(room, task, status) -> None:
    await send(room, text="as it was")
    answer = await send(room, **task)
    assert answer.status_code == status, answer.text
    assert answer.json()["hint"]
    assert (await room.teacher.get(room.here)).json()["task"]["text"] == "as it was"


async def test_what_is_no_picture_is_no_sheets_picture(room) -> None:
    owner = Principal("t", "T", Role.TEACHER)
    data = await room.hub.assets.add(
        content=b"{}", media_type="application/json", title="d", owner=owner
    )
    assert (await send(room, text="x", picture=data.id)).status_code == 415


@contextlib.asynccontextmanager
async def listening(hub, cookie: str, pattern: str):
    headers = {"Cookie": f"classhub={cookie}"}
    async with connect(hub.ws, additional_headers=headers, origin=hub.url, proxy=None) as ws:
        await ws.send(json.dumps({"op": "subscribe", "sub": 1, "filter": pattern}))
        async with asyncio.timeout(30):
            while json.loads(await ws.recv()).get("op") != "subscribed":
                pass
        yield ws


@contextlib.contextmanager
def joined(hub, code: str, name: str):
    with httpx.Client(base_url=hub.url, headers={"Origin": hub.url}) as browser:
        browser.post("/api/v1/session", json={"digits": code, "name": name}).raise_for_status()
        yield browser


async def test_over_the_stream_a_neighbour_hears_of_pictures_only_while_they_are_shared(
    live_hub, tiny_jpeg
) -> None:
    def add(who: httpx.Client, title: str) -> None:
        file = {"file": ("a.jpg", tiny_jpeg, "image/jpeg")}
        who.post("/api/v1/assets", files=file, data={"title": title}).raise_for_status()

    with contextlib.ExitStack() as stack:
        teacher = stack.enter_context(live_hub.client("teacher"))
        lesson = teacher.post("/api/v1/lessons", json={"title": "Cells"}).json()
        here = f"/api/v1/lessons/{lesson['id']}"
        aizhan = stack.enter_context(joined(live_hub, lesson["code"], "Aizhan"))
        dana = stack.enter_context(joined(live_hub, lesson["code"], "Dana"))
        async with listening(live_hub, dana.cookies["classhub"], "+/+") as ws:

            def play() -> None:
                add(aizhan, "hidden")
                teacher.patch(here, json={"shared": True}).raise_for_status()
                add(aizhan, "shared")
                teacher.patch(here, json={"shared": False}).raise_for_status()
                add(aizhan, "hidden again")
                teacher.put(f"{here}/task", json={"text": "Look"}).raise_for_status()

            await asyncio.to_thread(play)
            told: list[str] = []
            async with asyncio.timeout(30):
                while True:
                    message = json.loads(await ws.recv())
                    payload = message.get("payload") or {}
                    if message["topic"].startswith("assets/"):
                        told.append(payload["asset"]["title"])
                    elif message["topic"].startswith("lessons/") and payload["lesson"]["task"]:
                        break
            assert told == ["shared"]
            assert payload["lesson"]["task"]["text"] == "Look"
        teacher.post(f"{here}/end").raise_for_status()


def test_the_screen_shows_a_live_picture_a_still_one_and_nothing(live_hub, tiny_jpeg) -> None:
    with live_hub.client("teacher") as teacher, live_hub.client("display") as screen:
        wanted = {"device": "cam", "stream": "view"}
        shown = teacher.put("/api/v1/panel", json={"device": "cam"}).json()
        assert (shown["element"], shown["attributes"]) == ("hub-live-view", wanted)
        assert screen.get("/api/v1/panel").json()["attributes"] == wanted
        file = {"file": ("a.jpg", tiny_jpeg, "image/jpeg")}
        asset = teacher.post("/api/v1/assets", files=file).json()["id"]
        teacher.put("/api/v1/panel", json={"asset": asset}).raise_for_status()
        assert screen.get("/api/v1/panel").json()["attributes"] == {"asset": asset}
        for wrong, status in (
            ({}, 422),
            ({"asset": asset, "device": "cam"}, 422),
            ({"device": "none"}, 404),
            ({"device": "cam", "stream": "none"}, 404),
            ({"device": "cam", "stream": "../x"}, 422),
        ):
            assert teacher.put("/api/v1/panel", json=wrong).status_code == status, wrong
        assert screen.get("/api/v1/panel").json()["attributes"] == {"asset": asset}
        assert screen.delete("/api/v1/panel").status_code == 403
        with live_hub.client("pupil") as pupil:
            assert pupil.put("/api/v1/panel", json={"device": "cam"}).status_code == 403
        assert teacher.delete("/api/v1/panel").status_code == 204
        assert screen.get("/api/v1/panel").json()["element"] is None
