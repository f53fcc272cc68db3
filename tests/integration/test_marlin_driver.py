"""The Marlin driver and a virtual printer in a process of its own, over a real line."""

import asyncio
import re

import pytest

from drivers.printer.marlin import MarlinPrinter, handshake
from drivers.printer.marlin.session import Halted, NoPrint, PrintUnderWay
from drivers.printer.values import (
    FilamentChange,
    Gcode,
    Homing,
    JobState,
    Move,
    PrinterState,
    Targets,
)
from drivers.virtual.harness import Asked, Recorder, recording, replaying, running
from hub.device import Unreachable
from tests.printers import END, ENDINGS, LIMIT, START, bench, gcode, moves, order, zigzag

LONG = [*START, *zigzag(400, step=60.0), *END]


async def test_a_file_is_printed_line_by_line_to_its_end(tmp_path):
    lines = [*START, *zigzag(300), *END]
    async with bench(tmp_path) as at:
        assert at.driver._session.firmware.name == "Marlin 2.1.2 (virtual)"
        begun = await at.print(lines)
        assert (begun.lines, begun.layers, begun.stripped) == (len(lines), 2, 0)
        assert await at.driver._read_state() is PrinterState.PRINTING
        how, told = await at.ended()
        assert (how, told.job, told.line, told.layer) == ("print_finished", "job-1", len(lines), 2)
        assert (round(told.height, 2), round(told.filament)) == (0.4, 75)
        assert await at.executed(lines) == moves(lines)
        assert await at.driver._read_state() is PrinterState.IDLE
        progress = await at.driver._read_progress()
        assert (progress.state, progress.fraction) == (JobState.FINISHED, 1.0)
        assert [name for name, _ in at.happened()] == ["print_started", "print_finished"]
        warm = [value for name, value in at.told.readings if name == "temperatures"]
        assert max(t.tools[0].actual for t in warm) > 100


async def test_the_speed_of_the_line_is_found_out(tmp_path, monkeypatch):
    monkeypatch.setattr(handshake, "BOOT", 3.0)
    options = ("--baudrate", "250000", "--options", '{"boot": 0.1}')
    async with running("drivers.virtual.printer", *options) as port:
        told = Recorder()
        printer = MarlinPrinter(MarlinPrinter.Settings(port=port), told, id="printer")
        try:
            with pytest.raises(Unreachable, match="at 115200 baud"):
                await printer.connect()
            await printer.disconnect()
            await printer.connect()
            assert printer._session.firmware.name == "Marlin 2.1.2 (virtual)"
            # Found once it is the first that is tried.
            await printer.end_background()
            await printer.disconnect()
            await printer.connect()
        finally:
            await printer.end_background()
            await printer.disconnect()
            printer.transports.drop_all()
        fixed = MarlinPrinter(MarlinPrinter.Settings(port=port, baudrate=57600), told, id="fixed")
        for _ in range(2):  # a speed that was set is kept
            with pytest.raises(Unreachable, match="at 57600 baud"):
                await fixed.connect()
            await fixed.disconnect()
        fixed.transports.drop_all()


async def test_a_check_asks_an_idle_printer_and_leaves_a_print_alone(tmp_path):
    async with bench(tmp_path, speed=200) as at:
        asked = (await at.printer())["count"]
        assert await at.driver.check() == "It answered a question."
        assert (await at.printer())["count"] > asked
        await at.print(LONG)
        await at.until(lambda: at.driver._job.line > 60)
        assert "not disturbed" in await at.driver.check()
        await at.driver._pause(Asked())
        assert "not disturbed" in await at.driver.check()
        await at.driver._resume(Asked())
        assert (await at.ended())[0] == "print_finished"
        # Nothing of the check stands between the lines of the file.
        assert await at.executed(LONG) == moves(LONG)
        assert (
            "M115"
            not in [text for _, text in (await at.printer(executed=True))["executed"]][-len(LONG) :]
        )
        await at.driver._stop(Asked())
        with pytest.raises(Halted):
            await at.driver.check()


