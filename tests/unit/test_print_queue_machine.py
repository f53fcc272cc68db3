"""Whatever happens in whatever order: one approval starts one print at most, on a clear plate.

`CLASSHUB_TEST_QUEUES` says how many orders are tried (25 where it says nothing).
"""

import asyncio
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from drivers.printer.values import JobState as PrintState
from drivers.printer.values import PrinterState
from hub.errors import HubError
from hub.store import Store
from plugins.printing.jobs.states import ENDED
from plugins.printing.tables import MIGRATIONS
from tests.print_floor import PUPIL, TEACHER, Floor

OVER = {state.value for state in ENDED}
PRINTERS = st.sampled_from([0, 1])
ANSWERS = st.sampled_from(["takes", "takes", "busy", "refuses", "goes away", "takes and goes away"])
POLICIES = st.sampled_from(["default", "manual", "prusa"])
"""`manual` leaves out what `default` does, `prusa` less."""
TOGETHER = st.sampled_from(
    ["approve", "approve", "approve-1", "approve-2", "cancel", "send-back", "change", "turn"]
)
JOBS = st.integers(0, 11)
EXAMPLES = int(os.environ.get("CLASSHUB_TEST_QUEUES", "25"))
"""How many orders of things are tried."""
ENDS = st.sampled_from([PrintState.FINISHED, PrintState.FAILED, PrintState.INTERRUPTED])


@pytest.fixture(scope="module")
def template():
    """An empty database with all tables, where the disk is fast."""
    shm = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(dir=shm if shm.is_dir() else None))
    store = Store(folder / "template.db")
    store.open()
    store.migrate(MIGRATIONS)
    store.close()
    yield folder
    shutil.rmtree(folder)


