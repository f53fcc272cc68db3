"""Lessons are started, joined with six digits, and end."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.bus import Bus
from hub.device import Role
from hub.errors import Forbidden, NotFound, TooMany
from hub.rights import Access, Principal, may
from hub.school import BadName, LessonEnded, School, WrongCode
from hub.store import Store
from tests.stores import laid

TEACHER = Principal(id="t", name="Ms Serik", role=Role.TEACHER)
OTHER = Principal(id="o", name="Mr Omarov", role=Role.TEACHER)
PUPIL = Principal(id="p", name="Aizhan", role=Role.PUPIL)


class World:
    """A school whose clocks the test turns."""

    def __init__(self, path: Path) -> None:
        self.now = 1_800_000_000.0
        self.store = Store(laid(path / "hub.db"))
        self.bus = Bus()
        self.heard: list[tuple[str, str, Access]] = []
        self.bus.subscribe(
            "lessons/#", lambda m: self.heard.append((m.topic, m.payload["change"], m.audience))
        )
        self.school = School(
            self.store, self.bus, clock=lambda: self.now, monotonic=lambda: self.now
        )


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = World(tmp_path)
    world.store.open()
    await world.school.start()
    yield world
    await world.school.stop()
    world.store.close()


@pytest.fixture
def school(world: World) -> School:
    return world.school


async def test_a_lesson_has_six_digits_while_it_runs(school: School) -> None:
    lesson = await school.start_lesson(TEACHER, "  Cells ")
    assert lesson.title == "Cells"
    assert lesson.code is not None
    assert len(lesson.code) == 6
    assert lesson.code.isdecimal()
    ended = await school.end_lesson(lesson.id, TEACHER)
    assert ended.code is None
    assert not ended.running


async def test_only_teachers_start_and_end_lessons_and_remove_pupils(school: School) -> None:
    lesson = await school.start_lesson(TEACHER, "Cells")
    for doing in (
        school.start_lesson(PUPIL, "Mine"),
        school.end_lesson(lesson.id, PUPIL),
        school.remove_member(lesson.id, "x", PUPIL),
        school.new_code(lesson.id, PUPIL),
    ):
        with pytest.raises(Forbidden):
            await doing


async def test_a_pupil_who_joins_is_in_the_lesson_and_nowhere_else(school: School) -> None:
    lesson = await school.start_lesson(TEACHER, "Cells")
    joined = await school.join(lesson.code or "", "Aizhan", "tablet-1")
    principal = await school.authenticate(joined.secret)
    assert principal == joined.principal
    assert (principal.role, principal.lesson, principal.via) == (Role.PUPIL, lesson.id, "session")
    assert [m.name for m in await school.members(lesson.id)] == ["Aizhan"]
    assert may(principal, school.lesson_access(lesson))
    other = await school.start_lesson(OTHER, "Algebra")
    assert not may(principal, school.lesson_access(other))


async def test_two_of_one_name_are_told_apart(school: School) -> None:
    lesson = await school.start_lesson(TEACHER, "Cells")
    names = ["Aizhan", "AIZHAN", "Aizhan", "x" * 80, "x" * 80]
    for name in names:
        await school.join(lesson.code or "", name, "tablet")
    members = [m.name for m in await school.members(lesson.id)]
    assert members == ["Aizhan", "AIZHAN 2", "Aizhan 3", "x" * 80, "x" * 74 + " 2"]


async def test_ending_a_lesson_signs_its_pupils_out_and_is_idempotent(world: World) -> None:
    school = world.school
    lesson = await school.start_lesson(TEACHER, "Cells")
    joined = await school.join(lesson.code or "", "Aizhan", "tablet")
    first = await school.end_lesson(lesson.id, TEACHER)
    world.now += 10
    assert await school.end_lesson(lesson.id, OTHER) == first
    assert await school.authenticate(joined.secret) is None
    assert await school.renew(joined.principal) is None
    with pytest.raises(WrongCode):
        await school.join(lesson.code or "", "Erlan", "tablet")
    assert [m.name for m in await school.members(lesson.id)] == ["Aizhan"]


async def test_a_forgotten_lesson_ends_by_itself(world: World) -> None:
    school = world.school
    lesson = await school.start_lesson(TEACHER, "Cells")
    joined = await school.join(lesson.code or "", "Aizhan", "tablet")
    world.now += 12 * 3600 - 1
    assert await school.end_overdue() == []
    world.now += 1
    assert await school.authenticate(joined.secret) is None
    with pytest.raises(WrongCode):
        await school.join(lesson.code or "", "Erlan", "tablet")
    assert [ended.id for ended in await school.end_overdue()] == [lesson.id]
    assert await school.running() == []


async def test_a_removed_pupil_is_out_at_once_and_new_digits_keep_them_out(school: School) -> None:
    lesson = await school.start_lesson(TEACHER, "Cells")
    joined = await school.join(lesson.code or "", "Aizhan", "tablet")
    stays = await school.join(lesson.code or "", "Erlan", "tablet")
    person = joined.principal.person
    assert person is not None
    await school.remove_member(lesson.id, person, TEACHER)
    await school.remove_member(lesson.id, person, TEACHER)
    assert await school.authenticate(joined.secret) is None
    assert await school.authenticate(stays.secret) is not None
    assert [m.name for m in await school.members(lesson.id)] == ["Erlan"]
    changed = await school.new_code(lesson.id, TEACHER)
    with pytest.raises(WrongCode):
        await school.join(lesson.code or "", "Aizhan", "tablet")
    await school.join(changed.code or "", "Dana", "tablet")
    with pytest.raises(NotFound):
        await school.remove_member(lesson.id, "nobody", TEACHER)


async def test_an_ended_lesson_gets_no_new_digits(school: School) -> None:
    lesson = await school.start_lesson(TEACHER, "Cells")
    await school.end_lesson(lesson.id, TEACHER)
    with pytest.raises(LessonEnded):
        await school.new_code(lesson.id, TEACHER)


async def test_thirty_pupils_join_at_once(school: School) -> None:
    lesson = await school.start_lesson(TEACHER, "Cells")
    code = lesson.code or ""
    joined = await asyncio.gather(*(school.join(code, f"Pupil {n}", "nat") for n in range(30)))
    assert len({j.secret for j in joined}) == 30
    assert len(await school.members(lesson.id)) == 30


async def test_after_forty_wrong_codes_an_address_is_told_to_wait(world: World) -> None:
    school = world.school
    lesson = await school.start_lesson(TEACHER, "Cells")
    wrong = f"{(int(lesson.code or 0) + 1) % 1_000_000:06}"
    for _ in range(40):
        with pytest.raises(WrongCode):
            await school.join(wrong, "Aizhan", "class")
    with pytest.raises(TooMany):
        await school.join(wrong, "Aizhan", "class")
    with pytest.raises(WrongCode):
        await school.join(wrong, "Erlan", "elsewhere")
    world.now += 61
    with pytest.raises(WrongCode):
        await school.join(wrong, "Aizhan", "class")


async def test_one_who_guesses_does_not_keep_the_class_behind_the_same_address_out(
    world: World,
) -> None:
    school = world.school
    lesson = await school.start_lesson(TEACHER, "Cells")
    guesses = (school.join("abcdef", "Aizhan", "class") for _ in range(60))
    await asyncio.gather(*guesses, return_exceptions=True)
    await school.join(lesson.code or "", "Erlan", "class")


async def test_after_a_minute_the_class_gets_in_again(world: World) -> None:
    school = world.school
    lesson = await school.start_lesson(TEACHER, "Cells")
    guesses = (school.join("abcdef", "Aizhan", "class") for _ in range(150))
    await asyncio.gather(*guesses, return_exceptions=True)
    with pytest.raises(TooMany):
        await school.join(lesson.code or "", "Erlan", "class")
    world.now += 61
    await school.join(lesson.code or "", "Erlan", "class")


async def test_one_address_does_not_use_up_the_guesses_of_all(world: World) -> None:
    school = world.school
    lesson = await school.start_lesson(TEACHER, "Cells")
    guesses = (school.join("abcdef", "Aizhan", "naughty") for _ in range(500))
    await asyncio.gather(*guesses, return_exceptions=True)
    with pytest.raises(TooMany):
        await school.join(lesson.code or "", "Aizhan", "naughty")
    with pytest.raises(WrongCode):
        await school.join("abcdef", "Erlan", "tablet")
    await school.join(lesson.code or "", "Erlan", "tablet")


async def test_after_a_hundred_wrong_codes_those_who_guessed_wait(world: World) -> None:
    school = world.school
    lesson = await school.start_lesson(TEACHER, "Cells")
    guesses = (school.join("abcdef", "Aizhan", f"tablet-{n // 9}") for n in range(100))
    failed = await asyncio.gather(*guesses, return_exceptions=True)
    assert {type(f) for f in failed} == {WrongCode}
    with pytest.raises(TooMany):
        await school.join(lesson.code or "", "Aizhan", "tablet-3")
    await school.join(lesson.code or "", "Aizhan", "tablet-fresh")


async def test_one_with_many_addresses_guesses_three_hundred_times_a_minute(world: World) -> None:
    school = world.school
    lesson = await school.start_lesson(TEACHER, "Cells")
    failed = []
    for n in range(0, 400, 40):
        guesses = (school.join("abcdef", "Aizhan", f"address-{m}") for m in range(n, n + 40))
        failed += await asyncio.gather(*guesses, return_exceptions=True)
    assert [type(f) for f in failed].count(WrongCode) == 300
    with pytest.raises(TooMany):
        await school.join(lesson.code or "", "Aizhan", "tablet-fresh")
    world.now += 61
    await school.join(lesson.code or "", "Aizhan", "tablet-fresh")


async def test_guesses_sent_at_once_are_no_way_round(school: School) -> None:
    guesses = (school.join("abcdef", "Aizhan", "tablet") for _ in range(200))
    failed = await asyncio.gather(*guesses, return_exceptions=True)
    assert [type(f) for f in failed].count(WrongCode) == 40
    assert [type(f) for f in failed].count(TooMany) == 160


async def test_a_bad_name_is_no_wrong_guess(school: School) -> None:
    lesson = await school.start_lesson(TEACHER, "Cells")
    for _ in range(20):
        with pytest.raises(BadName):
            await school.join(lesson.code or "", "", "tablet")
    await school.join(lesson.code or "", "Aizhan", "tablet")


async def test_a_full_lesson_takes_nobody_more(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.school._credentials.MEMBERS_LIMIT", 2)
    lesson = await school.start_lesson(TEACHER, "Cells")
    for name in ("Aizhan", "Erlan"):
        await school.join(lesson.code or "", name, "tablet")
    with pytest.raises(TooMany):
        await school.join(lesson.code or "", "Dana", "tablet")


async def test_the_lesson_that_is_meant_when_none_is_named(school: School) -> None:
    assert await school.default_lesson(TEACHER) is None
    first = await school.start_lesson(TEACHER, "Cells")
    assert await school.default_lesson(OTHER) == first
    joined = await school.join(first.code or "", "Aizhan", "tablet")
    second = await school.start_lesson(OTHER, "Algebra")
    assert await school.default_lesson(TEACHER) == first
    assert await school.default_lesson(OTHER) == second
    assert await school.default_lesson(joined.principal) == first
    assert await school.default_lesson(PUPIL) is None
    third = await school.start_lesson(TEACHER, "Leaves")
    newest = await school.default_lesson(TEACHER)
    assert newest is not None
    assert newest.id in (first.id, third.id)
    await school.end_lesson(first.id, TEACHER)
    assert await school.default_lesson(joined.principal) is None


async def test_lessons_are_listed_in_pages_the_newest_first(school: School) -> None:
    made = [(await school.start_lesson(TEACHER, f"L{n}")).id for n in range(3)]
    page = await school.lessons(limit=2)
    rest = await school.lessons(limit=2, cursor=page.next)
    listed = [lesson.id for lesson in [*page.items, *rest.items]]
    assert listed == sorted(made, reverse=True)
    assert len({lesson.code for lesson in await school.running()}) == 3


async def test_those_in_the_lesson_hear_of_it_but_never_its_digits(world: World) -> None:
    school = world.school
    payloads: list[object] = []
    world.bus.subscribe("#", lambda m: payloads.append(m.payload))
    lesson = await school.start_lesson(TEACHER, "Cells")
    joined = await school.join(lesson.code or "", "Aizhan", "tablet")
    await school.end_lesson(lesson.id, TEACHER)
    assert [change for _, change, _ in world.heard] == ["started", "joined", "ended"]
    for topic, _, audience in world.heard:
        assert topic == f"lessons/{lesson.id}"
        assert may(joined.principal, audience)
        assert not may(PUPIL, audience)
    assert (lesson.code or "none") not in str(payloads)
