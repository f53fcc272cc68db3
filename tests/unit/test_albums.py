"""Albums: found by any of their words, laid out by an outline, loved, and handed in."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.app import Hub
from hub.assets import AssetRow
from hub.device import Role
from hub.folding import fold
from hub.rights import SYSTEM, Principal
from hub.store import Store
from tests.schemas import earlier

DAY = 86400.0
ORIGIN = "http://localhost:8420"


def principal(name: str, role: Role = Role.PUPIL, lesson: str | None = None) -> Principal:
    return Principal(id=name.lower(), name=name, role=role, lesson=lesson)


async def add(hub: Hub, tiny_jpeg: bytes, title: str, **more: object):
    given = {"media_type": "image/jpeg", "owner": principal("Ms Serik", Role.TEACHER), **more}
    return await hub.assets.add(content=tiny_jpeg, title=title, **given)


async def found(client, **query: object) -> list[str]:
    answer = await client.get("/api/v1/assets", params=query)
    assert answer.status_code == 200, answer.text
    return [asset["title"] for asset in answer.json()["items"]]


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Құстың қанаты", "ҚҰС"),
        ("ҚҰСТЫҢ ҚАНАТЫ", "құстың"),
        ("Құстың қанаты", "кустын канат"),  # a keyboard without Kazakh letters
        ("Ещё одна клетка", "еще ОДНА"),
        ("Еще одна клетка", "ещё"),
        ("Öзек", "öЗЕК"),
        ("Straße", "STRASSE"),
        ("Жасуша 100%", "100%"),
        ("a_b", "A_B"),
    ],
)
async def test_words_are_found_whatever_their_case(client, hub, tiny_jpeg, written, typed):
    await add(hub, tiny_jpeg, written)
    await add(hub, tiny_jpeg, "Something else")
    assert await found(await client("teacher"), q=typed) == [written]


async def test_several_kinds_are_found_together(client, hub, tiny_jpeg):
    await add(hub, tiny_jpeg, "Picture")
    await hub.assets.add(content=b"{}", media_type="application/json", title="Data", owner=SYSTEM)
    teacher = await client("teacher")
    assert await found(teacher, media_type="image/*,video/*") == ["Picture"]
    assert await found(teacher, media_type="application/json, video/mp4") == ["Data"]
    assert await found(teacher, media_type="") == []


async def test_a_percent_sign_is_itself(client, hub, tiny_jpeg):
    await add(hub, tiny_jpeg, "Жасуша")
    teacher = await client("teacher")
    for nothing in ("%", "_", "\\", "100%"):
        assert await found(teacher, q=nothing) == []
    assert await found(teacher, q="  ") == ["Жасуша"]


async def test_note_author_device_and_objective_are_searched_and_the_answer_is_not(
    client, hub, tiny_jpeg
):
    info = {"device_name": "Микроскоп 3", "objective": "40x", "frame_sha256": "beef"}
    lesson = await hub.school.start_lesson(principal("T", Role.TEACHER), "Cells")
    kept = await add(
        hub, tiny_jpeg, "Leaf", note="Устьица", info=info, owner=principal("Әлия"), lesson=lesson.id
    )
    await hub.assets.hand_in(kept.id, "хлоропласт")
    teacher = await client("teacher")
    for typed in ("устьица", "МИКРОСКОП", "40×", "40 х", "әлия leaf", "ӘЛИЯ", "алия"):
        assert await found(teacher, q=typed) == ["Leaf"], typed
    for typed in ("beef", "хлоропласт", "leaf 10x"):
        assert await found(teacher, q=typed) == [], typed
    await teacher.patch(f"/api/v1/assets/{kept.id}", json={"note": "Кутикула"})
    assert await found(teacher, q="устьица") == []
    assert await found(teacher, q="кутикула") == ["Leaf"]


async def test_an_erased_author_is_found_no_more(client, hub, tiny_jpeg):
    lesson = await hub.school.start_lesson(principal("T", Role.TEACHER), "Cells")
    joined = await hub.school.join(lesson.code or "", "Нұрлан", "10.0.0.1")
    await add(hub, tiny_jpeg, "Leaf", owner=joined.principal)
    teacher = await client("teacher")
    assert await found(teacher, q="нұрлан") == ["Leaf"]
    await hub.school.erase_person(joined.principal.person or "")
    assert await found(teacher, q="нұрлан") == []


@given(st.text(max_size=40))
def test_folding_again_changes_nothing_for_what_is_searched(text: str) -> None:
    folded = fold(text)
    assert folded == fold(text.strip() + " ")
    for word in folded.split():
        assert word in folded


async def test_an_outline_lays_out_what_pages_then_bring(client, hub, tiny_jpeg):
    teacher = await client("teacher")
    lesson = await hub.school.start_lesson(principal("T", Role.TEACHER), "Cells")
    kept = [
        (await add(hub, tiny_jpeg, f"p{number}", lesson=lesson.id if number < 12 else None)).id
        for number in range(25)
    ]

    def on_three_days(session):
        for number, asset in enumerate(kept):
            created = 1_800_000_000.0 + number // 10 * DAY
            session.query(AssetRow).filter_by(id=asset).update({"created": created})

    await hub.store.write(on_three_days)
    for order in ("newest", "oldest"):
        query = {"order": order, "every": 7, "offset": 300}
        shown = (await teacher.get("/api/v1/assets/outline", params=query)).json()
        assert (shown["total"], shown["more"], shown["cursors"][0]) == (25, False, None)
        pages = []
        for cursor in shown["cursors"]:
            more = {} if cursor is None else {"cursor": cursor}
            page = await teacher.get("/api/v1/assets", params={"order": order, "limit": 7, **more})
            pages += [asset["title"] for asset in page.json()["items"]]
        names = [f"p{number}" for number in range(25)]
        assert pages == (names if order == "oldest" else names[::-1])
        counts = [(s["day"], s["title"], s["count"]) for s in shown["sections"]]
        days = [
            ("2027-01-15", "Cells", 10),
            ("2027-01-16", "Cells", 2),
            ("2027-01-16", "", 8),
            ("2027-01-17", "", 5),
        ]
        assert counts == (days if order == "oldest" else days[::-1])
    later = (await teacher.get("/api/v1/assets/outline", params={"offset": 1000})).json()
    assert later["sections"][0]["day"] == "2027-01-18"


async def test_pages_stay_where_they_are_while_pictures_come_and_go(client, hub, tiny_jpeg):
    teacher = await client("teacher")
    kept = [await add(hub, tiny_jpeg, f"p{number}") for number in range(9)]
    shown = (await teacher.get("/api/v1/assets/outline", params={"every": 3})).json()
    await add(hub, tiny_jpeg, "new")
    await hub.assets.delete(kept[4].id)
    query = {"limit": 3, "cursor": shown["cursors"][2]}
    assert await found(teacher, **query) == ["p2", "p1", "p0"]


async def test_the_outline_counts_only_what_the_caller_may_see(client, hub, tiny_jpeg):
    teacher = principal("T", Role.TEACHER)
    mine = await hub.school.start_lesson(teacher, "Mine")
    other = await hub.school.start_lesson(teacher, "Other")
    await add(hub, tiny_jpeg, "mine", lesson=mine.id)
    await add(hub, tiny_jpeg, "other", lesson=other.id)
    joined = await hub.school.join(mine.code or "", "Aizhan", "10.0.0.1")
    pupil = await client(None, Cookie=f"classhub={joined.secret}")
    shown = await pupil.get("/api/v1/assets/outline")
    assert [s["title"] for s in shown.json()["sections"]] == ["Mine"]
    assert await found(pupil, q="other") == []


async def test_favourites_are_each_ones_own(client, hub, tiny_jpeg):
    kept = await add(hub, tiny_jpeg, "Leaf")
    one, other = await client("teacher"), await client("teacher")
    here = f"/api/v1/assets/{kept.id}"
    for _ in range(2):
        loved = await one.put(f"{here}/favourite", json={"favourite": True})
        assert loved.status_code == 204, loved.text
    assert await found(one, favourite="true") == ["Leaf"]
    assert await found(other, favourite="true") == []
    assert (await one.get(here)).json()["favourite"] is True
    assert (await other.get(here)).json()["favourite"] is False
    await one.put(f"{here}/favourite", json={"favourite": False})
    assert await found(one, favourite="true") == []
    await one.put(f"{here}/favourite", json={"favourite": True})
    await one.delete(here)
    rows = "SELECT count(*) FROM asset_favourite"
    assert await hub.store.read(lambda s: s.connection().exec_driver_sql(rows).scalar()) == 0


async def test_what_a_pupil_hands_in_is_read_by_the_two_of_them(client, hub, tiny_jpeg):
    lesson = await hub.school.start_lesson(principal("T", Role.TEACHER), "Cells")
    author = await hub.school.join(lesson.code or "", "Aizhan", "10.0.0.1")
    mate = await hub.school.join(lesson.code or "", "Daniyar", "10.0.0.1")
    kept = await add(hub, tiny_jpeg, "Leaf", owner=author.principal, lesson=lesson.id)
    pupil = await client(None, Cookie=f"classhub={author.secret}", Origin=ORIGIN)
    other = await client(None, Cookie=f"classhub={mate.secret}", Origin=ORIGIN)
    teacher = await client("teacher")
    here = f"/api/v1/assets/{kept.id}/hand-in"
    heard: list[object] = []
    hub.bus.subscribe("assets/+", lambda message: heard.append(message.payload))

    assert await found(teacher, handed_in="true") == []
    assert (await other.put(here, json={"answer": "mine"})).status_code == 403
    given = await pupil.put(here, json={"answer": "Жасуша қабырғасы"})
    assert given.status_code == 200, given.text
    assert given.json()["handed_in"]
    assert (await teacher.get(here)).json()["answer"] == "Жасуша қабырғасы"
    assert (await pupil.get(here)).json()["answer"] == "Жасуша қабырғасы"
    assert (await other.get(here)).status_code == 403
    assert "Жасуша" not in str(heard)  # what the whole lesson hears
    assert await found(teacher, handed_in="true", lesson=lesson.id) == ["Leaf"]
    assert await found(teacher, handed_in="false") == []
    assert (await pupil.delete(here)).json()["handed_in"] is None
    assert (await teacher.get(here)).json() == {"handed_in": None, "answer": "", "task": None}


async def test_what_is_in_no_lesson_is_not_handed_in(client, hub, tiny_jpeg):
    kept = await add(hub, tiny_jpeg, "Leaf")
    teacher = await client("teacher")
    refused = await teacher.put(f"/api/v1/assets/{kept.id}/hand-in", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "no-lesson")
    assert refused.json()["hint"]


async def test_the_albums_of_a_group(client, hub, tiny_jpeg):
    teacher = principal("T", Role.TEACHER)
    group = await hub.school.create_group("7А")
    lesson = await hub.school.start_lesson(teacher, "Cells", group=group.id)
    await add(hub, tiny_jpeg, "in it", lesson=lesson.id)
    await add(hub, tiny_jpeg, "elsewhere")
    assert await found(await client("teacher"), group=group.id) == ["in it"]


def test_pictures_of_an_earlier_version_are_found(tmp_path: Path) -> None:
    """The words of what was kept before there was a search are noted when the tables change."""
    path = tmp_path / "hub.db"
    store = Store(path)
    earlier(path, "0003")
    with sqlite3.connect(path) as old:
        old.execute(
            "INSERT INTO asset (id, media_type, sha256, size, width, height, owner, owner_name,"
            " title, note, created, damaged, info) VALUES ('a1', 'image/jpeg', 'x', 1, 1, 1, 'p',"
            " 'P', 'ҚҰС', 'Ёлка', 0, 0, '{\"objective\": \"10×\", \"device_name\": 3}')"
        )
    old.close()
    store.open()
    store.close()
    with sqlite3.connect(path) as new:
        assert new.execute("SELECT words, answer FROM asset").fetchall() == [("кус елка 10x", "")]
    new.close()


async def test_searching_many_pictures_does_not_hold_the_hub_up(hub, tiny_jpeg):
    kept = await add(hub, tiny_jpeg, "Құс")
    copy = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
        "INSERT INTO asset (id, media_type, sha256, size, width, height, owner, owner_name, title,"
        " note, created, damaged, info, words, answer) SELECT 'n' || i, media_type, sha256, size,"
        " width, height, owner, owner_name, title, note, created, damaged, info,"
        " 'leaf ' || i, answer FROM asset, n WHERE id = ?"
    )
    await hub.store.write(lambda s: s.connection().exec_driver_sql(copy, (kept.id,)))
    async with asyncio.timeout(30):
        page = await hub.assets.list(text="кус")
        outline = await hub.assets.outline(text="leaf")
    assert [asset.id for asset in page.items] == [kept.id]
    assert outline.total == 20000