async def test_a_pause_lifts_retracts_and_parks_and_the_print_goes_on_where_it_was(tmp_path):
    async with bench(tmp_path, speed=200) as at:
        await at.print(LONG)
        await at.until(lambda: at.driver._job.line > 60)
        await at.driver._pause(Asked())
        assert await at.driver._read_state() is PrinterState.PAUSED
        there = await at.printer(executed=True)
        x, y, z, _ = there["at"]
        paused = at.driver._job.progress()
        assert (x, y) == (0, 215)
        assert z == pytest.approx(paused.height + 5)
        assert any(text.startswith("G1 E-2.00") for _, text in there["executed"][-12:])
        assert there["nozzle"][1] == 185, "the heaters stay on"
        await asyncio.sleep(0.3)
        assert at.driver._job.line == paused.line
        await at.driver._resume(Asked())
        assert (await at.ended())[0] == "print_finished"
        assert await at.executed(LONG) == moves(LONG)
        names = [name for name, _ in at.happened()]
        assert names == ["print_started", "print_paused", "print_resumed", "print_finished"]
        # What the pause drew back is pushed again: the part got just what the file says.
        assert at.happened("print_finished")[0][1].filament == pytest.approx(100, abs=0.5)
        told = await at.printer()
        assert told["at"][3] == pytest.approx(100)


async def test_a_print_that_is_cancelled_cools_and_presents_the_part(tmp_path):
    async with bench(tmp_path, speed=200) as at:
        await at.print(LONG)
        await at.until(lambda: at.driver._job.line > 60)
        await at.driver._cancel(Asked())
        states = [value for name, value in at.told.readings if name == "state"]
        assert states[-2:] == [PrinterState.BUSY, PrinterState.IDLE], "free once it is presented"
        (how, told), there = await at.ended(), await at.printer()
        assert how == "print_cancelled"
        assert (there["nozzle"][1], there["bed"][1], there["fan"]) == (0, 0, 0)
        assert there["at"][:2] == [0, 215]
        assert there["at"][2] == pytest.approx(told.height + 10)
        assert await at.driver._read_state() is PrinterState.IDLE
        with pytest.raises(NoPrint):
            await at.driver._resume(Asked())


async def test_a_print_that_heats_is_cancelled_at_once(tmp_path):
    async with bench(tmp_path, speed=1) as at:
        await at.print(["M104 S200", "M109 S200", "G28", "G1 X50 E1"])
        await at.until(lambda: at.driver._job.line == 1)
        await asyncio.sleep(0.3)
        await at.driver._cancel(Asked())
        there = await at.printer(executed=True)
        assert (there["nozzle"][1], there["waiting"]) == (0, "")
        assert not any(text == "G28" for _, text in there["executed"])


async def test_a_stop_is_at_once_and_the_printer_is_used_again_when_it_was_switched_off_and_on(
    tmp_path,
):
    async with bench(tmp_path, speed=20) as at:
        await at.print(LONG)
        await at.until(lambda: at.driver._job.line > 20)
        await at.driver._stop(Asked())
        assert at.happened("print_failed")[0][1].reason == "stopped"
        assert at.happened("halted")
        assert at.told.problems[-1].code == "printer-halted"
        assert await at.driver._read_state() is PrinterState.HALTED
        await asyncio.sleep(0.1)
        there = await at.printer()
        assert there["killed"]
        assert there["nozzle"][1] == 0
        with pytest.raises(Halted):
            await at.driver._home(Asked(Homing()))
        await at.printer(restart=True)
        await at.until(lambda: at.told.losses)
        await at.again()
        assert await at.driver._read_state() is PrinterState.IDLE
        await at.driver._home(Asked(Homing()))
        assert at.told.problems[-1] is None


