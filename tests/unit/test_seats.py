"""Who sits where: seats are given to persons, and stay theirs."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from hub.app import Hub
from hub.audit import Audit
from hub.bus import Bus
from hub.device import Role
from hub.devices import DeviceConfig
from hub.devices._errors import NothingTouched, SeveralTouched
from hub.devices._touched import Touched
from hub.errors import Forbidden, NotFound, TooMany
from hub.rights import Access, Principal, may
from hub.school import BadName, Lesson, LessonEnded, School, SeatTaken, clean_seat
from hub.store import Store
from tests.stores import laid

TEACHER = Principal(id="t", name="Ms Serik", role=Role.TEACHER)
SCREEN = Principal(id="d", name="Screen", role=Role.DISPLAY)
PROGRAM = Principal(id="p", name="Program", role=Role.PUPIL)


class Class:
    """A lesson with two pupils."""

    def __init__(self, path: Path) -> None:
        self.store = Store(laid(path / "hub.db"))
        self.bus = Bus()
        self.heard: list[tuple[str, dict[str, str], Access]] = []
        self.bus.subscribe(
            "school/#", lambda m: self.heard.append((m.topic, m.payload["sitters"], m.audience))
        )
        self.school = School(self.store, self.bus)
        self.lesson: Lesson
        self.aizhan: Principal
        self.dana: Principal

    async def begin(self) -> None:
        self.lesson = await self.school.start_lesson(TEACHER, "Ink")
        self.aizhan, self.dana = [await self.join(name) for name in ("Aizhan", "Dana")]

    async def join(self, name: str) -> Principal:
        return (await self.school.join(self.lesson.code or "", name, name)).principal

    async def sit(self, seat: str, person: str | None, by: Principal) -> dict[str, str]:
        return await self.school.sit(self.lesson.id, seat, person, by=by)

    async def sitters(self) -> dict[str, str]:
        return await self.school.sitters(self.lesson.id)


@pytest.fixture
async def room(tmp_path: Path) -> Any:
    room = Class(tmp_path)
    room.store.open()
    await room.begin()
    yield room
    room.store.close()


async def test_a_pupil_sits_down_moves_and_gets_up(room: Class) -> None:
    me = room.aizhan.person
    assert await room.sit(" Desk  1 ", me, room.aizhan) == {"Desk 1": me}
    assert await room.sit("Desk 2", me, room.aizhan) == {"Desk 2": me}, "one seat each"
    assert await room.sit("Desk 2", me, room.aizhan) == {"Desk 2": me}
    assert await room.sit("Desk 2", None, room.aizhan) == {} == await room.sitters()
    assert await room.sit("Desk 2", None, room.aizhan) == {}
    topic = f"school/seats/{room.lesson.id}"
    assert [(t, s) for t, s, _ in room.heard] == [
        (topic, {"Desk 1": me}), (topic, {"Desk 2": me}), (topic, {})
    ], "what changes nothing is not told"  # fmt: skip
    audience = room.heard[0][2]
    assert may(room.dana, audience)
    assert may(TEACHER, audience)
    assert not may(PROGRAM, audience), "who sits where concerns the lesson alone"


async def test_pupils_speak_for_themselves_only(room: Class) -> None:
    await room.sit("1", room.aizhan.person, room.aizhan)
    for seat, person, by in (
        ("2", room.aizhan.person, room.dana),
        ("1", None, room.dana),
        ("2", room.aizhan.person, PROGRAM),
        ("2", room.aizhan.person, SCREEN),
    ):
        with pytest.raises(Forbidden):
            await room.sit(seat, person, by)
    with pytest.raises(SeatTaken):
        await room.sit("1", room.dana.person, room.dana)
    other = await room.school.start_lesson(TEACHER, "Other")
    with pytest.raises(Forbidden):
        await room.school.sit(other.id, "1", room.dana.person, by=room.dana)
    assert await room.sitters() == {"1": room.aizhan.person}


async def test_a_teacher_gives_seats_to_those_in_the_lesson(room: Class) -> None:
    await room.sit("1", room.aizhan.person, TEACHER)
    assert await room.sit("1", room.dana.person, TEACHER) == {"1": room.dana.person}
    assert await room.sit("1", None, TEACHER) == {}
    stranger = await room.school.create_person("Stranger")
    with pytest.raises(NotFound):
        await room.sit("1", stranger.id, TEACHER)
    with pytest.raises(BadName):
        await room.sit(" \u200b ", room.dana.person, TEACHER)
    noted = (await Audit(room.store).entries()).items
    detail = [one.detail for one in noted if one.action == "lesson.seat"]
    assert detail[-1] == {"seat": "1", "person": room.aizhan.person}
    assert detail[0] == {"seat": "1", "person": None}


async def test_a_seat_stays_over_restarts_and_after_the_end(room: Class, tmp_path: Path) -> None:
    await room.sit("1", room.aizhan.person, room.aizhan)
    room.store.close()
    room.store.open()
    again = School(room.store, Bus())
    assert await again.sitters(room.lesson.id) == {"1": room.aizhan.person}
    await again.end_lesson(room.lesson.id, TEACHER)
    assert await again.sitters(room.lesson.id) == {"1": room.aizhan.person}
    with pytest.raises(LessonEnded):
        await again.sit(room.lesson.id, "1", None, by=TEACHER)
    with pytest.raises(NotFound):
        await again.sitters("no-such-lesson")


async def test_whoever_is_removed_or_erased_sits_nowhere(room: Class) -> None:
    await room.sit("1", room.aizhan.person, TEACHER)
    await room.sit("2", room.dana.person, TEACHER)
    await room.school.remove_member(room.lesson.id, room.aizhan.person or "", TEACHER)
    assert await room.sitters() == {"2": room.dana.person} == room.heard[-1][1]
    await room.school.erase_person(room.dana.person or "")
    assert await room.sitters() == {} == room.heard[-1][1]
    again = await room.join("Aizhan")
    assert await room.sit("1", again.person, again) == {"1": again.person}


async def test_the_seat_of_one_whose_tablet_has_signed_out_is_free_to_take(room: Class) -> None:
    await room.sit("1", room.aizhan.person, room.aizhan)
    await room.school.sign_out(room.aizhan)
    assert await room.sitters() == {"1": room.aizhan.person}, "what is written there stays theirs"
    again = await room.join("Aizhan")
    assert await room.sit("1", again.person, again) == {"1": again.person}


async def test_a_lesson_has_so_many_seats(room: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.school._seating._MOST_SEATS", 1)
    await room.sit("1", room.aizhan.person, TEACHER)
    with pytest.raises(TooMany):
        await room.sit("2", room.dana.person, TEACHER)
    assert await room.sitters() == {"1": room.aizhan.person}


def test_what_the_engineer_wrote_is_the_name_of_a_seat() -> None:
    assert [clean_seat(seat) for seat in (" Desk  3", None, "", "\u202e", "x" * 201)] == [
        "Desk 3", None, None, None, None
    ]  # fmt: skip


# The one that is touched


async def touched(meant: set[str], *says: tuple[float, str]) -> str:
    """Return which is taken for touched when devices speak at these seconds."""
    bus, now = Bus(), [0.0]
    waiting = asyncio.create_task(Touched(bus, meant.__contains__, clock=lambda: now[0]).run(0.2))
    await asyncio.sleep(0)
    for at, topic in says:
        now[0] = at
        bus.publish(topic, {})
    return await waiting


async def test_the_pen_that_begins_to_write_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.devices._touched.ALONE", 0.01)
    assert await touched({"a", "b"}, (2, "a/s/pen"), (2.1, "a/s/pen")) == "a"
    assert await touched({"a"}, (1, "b/s/pen"), (2, "a/e/button")) == "a", "b is not free"
    busy = [(t / 10, "b/s/pen") for t in range(30)]
    assert await touched({"a", "b"}, *busy, (3.1, "a/s/pen")) == "a", "b has been in use before"
    assert await touched({"a", "b"}, *busy, (3.6, "b/s/pen")) == "b", "it was put down meanwhile"
    with pytest.raises(SeveralTouched):
        await touched({"a", "b"}, (1, "a/s/pen"), (1.2, "b/s/pen"))
    with pytest.raises(NothingTouched):
        await touched({"a"}, (1, "a/state"), (1, "b/s/pen"), (1, "a/p/mapping"))


# Over the API


@pytest.fixture
def desks(hub: Hub) -> None:
    """Devices at two seats; their driver is not installed, which is nothing to seats."""
    for number, seat in ((1, "Desk 10"), (2, "Desk 9"), (3, None)):
        hub.devices.add(DeviceConfig(id=f"pen-{number}", driver="no-such", seat=seat))


async def joined(client: Any, lesson: dict[str, Any], name: str) -> tuple[Any, str]:
    tablet = await client(None)
    answer = await tablet.post("/api/v1/session", json={"digits": lesson["code"], "name": name})
    return tablet, answer.json()["principal"]["person"]


async def test_seats_over_the_api(client: Any, desks: None) -> None:
    teacher = await client("teacher")
    lesson = (await teacher.post("/api/v1/lessons", json={"title": "a"})).json()
    at = f"/api/v1/lessons/{lesson['id']}/seats"
    tablet, aizhan = await joined(client, lesson, "Aizhan")
    seats = (await tablet.get(at)).json()["items"]
    assert [one["seat"] for one in seats] == ["Desk 9", "Desk 10"]
    assert seats[0]["devices"] == [{"id": "pen-2", "name": "pen-2", "kind": ""}]
    origin = {"Origin": "http://localhost:8420"}
    body = {"seat": "Desk 9", "person": aizhan}
    taken = await tablet.put(at, json=body, headers=origin)
    assert taken.json()["items"][0]["person"] == {"id": aizhan, "name": "Aizhan"}
    other, dana = await joined(client, lesson, "Dana")
    refused = await other.put(at, json={"seat": "Desk 9", "person": dana}, headers=origin)
    assert (refused.status_code, refused.json()["code"]) == (409, "seat-taken")
    moved = await teacher.put(at, json={"seat": "By the door", "person": aizhan})
    assert [one["seat"] for one in moved.json()["items"]] == ["By the door", "Desk 9", "Desk 10"]
    for who, status in ((None, 401), ("display", 403), ("pupil", 403)):
        assert (await (await client(who)).get(at)).status_code == status, who


async def test_a_pupil_finds_their_seat_by_touching_its_pen(
    hub: Hub, client: Any, desks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.devices._touched.ALONE", 0.01)
    monkeypatch.setattr("hub.devices._touched.SILENCE", 0.0)
    teacher = await client("teacher")
    lesson = (await teacher.post("/api/v1/lessons", json={"title": "a"})).json()
    at = f"/api/v1/lessons/{lesson['id']}/seats"
    tablet, aizhan = await joined(client, lesson, "Aizhan")
    other, _ = await joined(client, lesson, "Dana")
    origin = {"Origin": "http://localhost:8420"}
    looking = await tablet.post(f"{at}/touch", headers=origin)
    assert looking.status_code == 201
    second = await other.post(f"{at}/touch", headers=origin)
    assert second.json()["code"] == "somebody-else-looks"
    await asyncio.sleep(0)
    hub.bus.publish("pen-3/s/pen", {})
    hub.bus.publish("pen-1/s/pen", {})
    found = await hub.operations.wait(looking.json()["id"], 5)
    assert found.result == {"seat": "Desk 10"}, found.problem
    assert await hub.school.sitters(lesson["id"]) == {"Desk 10": aizhan}
    refused = await (await client("teacher")).post(f"{at}/touch")
    assert refused.json()["code"] == "no-seats", "a program sits nowhere"
