"""Which printer a job is for, when it will be done, and what a class may print."""

import asyncio
from dataclasses import replace

import pytest

from drivers.printer.values import PrinterState, Volume
from hub.clock import now
from hub.store import Store
from hub.store.tables import GroupRow
from plugins.printing.accounts.errors import (
    ClassUsedItsFilament,
    ClassUsedItsTime,
    PrintsTooLong,
)
from plugins.printing.queue.estimate import CHANGE, UNKNOWN, WARM_UP, Waiting, left, times
from plugins.printing.queue.matching import fitting, why_not
from plugins.printing.queue.values import Plate, PrinterNow, PrinterSetup
from plugins.printing.tables import MIGRATIONS, JobRow, QuotaRow, UseRow
from tests.print_floor import Floor

SMALL = PrinterNow(
    id="small",
    name="Small",
    reachable=True,
    state=PrinterState.IDLE,
    volume=Volume(x=180, y=180, z=180),
    nozzle=0.4,
    materials=("PLA", "PETG"),
    plate=Plate(clear=True),
    setup=PrinterSetup(profile="prusa-mini"),
)
LARGE = replace(
    SMALL, id="large", volume=Volume(x=300, y=300, z=400), nozzle=0.6, materials=("ABS",),
    setup=PrinterSetup(),
)  # fmt: skip
SILENT = replace(SMALL, id="silent", volume=None, nozzle=None, materials=None, setup=PrinterSetup())
"""A printer that says nothing of itself."""
EVERY = (SMALL, LARGE, SILENT)


@pytest.mark.parametrize(
    ("facts", "able"),
    [
        ({}, {"small", "large", "silent"}),
        ({"size": [180, 180, 180]}, {"small", "large", "silent"}),
        ({"size": [180.2, 10, 10]}, {"large", "silent"}),
        ({"size": [10, 10, 401]}, {"silent"}),
        ({"nozzle": 0.4}, {"small", "silent"}),
        ({"nozzle": 0.6}, {"large", "silent"}),
        ({"material": "pla"}, {"small", "silent"}),
        ({"material": "ABS"}, {"large", "silent"}),
        ({"material": "PLA", "nozzle": 0.6}, {"silent"}),
        ({"profile": "prusa-mini"}, {"small", "large", "silent"}),
        ({"profile": "creality-ender-3"}, {"large", "silent"}),
        ({"printer": "small"}, {"small"}),
    ],
)
def test_a_job_goes_only_where_size_nozzle_material_and_profile_fit(facts, able):
    assert {one.id for one in fitting(facts, None, EVERY)} == able


def test_a_wish_for_a_printer_does_not_make_a_part_fit_on_it():
    assert [one.id for one in fitting({"size": [200, 10, 10]}, "small", EVERY)] == []
    assert why_not({"size": [200, 10, 10]}, "small", SMALL) == "too-big"
    assert [one.id for one in fitting({}, "large", EVERY)] == ["large"]


def test_printers_of_the_policy_by_which_it_was_judged_go_before_others():
    judged = {"policy": "prusa@1234"}
    mine = replace(SILENT, id="mine", policy="prusa")
    assert [one.id for one in fitting(judged, None, (SMALL, mine))] == ["mine"]
    assert [one.id for one in fitting(judged, None, (SMALL, LARGE))] == ["small", "large"]


def test_only_an_idle_printer_with_a_clear_plate_is_ready():
    assert SMALL.ready
    for change in (
        {"reachable": False}, {"state": PrinterState.PRINTING}, {"state": PrinterState.ATTENTION},
        {"state": None}, {"plate": Plate(clear=False)}, {"busy_with": "job"},
    ):  # fmt: skip
        assert not replace(SMALL, **change).ready, change


def test_each_job_of_the_queue_has_its_time_on_the_printer_that_is_free_first():
    queue = [
        Waiting("first", 600, ("a", "b")),
        Waiting("second", 600, ("a", "b")),
        Waiting("only a", 100, ("a",)),
        Waiting("nowhere", 100, ("c",)),
    ]
    done = times(1000.0, {"a": 0.0, "b": 60.0}, queue)
    assert done["first"] == 1000 + WARM_UP + 600
    assert done["second"] == 1060 + WARM_UP + 600
    assert done["only a"] == done["first"] + CHANGE + WARM_UP + 100
    assert done["nowhere"] is None


