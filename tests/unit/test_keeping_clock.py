"""A clock of 1970, or of ten years from now, takes nothing away and lets nothing live for ever."""

from datetime import timedelta

import pytest

from hub.audit import Audit, record
from hub.bus import Bus
from hub.clock import LATEST, RELEASED, SteadyClock, plausible
from hub.device import Role
from hub.ids import new_id
from hub.rights import SYSTEM
from hub.school import School
from hub.store import Store
from tests.stores import laid

NOW = RELEASED + 100 * 86400.0
DAY = 86400.0
YEARS = 3652 * DAY


class Computer:
    """A computer whose clock a test sets."""

    def __init__(self, wall: float = NOW) -> None:
        self.wall = wall
        self.elapsed = 1000.0
        self.clock = SteadyClock(lambda: self.wall, lambda: self.elapsed)

    def wait(self, seconds: float) -> None:
        self.wall += seconds
        self.elapsed += seconds

    def set(self, wall: float) -> None:
        self.wall = wall


def test_the_clock_is_believed_within_years_of_the_release():
    assert plausible(RELEASED)
    assert plausible(NOW)
    assert not plausible(0.0)
    assert not plausible(NOW + YEARS)
    assert not plausible(LATEST + 1)


@pytest.mark.parametrize("wrong", [0.0, 1e9, NOW + YEARS])
def test_while_it_is_wrong_time_goes_on_from_where_it_was(wrong):
    computer = Computer()
    assert computer.clock.now() == NOW
    computer.set(wrong)
    computer.wait(60)
    assert computer.clock.wrong()
    assert computer.clock.now() == pytest.approx(NOW + 60)
    computer.set(NOW + 120)
    assert not computer.clock.wrong()
    assert computer.clock.now() == NOW + 120


def test_started_with_a_wrong_clock_it_goes_on_from_what_it_last_knew():
    computer = Computer(wall=0.0)
    assert computer.clock.now() == RELEASED
    computer.clock.remember(NOW)
    computer.wait(5)
    assert computer.clock.now() == pytest.approx(NOW + 5)
    computer.clock.remember(NOW + YEARS)
    computer.clock.remember(0.0)
    assert computer.clock.now() == pytest.approx(NOW + 5)


def test_ids_sort_by_the_order_in_which_they_were_made_whatever_the_clock_does(monkeypatch):
    computer = Computer()
    monkeypatch.setattr("hub.ids.CLOCK", computer.clock)
    made = [new_id()]
    for wall in (NOW + 1000, 0.0, NOW - 3600, NOW + YEARS, NOW + 2000):
        computer.set(wall)
        computer.elapsed += 1
        made.append(new_id())
    stamps = [one[:10] for one in made]
    assert stamps == sorted(stamps)
    # A small step backwards (summer time, a correction) repeats the stamp, never goes before it.
    assert len(set(made)) == len(made)


@pytest.fixture
def store(tmp_path):
    store = Store(laid(tmp_path / "hub.db"))
    store.open()
    yield store
    store.close()


async def test_sessions_and_tokens_outlive_a_jump_forward_and_back_and_still_expire(store):
    computer = Computer()
    minutes = [0.0]
    school = School(
        store, Bus(), clock=computer.clock.now, monotonic=lambda: minutes[0], lesson_hours=12
    )
    lesson = await school.start_lesson(SYSTEM, "Onion")
    pupil = await school.join(lesson.code, "Aizhan", "10.0.0.7")
    secret, _ = await school.create_token(Role.TEACHER, "laptop", expires=timedelta(days=30))
    for wrong in (NOW + YEARS, 0.0, 1e9):
        computer.set(wrong)
        minutes[0] += 2
        await school.end_overdue()
        await school.forget_ended()
        assert await school.authenticate(pupil.secret) is not None
        assert await school.authenticate(secret) is not None
    computer.set(NOW + 3600)
    await school.end_overdue()
    assert (await school.lesson(lesson.id)).running
    # Even where the clock never comes right, twelve hours are twelve hours.
    computer.set(0.0)
    computer.elapsed += 13 * 3600
    minutes[0] += 2
    await school.end_overdue()
    assert await school.authenticate(pupil.secret) is None
    computer.elapsed += 31 * DAY
    assert await school.authenticate(secret) is None


async def test_the_log_is_in_order_though_the_clock_went_back(store, monkeypatch):
    audit = Audit(store)
    for number, wall in enumerate((NOW, NOW - 50 * DAY, 0.0, NOW)):
        await store.write(lambda s, n=number, w=wall: record(s, SYSTEM, f"x.{n}", at=w))
    assert [e.action for e in (await audit.entries()).items] == ["x.3", "x.2", "x.1", "x.0"]