async def test_a_reset_in_the_middle_is_told_with_line_and_height_and_nothing_is_resumed(tmp_path):
    async with bench(tmp_path, speed=200) as at:
        await at.print(LONG)
        await at.until(lambda: at.driver._job.line > 40)
        count = (await at.printer())["count"]
        await at.printer(faults={"reset": True, "at": count + 10})
        how, told = await at.ended()
        assert (how, told.reason, told.job) == ("print_interrupted", "reset", "job-1")
        assert told.line > 40
        assert told.height == pytest.approx(0.2)
        await at.until(lambda: at.told.losses)
        before = len((await at.printer(executed=True))["executed"])
        await at.again()
        await asyncio.sleep(0.5)
        since = (await at.printer(executed=True))["executed"][before:]
        assert not any(text.startswith("G") for _, text in since)
        assert (await at.driver._read_progress()).state is JobState.INTERRUPTED
        with pytest.raises(NoPrint):
            await at.driver._resume(Asked())
        # And it can be printed anew.
        at.told.events.clear()
        await at.print(zigzag(20))
        assert (await at.ended())[0] == "print_finished"


async def test_a_printer_that_is_pulled_out_and_put_back(tmp_path):
    async with bench(tmp_path, speed=200) as at:
        await at.print(LONG)
        await at.until(lambda: at.driver._job.line > 40)
        await at.printer(faults={"unplug": 0.5})
        how, told = await at.ended()
        assert (how, told.reason) == ("print_interrupted", "gone")
        assert told.line > 40
        await at.until(lambda: at.told.losses)
        assert at.told.losses[0].code == "unreachable"
        await at.again()
        assert (await at.printer())["nozzle"][1] == 0, "it is not left hot"
        assert await at.driver._read_state() is PrinterState.IDLE


async def test_how_far_it_is_stands_on_the_printers_display_where_that_is_wanted(tmp_path):
    async with bench(tmp_path, speed=200, display=True) as at:
        await at.print(LONG)
        await at.until(lambda: at.driver._job.line > 40)
        await asyncio.sleep(1.5)
        await at.driver._cancel(Asked(None))
        await at.until(lambda: at.driver._display._shown == "")

        async def shown():
            executed = (await at.printer(executed=True))["executed"]
            return [text for _, text in executed if text.startswith("M117")]

        async with asyncio.timeout(LIMIT):
            while not (said := await shown()) or said[-1] != "M117":
                await asyncio.sleep(0.1)
        assert len(said) >= 2
        assert all(re.fullmatch(r"M117 \d+%( \d+/\d+)?", one) for one in said[:-1]), said


async def test_a_silent_printer_is_asked_and_told_of_and_goes_on(tmp_path):
    async with bench(tmp_path, patient=False, speed=200) as at:
        await at.print(LONG)
        await at.until(lambda: at.driver._job.line > 40)
        await at.printer(faults={"silence": 2.0})
        await at.until(lambda: at.told.problems and at.told.problems[-1] is not None)
        assert at.told.problems[-1].code == "printer-silent"
        assert await at.driver._read_state() is PrinterState.ATTENTION
        assert (await at.ended())[0] == "print_finished"
        assert at.told.problems[-1] is None
        assert (await at.driver._read_line_counts()).silences >= 1
        assert await at.executed(LONG) == moves(LONG)


async def test_a_printer_that_stays_silent_is_given_up(tmp_path):
    async with bench(tmp_path, patient=False, speed=200) as at:
        await at.print(LONG)
        await at.until(lambda: at.driver._job.line > 40)
        await at.printer(faults={"silence": 60})
        how, told = await at.ended()
        assert (how, told.reason) == ("print_interrupted", "gone")
        assert at.told.losses[0].code == "unreachable"