def test_behind_a_print_whose_time_nobody_knows_one_is_reckoned():
    queue = [Waiting("unknown", None, ("a",)), Waiting("next", 100, ("a",))]
    done = times(0.0, {"a": 0.0}, queue)
    assert done["unknown"] is None
    assert done["next"] == WARM_UP + UNKNOWN + CHANGE + WARM_UP + 100


@pytest.mark.parametrize(
    ("estimate", "printed", "fraction", "seconds"),
    [
        (1000, 0, 0.0, 1000),
        (1000, 600, 0.5, 500),  # half of 1000 and half of the 1200 that are seen
        (1000, 1500, 0.99, pytest.approx(10 + 0.01 * (1000 - 1515), abs=6)),
        (None, 300, 0.5, 300),
        (None, 3, 0.001, None),
        (100, 500, 0.01, 0),
    ],
)
def test_what_was_seen_of_a_print_counts_more_and_more(estimate, printed, fraction, seconds):
    assert left(estimate, printed, fraction) == seconds


@pytest.fixture
async def floor(tmp_path):
    store = Store(tmp_path / "hub.db")
    store.open()
    store.migrate(MIGRATIONS)
    store.close()
    floor = Floor(tmp_path / "hub.db")
    await floor.restart()
    yield floor
    floor.close()


def known(session, group):
    if group and session.get(GroupRow, group) is None:
        session.add(GroupRow(id=group, name=group, created=now()))
        session.flush()


async def of_class(floor, group, grams=10.0, minutes=30.0):
    job = await floor.hand_in()

    def work(session):
        known(session, group)
        row = session.get(JobRow, job)
        row.group, row.estimate = group, {"grams": grams, "seconds": minutes * 60}

    await floor.store.write(work)
    return job


async def limits(floor, group, **most):
    def work(session):
        known(session, group)
        row = QuotaRow(group=group or "", grams=None, minutes=None, longest=None, days=30)
        for name, value in most.items():
            setattr(row, name, value)
        session.merge(row)

    await floor.store.write(work)


@pytest.mark.parametrize(
    ("most", "error"),
    [
        ({"grams": 19}, ClassUsedItsFilament),
        ({"minutes": 59}, ClassUsedItsTime),
        ({"longest": 29}, PrintsTooLong),
    ],
)
async def test_grams_minutes_and_the_longest_print_of_a_class_are_limits(floor, most, error):
    """What was approved and is not printed yet counts already."""
    first, second = [await of_class(floor, "7b") for _ in range(2)]
    await limits(floor, "7b", **most)
    if error is not PrintsTooLong:
        await floor.approve(first)
    with pytest.raises(error):
        await floor.approve(second)
    assert (await floor.rows())[second][0] == "waiting"
    (most_name, value), *_ = most.items()
    await limits(floor, "7b", **{most_name: value + 1})
    await floor.approve(second)
    # Another class has what is for all, here nothing.
    await floor.approve(await of_class(floor, "8a"))


async def test_a_class_without_limits_of_its_own_has_those_of_all(floor):
    await limits(floor, None, minutes=40)
    await floor.approve(await of_class(floor, "7b"))
    with pytest.raises(ClassUsedItsTime):
        await floor.approve(await of_class(floor, "7b"))
    await floor.approve(await of_class(floor, None))
    with pytest.raises(ClassUsedItsTime):
        await floor.approve(await of_class(floor, None))


async def test_what_was_printed_counts_for_so_many_days(floor):
    await limits(floor, "7b", grams=100)

    def used(age):
        def work(session):
            session.query(UseRow).delete()
            session.add(
                UseRow(
                    job="old", owner="pupil", group="7b", printer="printer-1", material="PLA",
                    millimetres=0, grams=95, seconds=60, outcome="failed", time=now() - age * 86400,
                )
            )  # fmt: skip

        return work

    job = await of_class(floor, "7b")
    await floor.store.write(used(29))
    with pytest.raises(ClassUsedItsFilament):
        await floor.approve(job)
    await floor.store.write(used(31))
    await floor.approve(job)


async def test_two_approvals_at_once_do_not_pass_a_limit_together(floor):
    await limits(floor, "7b", grams=15)
    jobs = [await of_class(floor, "7b") for _ in range(4)]
    done = await asyncio.gather(*(floor.approve(one) for one in jobs), return_exceptions=True)
    refused = [one for one in done if isinstance(one, ClassUsedItsFilament)]
    assert (len(done) - len(refused), len(refused)) == (1, 3)
