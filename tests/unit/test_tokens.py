"""Tokens, sessions and sign-in codes: good while they are, and not a second longer."""

import asyncio
import contextlib
import re
import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.audit import Audit
from hub.bus import Bus
from hub.device import Role
from hub.errors import Invalid, NotFound, TooMany
from hub.rights import SYSTEM, Principal, restrict
from hub.school import BadName, LessonEnded, School, WrongCode
from hub.school._recognition import hash_of
from hub.store import Store
from tests.schemas import earlier
from tests.stores import laid


class World:
    """A school whose clocks the test turns, and which counts how often it reads."""

    def __init__(self, path: Path) -> None:
        self.now = 1_800_000_000.0
        self.ticks = 0.0
        self.store = Store(laid(path))
        self.store.open()
        self.school = School(
            self.store, Bus(), clock=lambda: self.now, monotonic=lambda: self.ticks
        )

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.ticks += seconds


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = World(tmp_path / "hub.db")
    yield world
    world.store.close()


async def test_a_token_says_who_it_is(world: World) -> None:
    secret, token = await world.school.create_token(Role.ENGINEER, " monitor ")
    assert re.fullmatch(r"chub_[A-Za-z0-9_-]{43}", secret)
    principal = await world.school.authenticate(secret)
    assert principal is not None
    assert (principal.id, principal.name) == (token.id, "monitor")
    assert (principal.role, principal.via) == (Role.ENGINEER, "token")


async def test_the_database_holds_no_secret(world: World) -> None:
    secret, _ = await world.school.create_token(Role.ADMIN, "a")
    code = await world.school.create_sign_in_code(Role.TEACHER, "b")
    session = await world.school.redeem(code, "here")
    unused = await world.school.create_sign_in_code(Role.TEACHER, "b")
    files = [f.read_bytes() for f in world.store.path.parent.iterdir()]
    for kept_secret in (secret, code, session.secret, unused):
        assert not any(kept_secret.encode() in content for content in files)
        assert not any(kept_secret[5:].encode() in content for content in files)


async def test_an_expired_token_is_no_longer_good_even_when_remembered(world: World) -> None:
    secret, _ = await world.school.create_token(Role.PUPIL, "a", expires=timedelta(seconds=60))
    assert await world.school.authenticate(secret) is not None
    world.now += 59.9
    assert await world.school.authenticate(secret) is not None
    world.now += 0.1
    assert await world.school.authenticate(secret) is None


async def test_a_revoked_token_is_refused_at_once(world: World) -> None:
    secret, token = await world.school.create_token(Role.PUPIL, "a")
    principal = await world.school.authenticate(secret)
    assert principal is not None
    await world.school.revoke_token(token.id)
    await world.school.revoke_token(token.id)
    assert await world.school.authenticate(secret) is None
    assert await world.school.renew(principal) is None
    with pytest.raises(NotFound):
        await world.school.revoke_token("none")


async def test_what_another_process_changes_holds_within_a_second(world: World) -> None:
    other = World(world.store.path)
    secret, token = await other.school.create_token(Role.PUPIL, "made elsewhere")
    principal = await world.school.authenticate(secret)
    assert principal is not None
    await other.school.revoke_token(token.id)
    world.wait(0.9)
    assert await world.school.authenticate(secret) is None
    assert await world.school.renew(principal) is None
    other.store.close()