async def test_a_line_that_spoils_what_passes_prints_every_line_once(tmp_path):
    async with bench(tmp_path, patient=False, speed=200) as at:
        await at.print(LONG)
        await at.until(lambda: at.driver._job.line > 20)
        for fault in ("checksum", "resends", "lost_ok", "doubled_ok", "spoilt_ok", "garbage"):
            count = (await at.printer())["count"]
            await at.printer(faults={fault: 2, "at": count + 5})
        assert (await at.ended())[0] == "print_finished"
        assert await at.executed(LONG) == moves(LONG)
        counts = await at.driver._read_line_counts()
        assert counts.resent >= 4


async def test_a_heater_that_comes_off_fails_the_print_with_what_the_printer_said(tmp_path):
    async with bench(tmp_path, speed=200) as at:
        await at.print([*START, *zigzag(4000, step=100)])
        await at.until(lambda: at.driver._job.line > 20)
        await at.printer(faults={"runaway": True})
        how, told = await at.ended()
        assert (how, told.reason) == ("print_failed", "halted")
        assert "Thermal Runaway" in told.detail
        assert at.told.problems[-1].code == "printer-halted"


@pytest.mark.parametrize("runout", ["m600", "host"])
async def test_filament_that_has_run_out_is_changed_and_the_print_goes_on(tmp_path, runout):
    async with bench(tmp_path, speed=200, options={"runout": runout}) as at:
        await at.print(LONG)
        await at.until(lambda: at.driver._job.line > 40)
        await at.printer(faults={"runout": True})
        await at.until(lambda: at.happened("runout"))
        await at.until(lambda: at.happened("print_paused"))
        assert at.happened("print_paused")[0][1].reason == "runout"
        assert at.told.problems[-1].code == "filament-out"
        assert await at.driver._read_filament() is False
        assert await at.driver._read_state() is PrinterState.ATTENTION
        await at.parked()
        await at.printer(filament=True)
        await at.driver._resume(Asked())
        assert (await at.ended())[0] == "print_finished"
        assert await at.executed(LONG) == moves(LONG)
        assert await at.driver._read_filament() is True
        assert at.told.problems[-1] is None


async def test_what_the_printer_asks_is_shown_as_text_and_answered(tmp_path):
    async with bench(tmp_path, speed=200) as at:
        await at.print(["G28", "M0", "G1 X50"])
        await at.until(lambda: at.happened("prompted"))
        shown = await at.driver._read_prompt()
        assert (shown.message, shown.choices) == ("M0/1 Break Called", ["Continue"])
        assert await at.driver._read_state() is PrinterState.ATTENTION
        await at.driver._answer(Asked(type("Answer", (), {"choice": 0})))
        assert (await at.ended())[0] == "print_finished"
        assert (await at.driver._read_prompt()).message == ""


async def test_a_printers_words_are_bounded_and_without_control_characters(tmp_path):
    async with bench(tmp_path) as at:
        evil = "<img src=x onerror=alert(1)>"
        lines = [f"M118 A1 action:prompt_begin {evil}", "M118 A1 action:prompt_show"]
        answers = await at.driver._send(Asked(Gcode(lines=lines)))
        assert (await at.driver._read_prompt()).message == evil  # data, for a page to escape
        await at.printer(faults={"garbage": 3})
        answers = await at.driver._send(Asked(Gcode(lines=["M114", "M118 \x1b[31mred"])))
        assert all(answer.isprintable() for answer in answers.answers)


async def test_a_line_that_never_ends_costs_no_memory_and_no_print(tmp_path):
    async with bench(tmp_path, speed=200) as at:
        await at.print(LONG)
        await at.until(lambda: at.driver._job.line > 40)
        await at.printer(faults={"flood": 10_000_000})
        assert (await at.ended())[0] == "print_finished"
        assert await at.executed(LONG) == moves(LONG)
        assert len(at.driver._link._rest) < 8192


