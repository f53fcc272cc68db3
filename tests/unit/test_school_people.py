"""People come, are renamed, change their role and are erased."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.bus import Bus, Message
from hub.device import Role
from hub.errors import Conflict, Invalid, NotFound
from hub.school import BadName, School
from hub.store import Store
from hub.store.tables import AssetRow
from tests.stores import laid


@pytest.fixture
async def school(tmp_path: Path) -> AsyncIterator[School]:
    store = Store(laid(tmp_path / "hub.db"))
    store.open()
    bus = Bus()
    school = School(store, bus)
    school.heard = []
    bus.subscribe("#", school.heard.append)
    yield school
    await school.stop()
    store.close()


async def test_people_are_listed_in_pages_in_the_order_they_came(school: School) -> None:
    made = [await school.create_person(f"P{n}") for n in range(5)]
    first = await school.people(limit=2)
    second = await school.people(limit=2, cursor=first.next)
    third = await school.people(limit=2, cursor=second.next)
    listed = [*first.items, *second.items, *third.items]
    assert sorted(p.id for p in listed) == sorted(p.id for p in made)
    assert [p.id for p in listed] == sorted(p.id for p in listed)
    assert third.next is None


async def test_people_are_found_by_role_and_group(school: School) -> None:
    group = await school.create_group("5A")
    pupil = await school.create_person("Aizhan", group=group.id)
    teacher = await school.create_person("Ms Serik", Role.TEACHER)
    assert [p.id for p in (await school.people(group=group.id)).items] == [pupil.id]
    assert [p.id for p in (await school.people(role=Role.TEACHER)).items] == [teacher.id]
    assert (await school.groups()).items == [group]
    assert await school.group(group.id) == group


async def test_what_is_not_there_is_not_found(school: School) -> None:
    with pytest.raises(NotFound):
        await school.person("nobody")
    with pytest.raises(NotFound):
        await school.create_person("Aizhan", group="none")
    with pytest.raises(NotFound):
        await school.erase_person("nobody")
    with pytest.raises(NotFound):
        await school.group("none")
    with pytest.raises(Invalid):
        await school.people(cursor="'; DROP TABLE person")
    with pytest.raises(BadName):
        await school.create_person("\u202e")


async def test_a_new_name_holds_in_open_sessions_and_at_assets(school: School) -> None:
    code = await school.create_sign_in_code(Role.TEACHER, "Ms Serik")
    signed_in = await school.redeem(code, "here")
    person = signed_in.principal.person
    assert person is not None
    await _asset_of(school, person, "Ms Serik")
    await school.edit_person(person, name="Ms Omarova")
    now = await school.authenticate(signed_in.secret)
    assert now is not None
    assert now.name == "Ms Omarova"
    assert await _asset_names(school) == ["Ms Omarova"]


async def test_a_lower_role_reaches_open_sessions_and_tokens(school: School) -> None:
    person = await school.create_person("Ms Serik", Role.ADMIN)
    secret, _ = await school.create_token(Role.ADMIN, "laptop", person=person.id)
    code = await school.create_sign_in_code(Role.ADMIN, "Ms Serik")
    session = await school.redeem(code, "here")
    assert session.principal.person == person.id
    await school.edit_person(person.id, role=Role.TEACHER)
    for credential in (secret, session.secret):
        now = await school.authenticate(credential)
        assert now is not None
        assert now.role is Role.TEACHER


async def test_erasing_takes_the_name_away_and_ends_all_that_is_open(school: School) -> None:
    code = await school.create_sign_in_code(Role.TEACHER, "Ms Serik")
    session = await school.redeem(code, "here")
    person = session.principal.person
    assert person is not None
    secret, token = await school.create_token(Role.TEACHER, "Serik's laptop", person=person)
    unused = await school.create_sign_in_code(Role.TEACHER, "Ms Serik", person=person)
    await _asset_of(school, person, "Ms Serik")
    lesson = await school.start_lesson(session.principal, "Cells")

    await school.erase_person(person)
    await school.erase_person(person)

    assert (await school.person(person)).name == ""
    assert await school.authenticate(session.secret) is None
    assert await school.authenticate(secret) is None
    assert await school.renew(session.principal) is None
    with pytest.raises(Exception, match="sign-in code"):
        await school.redeem(unused, "here")
    assert await _asset_names(school) == [""]
    assert (await school.lesson(lesson.id)).teacher_name == ""
    assert [t.name for t in (await school.tokens()).items if t.id == token.id] == [""]
    assert (await school.people()).items == []
    with pytest.raises(Conflict):
        await school.edit_person(person, name="Ms Serik")


async def test_no_name_is_left_in_the_database_s_file(school: School) -> None:
    person = await school.create_person("Zhanseit-the-Unique")
    await school.erase_person(person.id)
    await school.stop()
    store = school._store
    store.close()
    for file in store.path.parent.iterdir():
        assert b"Zhanseit-the-Unique" not in file.read_bytes()


async def test_changes_are_told_to_teachers_only(school: School) -> None:
    person = await school.create_person("Aizhan")
    await school.edit_person(person.id, name="Aizhan B.")
    await school.erase_person(person.id)
    heard: list[Message] = school.heard
    assert [m.payload["change"] for m in heard] == ["added", "edited", "erased"]
    assert {m.topic for m in heard} == {f"people/{person.id}"}
    assert {m.audience.role for m in heard} == {Role.TEACHER}
    assert "Aizhan" not in str([m.payload for m in heard])


async def test_seats_are_kept(school: School) -> None:
    seat = await school.create_seat("Window 1")
    assert await school.seats() == [seat]


async def _asset_of(school: School, owner: str, name: str) -> None:
    row = AssetRow(
        id=owner + "-asset",
        media_type="image/jpeg",
        sha256="0" * 64,
        size=1,
        width=1,
        height=1,
        owner=owner,
        owner_name=name,
        title="A leaf",
        note="",
        created=1.0,
        damaged=False,
        info={},
    )
    await school._store.write(lambda session: session.add(row))


async def _asset_names(school: School) -> list[str]:
    return await school._store.read(
        lambda session: [row.owner_name for row in session.query(AssetRow)]
    )