async def test_a_known_token_costs_no_query_within_the_second(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, _ = await world.school.create_token(Role.PUPIL, "a")
    await world.school.authenticate(secret)
    reads = 0
    read = world.store.read

    async def counted(work):
        nonlocal reads
        reads += 1
        return await read(work)

    monkeypatch.setattr(world.store, "read", counted)
    for _ in range(50):
        assert await world.school.authenticate(secret) is not None
    assert reads == 0
    world.wait(5)
    await asyncio.gather(*(world.school.authenticate(secret) for _ in range(50)))
    assert reads == 1


async def test_a_revocation_during_the_look_up_is_not_forgotten(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, token = await world.school.create_token(Role.PUPIL, "a")
    await world.school.authenticate("chub_nobody")
    read = world.store.read

    async def slow(work):
        found = await read(work)
        await world.school.revoke_token(token.id)
        return found

    monkeypatch.setattr(world.store, "read", slow)
    await world.school.authenticate(secret)
    monkeypatch.undo()
    assert await world.school.authenticate(secret) is None


@pytest.mark.parametrize("days", [0, -1, 200 * 366])
async def test_a_token_needs_a_time_that_makes_sense(world: World, days: int) -> None:
    with pytest.raises(Invalid):
        await world.school.create_token(Role.PUPIL, "a", expires=timedelta(days=days))


async def test_a_token_needs_a_name_and_a_known_person(world: World) -> None:
    with pytest.raises(BadName):
        await world.school.create_token(Role.PUPIL, "\n")
    with pytest.raises(NotFound):
        await world.school.create_token(Role.PUPIL, "a", person="nobody")


async def test_tokens_are_listed_without_their_secrets(world: World) -> None:
    secret, token = await world.school.create_token(Role.PUPIL, "a")
    listed = await world.school.tokens()
    assert listed.items == [token]
    assert secret not in repr(listed)


async def test_a_sign_in_code_works_once(world: World) -> None:
    code = await world.school.create_sign_in_code(Role.TEACHER, "Ms Serik")
    results = await asyncio.gather(
        *(world.school.redeem(code, "here") for _ in range(5)), return_exceptions=True
    )
    assert sorted(type(r).__name__ for r in results) == ["SignIn"] + ["WrongCode"] * 4


async def test_a_sign_in_code_is_good_for_ten_minutes(world: World) -> None:
    code = await world.school.create_sign_in_code(Role.TEACHER, "Ms Serik")
    world.wait(600)
    with pytest.raises(WrongCode):
        await world.school.redeem(code, "here")


async def test_the_same_name_and_role_is_the_same_person_at_the_next_sign_in(world: World) -> None:
    async def person(role: Role, name: str) -> str | None:
        code = await world.school.create_sign_in_code(role, name)
        return (await world.school.redeem(code, "here")).principal.person

    first = await person(Role.TEACHER, "Ms Serik")
    assert await person(Role.TEACHER, "Ms Serik") == first
    assert await person(Role.TEACHER, "Mr Omarov") != first
    assert await person(Role.ADMIN, "Ms Serik") != first


async def test_a_code_for_a_known_person_is_theirs(world: World) -> None:
    made = await world.school.create_person("Ms Serik", Role.TEACHER)
    code = await world.school.create_sign_in_code(Role.TEACHER, "x", person=made.id)
    signed_in = await world.school.redeem(code, "here")
    assert signed_in.principal.person == made.id
    assert signed_in.principal.name == "Ms Serik"


async def test_a_session_ends_after_twelve_hours(world: World) -> None:
    code = await world.school.create_sign_in_code(Role.TEACHER, "Ms Serik")
    session = await world.school.redeem(code, "here")
    world.wait(12 * 3600 - 1)
    assert await world.school.authenticate(session.secret) == session.principal
    world.wait(1)
    assert await world.school.authenticate(session.secret) is None


async def test_signing_out_ends_that_session_only(world: World) -> None:
    sessions = []
    for _ in range(2):
        code = await world.school.create_sign_in_code(Role.TEACHER, "Ms Serik")
        sessions.append(await world.school.redeem(code, "here"))
    await world.school.sign_out(sessions[0].principal)
    assert await world.school.authenticate(sessions[0].secret) is None
    assert await world.school.authenticate(sessions[1].secret) is not None


async def test_signing_out_leaves_a_token_alone(world: World) -> None:
    secret, _ = await world.school.create_token(Role.ADMIN, "a")
    principal = await world.school.authenticate(secret)
    assert principal is not None
    await world.school.sign_out(principal)
    assert await world.school.authenticate(secret) == principal


async def test_guessing_sign_in_codes_is_slowed_down(world: World) -> None:
    code = await world.school.create_sign_in_code(Role.TEACHER, "Ms Serik")
    for n in range(40):
        with pytest.raises(WrongCode):
            await world.school.redeem(f"guess-{n}", "there")
    with pytest.raises(TooMany):
        await world.school.redeem("guess", "there")
    await world.school.redeem(code, "there")


async def test_pupils_who_guess_digits_do_not_keep_the_teacher_out(world: World) -> None:
    code = await world.school.create_sign_in_code(Role.TEACHER, "Ms Serik")
    for n in range(100):
        with pytest.raises(WrongCode):
            await world.school.join("abcdef", "Aizhan", f"tablet-{n}")
    with pytest.raises(TooMany):
        await world.school.join("abcdef", "Aizhan", "tablet-5")
    await world.school.redeem(code, "tablet-5")


async def test_renewing_keeps_the_limits_of_a_foreign_page(world: World) -> None:
    secret, _ = await world.school.create_token(Role.ADMIN, "a")
    principal = await world.school.authenticate(secret)
    assert principal is not None
    limited = restrict(principal)
    assert await world.school.renew(limited) == limited
    assert await world.school.renew(SYSTEM) == SYSTEM


async def test_tokens_that_commands_made_for_themselves_do_not_pile_up(world: World) -> None:
    school, audit = world.school, Audit(world.store)
    of_commands = []
    for _ in range(50):
        secret, token = await school.create_token(
            Role.ADMIN, "classhub command (root)", expires=timedelta(minutes=15)
        )
        assert await school.authenticate(secret) is not None
        await school.revoke_token(token.id)
        of_commands.append(token.id)
    killed, left = await school.create_token(Role.ADMIN, "was killed", expires=timedelta(hours=24))
    _, long = await school.create_token(Role.PUPIL, "robot", expires=timedelta(days=30))
    _, ever = await school.create_token(Role.PUPIL, "panel")
    for token in (long.id, ever.id):
        await school.revoke_token(token)
    await school.forget_ended()
    assert len((await school.tokens(limit=100)).items) == 53
    world.wait(3601)
    await school.forget_ended()
    kept = {token.id for token in (await school.tokens(limit=100)).items}
    assert kept == {left.id, long.id, ever.id}
    assert await school.authenticate(killed) is not None
    world.wait(86400)
    await school.forget_ended()
    kept = {token.id for token in (await school.tokens(limit=100)).items}
    assert kept == {long.id, ever.id}
    said = (await audit.entries(action="token.revoke", limit=100)).items
    assert {entry.subject for entry in said} >= set(of_commands)


async def test_what_ended_a_week_ago_is_deleted(world: World) -> None:
    code = await world.school.create_sign_in_code(Role.TEACHER, "Ms Serik")
    await world.school.redeem(code, "here")
    await world.school.create_sign_in_code(Role.TEACHER, "Ms Serik")
    world.wait(9 * 86400)
    await world.school.forget_ended()

    def left(session):
        return [
            session.connection().exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()
            for table in ("session", "signin")
        ]

    assert await world.store.read(left) == [0, 0]


async def test_a_token_of_a_scope_says_so_and_has_no_account_at_the_broker(world: World) -> None:
    person = await world.school.create_person("Aizhan")
    secret, token = await world.school.create_token(
        Role.PUPIL, "Aizhan", person=person.id, scope="printing:send"
    )
    principal = await world.school.authenticate(secret)
    assert principal is not None
    assert (principal.owner, principal.scope) == (person.id, "printing:send")
    renewed = await world.school.renew(principal)
    assert renewed is not None
    assert renewed.scope == restrict(renewed).scope == "printing:send"
    _, other = await world.school.create_token(Role.PUPIL, "robot")
    assert [one.id for one in await world.school.broker_accounts()] == [other.id]
    found = await world.school.tokens(scope="printing:send", person=person.id, good=True)
    assert [one.id for one in found.items] == [token.id]
    await world.school.edit_person(person.id, name="Aizhan S.")
    assert (await world.school.token(token.id)).name == "Aizhan S."
    await world.school.revoke_token(token.id)
    assert (await world.school.tokens(scope="printing:send", good=True)).items == []


async def test_a_token_of_a_lesson_ends_with_it_or_when_its_owner_leaves(world: World) -> None:
    teacher = Principal("t", "Ms Serik", Role.TEACHER)
    lesson = await world.school.start_lesson(teacher, "3D")
    pupils = [await world.school.join(lesson.code or "", name, "here") for name in "ABC"]

    async def key(number: int) -> str:
        person = pupils[number].principal.person
        made = await world.school.create_token(
            Role.PUPIL, "key", person=person, lesson=lesson.id, expires=timedelta(days=90)
        )
        return made[0]

    keys = [await key(number) for number in range(3)]
    principal = await world.school.authenticate(keys[0])
    assert principal is not None
    assert principal.lesson == lesson.id
    await world.school.remove_member(lesson.id, pupils[0].principal.person or "", teacher)
    assert await world.school.authenticate(keys[0]) is None
    with pytest.raises(NotFound):
        await key(0)
    assert await world.school.authenticate(keys[1]) is not None
    await world.school.end_lesson(lesson.id, teacher)
    assert await world.school.authenticate(keys[1]) is None
    with pytest.raises(LessonEnded):
        await key(2)


async def test_tokens_of_an_earlier_schema_may_all_that_their_role_may(tmp_path: Path) -> None:
    database = tmp_path / "hub.db"
    earlier(database, "0008")
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute(
            "INSERT INTO token (id, name, role, hash, created) VALUES ('t1', 'old', 'teacher', ?, 1)",
            [hash_of("chub_" + "x" * 43)],
        )
        connection.commit()
    world = World(database)
    principal = await world.school.authenticate("chub_" + "x" * 43)
    world.store.close()
    assert principal is not None
    assert (principal.role, principal.scope, principal.lesson) == (Role.TEACHER, None, None)


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.text(alphabet=st.characters(), max_size=200) | st.text(alphabet="\ud800\x009٣", max_size=7)
)
def test_nonsense_is_nobody(tmp_path: Path, text: str) -> None:
    async def scenario() -> None:
        world = World(tmp_path / "hub.db")
        try:
            assert await world.school.authenticate(text) is None
            assert await world.school.authenticate("chub_" + text) is None
            with pytest.raises(WrongCode):
                await world.school.redeem(text, "here")
            with pytest.raises(WrongCode):
                await world.school.join(text, "Aizhan", "here")
        finally:
            world.store.close()

    asyncio.run(scenario())