def machine(folder: Path) -> type[RuleBasedStateMachine]:  # noqa: C901 - its rules
    """Return the machine; each run has a copy of the empty database."""

    class QueueMachine(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.loop = asyncio.new_event_loop()
            self.folder = Path(tempfile.mkdtemp(dir=folder))
            shutil.copy(folder / "template.db", self.folder / "hub.db")
            self.floor = Floor(self.folder / "hub.db")
            self.over: dict[str, str] = {}

        def run(self, work):
            return self.loop.run_until_complete(work)

        def do(self, work):
            """Let somebody do something; being refused is fine, being killed is survived."""

            async def doing():
                try:
                    killed = await self.floor.killable(work)
                except HubError:
                    killed = False
                if killed:
                    await self.floor.restart()
                return not killed

            return self.run(doing())

        def the(self, number):
            """A job by its number: how many there are by now, what is drawn does not depend on."""
            return self.floor.jobs[number % len(self.floor.jobs)]

        @initialize()
        def begin(self):
            self.run(self.floor.restart())
            for approved in (True, True, True, False):
                self.hand_in(approved)

        @rule(approved=st.booleans(), wanted=st.none() | PRINTERS)
        def hand_in_one(self, approved, wanted):
            printer = None if wanted is None else self.floor.printers[wanted].id
            self.hand_in(approved, printer)

        def hand_in(self, approved, printer=None):
            job = self.run(self.floor.hand_in(printer=printer))
            if approved:
                self.approve(job)

        @rule(job=JOBS, by=st.sampled_from([PUPIL, TEACHER]))
        def reprint(self, job, by):
            self.do(self.floor.reprint(self.the(job), by))

        @rule(job=JOBS, wanted=st.none() | PRINTERS)
        def approve_one(self, job, wanted):
            """By a teacher who sees what is left out; the printer may be gone."""
            self.approve(self.the(job), None if wanted is None else self.floor.printers[wanted].id)

        def approve(self, job, printer=None):
            self.do(self.floor.approve(job, printer))

        @rule(job=JOBS, what=st.lists(TOGETHER, min_size=2, max_size=3))
        def at_once(self, job, what):
            """Several people do something with one job at the same moment."""
            floor, job = self.floor, self.the(job)

            async def all_of_them():
                works = {
                    "approve": lambda: floor.approve(job),
                    "approve-1": lambda: floor.approve(job, "printer-1"),
                    "approve-2": lambda: floor.approve(job, "printer-2"),
                    "cancel": lambda: floor.queue.cancel(job, by=PUPIL),
                    "send-back": lambda: floor.service.send_back(job, by=TEACHER, note=""),
                    "change": lambda: floor.change(job),
                    "turn": floor.turn,
                }
                at_once = [works[one]() for one in what]
                for one in await asyncio.gather(*at_once, return_exceptions=True):
                    if isinstance(one, BaseException) and not isinstance(one, HubError):
                        raise one

            self.do(all_of_them())

        @rule(job=JOBS)
        def hand_in_another_file(self, job):
            self.do(self.floor.change(self.the(job)))

        @rule(number=PRINTERS, policy=POLICIES)
        def a_printer_gets_another_policy(self, number, policy):
            self.floor.printers[number].policy = policy
            self.floor.printers[number].tell()

        @rule(number=PRINTERS)
        def a_printer_is_taken_out_of_the_hub(self, number):
            self.floor.out.add(self.floor.printers[number].id)

        @rule()
        def all_printers_belong_to_the_hub_again(self):
            self.floor.out.clear()

        @rule(job=JOBS)
        def send_back(self, job):
            self.do(self.floor.service.send_back(self.the(job), by=TEACHER, note=""))

        @rule(job=JOBS)
        def cancel(self, job):
            self.do(self.floor.queue.cancel(self.the(job), by=PUPIL))

        @rule(job=JOBS)
        def pause(self, job):
            self.do(self.floor.queue.pause(self.the(job), by=TEACHER))

        @rule(job=JOBS)
        def resume(self, job):
            self.do(self.floor.queue.resume(self.the(job), by=TEACHER))

        @rule(job=JOBS, before=JOBS)
        def move(self, job, before):
            work = self.floor.queue.move(self.the(job), before=self.the(before), by=TEACHER)
            self.do(work)

        @rule(number=PRINTERS)
        def clear_a_plate(self, number):
            self.clear(self.floor.printers[number])

        def clear(self, printer):
            if printer.does in (PrinterState.PRINTING, PrinterState.PAUSED):
                return  # nobody takes a part off that is being printed
            self.floor.truth.clear[printer.id] = True
            self.do(self.floor.known.plate_cleared(printer.id, by=TEACHER, whose=None))

        @rule(
            answers=st.tuples(ANSWERS, ANSWERS),
            kill=st.none() | st.tuples(st.integers(1, 6), st.booleans()),
            back=st.sampled_from(["forgets", "forgets", "knows", "stays away"]),
            clear=st.booleans(),
        )
        def turn(self, answers, kill, back, clear):
            """Start what is ready and look; printers answer so, the hub may be killed in it."""
            floor = self.floor
            for printer in floor.printers if clear else ():
                self.clear(printer)
            for printer, answer in zip(floor.printers, answers, strict=True):
                printer.answer = answer
            if kill is not None:
                floor.store.kill_in, floor.store.kill_before = kill
            self.do(floor.turn())
            floor.store.kill_in = None
            for printer in floor.printers:
                if not printer.state.reachable and back != "stays away":
                    printer.plug(forgets=back == "forgets")

        @rule(number=PRINTERS)
        def it_is_quiet(self, number):
            """Nothing goes wrong for a while: a print comes to its end, and is taken off."""
            self.clear(self.floor.printers[number])
            self.turn(("takes", "takes"), None, "knows", clear=False)
            self.a_print_ends(number, PrintState.FINISHED)
            self.turn(("takes", "takes"), None, "knows", clear=False)
            self.clear(self.floor.printers[number])

        @rule(number=PRINTERS, how=ENDS)
        def a_print_ends(self, number, how):
            printer = self.floor.printers[number]
            if printer.does in (PrinterState.PRINTING, PrinterState.PAUSED):
                printer.becomes(how, PrinterState.IDLE, 1.0)

        @rule(number=PRINTERS)
        def somebody_prints_at_the_printer(self, number):
            """The queue sees it while it goes on."""
            printer = self.floor.printers[number]
            if printer.state.reachable and printer.does is PrinterState.IDLE:
                self.floor.store.kill_in = None
                printer.prints_for_somebody_else()
                self.do(self.floor.following.look())

        @rule(number=PRINTERS, minutes=st.sampled_from([5, 30]))
        def somebody_prints_from_a_card_while_a_printer_is_switched_off(self, number, minutes):
            """Neither hub nor driver sees it; after a short while there is nothing to be found."""
            printer = self.floor.printers[number]
            if printer.does is not PrinterState.IDLE:
                return
            printer.unplug()
            self.do(self.floor.pass_time(minutes * 60.0))
            if minutes > 15:
                self.floor.truth.clear[printer.id] = False
            printer.plug(forgets=True)

        @rule()
        def the_hub_is_out_for_a_night(self):
            """What lies on any plate in the morning nobody knows."""
            for printer in self.floor.printers:
                printer.unplug()
                printer.plug(forgets=True)
                self.floor.truth.clear[printer.id] = False
            self.floor.later += 14 * 3600.0
            self.run(self.floor.restart())

        @rule(number=PRINTERS)
        def a_printer_goes(self, number):
            self.floor.printers[number].unplug()

        @rule(number=PRINTERS, forgets=st.booleans())
        def a_printer_comes(self, number, forgets):
            printer = self.floor.printers[number]
            if not printer.state.reachable:
                printer.plug(forgets=forgets)

        @rule(in_writes=st.integers(1, 6), before=st.booleans())
        def the_hub_will_be_killed(self, in_writes, before):
            self.floor.store.kill_in, self.floor.store.kill_before = in_writes, before

        @rule(forget=st.lists(PRINTERS, max_size=2))
        def the_hub_is_killed(self, forget):
            """The driver's process ends with it: a serial printer has lost its print then."""
            for number in forget:
                self.floor.printers[number].unplug()
                self.floor.printers[number].plug(forgets=True)
            self.run(self.floor.restart())

        @invariant()
        def nothing_is_printed_that_may_not_be(self):
            assert self.floor.truth.wrong == []

        @invariant()
        def no_job_is_lost_and_each_ends_once(self):
            rows = self.run(self.floor.rows())
            assert set(self.floor.jobs) <= set(rows)
            for job, state in self.over.items():
                assert rows[job][0] == state, "what is over stays as it ended"
            self.over = {job: state for job, (state, _) in rows.items() if state in OVER}
            assert all(len(ends) == 1 for ends in self.floor.endings.values())
            done = {job for job, state in self.over.items() if state == "done"}
            assert done <= self.floor.truth.finished, "what is told as done was printed to its end"

        @invariant()
        def what_was_printed_stands_in_the_account_once(self):
            accounts = self.run(self.floor.accounts())
            assert all(count == 1 for count in accounts.values())
            assert {job for job in self.over if self.floor.truth.printed[job]} <= set(accounts)

        @invariant()
        def a_printer_has_one_job(self):
            rows = self.run(self.floor.rows()).values()
            on = [printer for state, printer in rows if state in ("printing", "paused")]
            assert len(on) == len(set(on))

        async def settle(self):
            """In the end nothing hangs: reached printers that are done leave no job under way."""
            floor = self.floor
            floor.store.kill_in = None
            floor.out.clear()
            for printer in floor.printers:
                printer.plug(forgets=True)
                printer.answer = "busy"
            await floor.turn()
            await floor.turn()
            rows = await floor.rows()
            assert not any(state in ("printing", "paused") for state, _ in rows.values())

        async def drain(self):
            """And what is approved is printed, each in its turn, as soon as somebody clears plates."""
            floor = self.floor
            queued = set(await self.queued())
            for printer in floor.printers:
                printer.answer = "takes"
            for _ in range(2 * len(queued) + 1):
                for printer in floor.printers:
                    if printer.does is PrinterState.PRINTING:
                        continue  # it has begun just now, on a plate that was cleared before
                    floor.truth.clear[printer.id] = True
                    await floor.known.plate_cleared(printer.id, by=TEACHER, whose=None)
                await floor.turn()
                for printer in floor.printers:
                    if printer.does is PrinterState.PRINTING:
                        printer.becomes(PrintState.FINISHED, PrinterState.IDLE, 1.0)
                await floor.turn()
            assert await self.queued() == []
            rows = await floor.rows()
            # Where a printer has another policy by now, somebody has to look once more.
            assert {rows[job][0] for job in queued} <= {"done", "waiting"}
            assert floor.truth.wrong == []

        async def queued(self):
            return [
                job for job, (state, _) in (await self.floor.rows()).items() if state == "queued"
            ]

        def teardown(self):
            try:
                if hasattr(self.floor, "queue"):
                    self.run(self.settle())
                    self.run(self.drain())
            finally:
                self.floor.close()
                self.loop.close()
                shutil.rmtree(self.folder, ignore_errors=True)

    return QueueMachine


@pytest.mark.slow
def test_one_approval_starts_one_print_at_most_on_a_clear_plate(template):
    run_state_machine_as_test(
        machine(template),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