async def test_it_is_moved_heated_and_loaded_by_hand_and_not_while_it_prints(tmp_path):
    async with bench(tmp_path, speed=200) as at:
        await at.driver._home(Asked(Homing()))
        await at.driver._move(Asked(Move(x=30, z=5)))
        assert (await at.printer())["at"][:3] == [30, 0, 5]
        where = await at.driver._read_position()
        assert (where.x, where.y, where.z) == (30, 0, 5)
        await at.driver._heat(Asked(Targets(tool=150, bed=50)))
        assert (await at.printer())["nozzle"][1] == 150
        await at.driver._cool(Asked())
        assert (await at.printer())["bed"][1] == 0
        await at.driver._load(Asked(FilamentChange(length=50)))
        there = await at.printer(executed=True)
        assert "G1 E50.0 F300" in [text for _, text in there["executed"]]
        assert there["nozzle"][1] == 0
        await at.driver._write_speed(150)
        assert await at.driver._read_speed() == 150
        await at.print([*START, *zigzag(100)])
        with pytest.raises(PrintUnderWay):
            await at.driver._home(Asked(Homing()))
        path = await asyncio.to_thread(gcode, tmp_path / "other", ["G28"])
        with pytest.raises(PrintUnderWay):
            await at.driver._print(Asked(order(path)))


async def test_heaters_go_off_by_themselves_when_the_computer_says_nothing_any_more(tmp_path):
    async with bench(tmp_path, guard=1, speed=20) as at:
        await at.driver._heat(Asked(Targets(tool=150)))
        await at.until(lambda: not at.driver._session.talk.conversation.under_way)
        await asyncio.sleep(0.1)
        assert any(text == "M85 S1" for _, text in (await at.printer(executed=True))["executed"])
        at.hang()
        await asyncio.sleep(2)
        there = await at.printer()
        assert there["killed"]
        assert there["nozzle"][1] == 0


async def test_what_is_warm_for_nothing_is_cooled_and_a_pause_is_kept_alive(tmp_path):
    async with bench(tmp_path, guard=5, speed=20) as at:
        await at.driver._heat(Asked(Targets(tool=150)))
        await asyncio.sleep(5)
        there = await at.printer()
        assert (there["killed"], there["nozzle"][1]) == (False, 0)
        await at.print(["G28", "M104 S150", *zigzag(200, step=100)])
        await at.until(lambda: at.driver._job.line > 10)
        await at.driver._pause(Asked())
        await asyncio.sleep(6)
        there = await at.printer()
        assert (there["killed"], there["nozzle"][1]) == (False, 150)


async def test_what_was_left_hot_is_cool_when_it_is_reached_again(tmp_path):
    async with bench(tmp_path, speed=20) as at:
        await at.driver._heat(Asked(Targets(tool=150, bed=60)))
        at.hang()
        at.driver.transports.drop_all()
        at.driver.transports.set_faults(None)
        await at.again()
        there = await at.printer()
        assert (there["nozzle"][1], there["bed"][1]) == (0, 0)


async def test_what_was_said_can_be_recorded_and_played_without_the_printer(tmp_path):
    recorded = tmp_path / "printer.jsonl"
    path = await asyncio.to_thread(gcode, tmp_path / "part.gcode", zigzag(60))

    async def use(transports, port):
        told = Recorder()
        driver = MarlinPrinter(MarlinPrinter.Settings(port=port), told, transports=transports)
        await driver.connect()
        await driver._home(Asked(Homing()))
        await driver._print(Asked(order(path)))
        async with asyncio.timeout(30):
            while not any(name in ENDINGS for name, _ in told.events):
                await asyncio.sleep(0.01)
        await driver.end_background()
        await driver.disconnect()
        assert told.losses == []
        return [(name, data.line) for name, data in told.events]

    options = ("--speed", "300", "--options", '{"boot": 0.1}')
    async with running("drivers.virtual.printer", *options) as port:
        settings = MarlinPrinter.Settings(port=port)
        async with recording(recorded, settings, driver="marlin") as transports:
            events = await use(transports, port)
    assert events == [("print_started", 0), ("print_finished", 64)]
    async with replaying(recorded) as transports:
        assert await use(transports, port) == events
