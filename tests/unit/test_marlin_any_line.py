"""A printer that resets, is pulled out or falls silent, at every line of a print.

Whichever line it is, the truth is told once, nothing is resumed, nothing stays hot, and the
printer can be used again. The whole driver and the virtual printer's firmware, on a clock that leaps.
"""

import asyncio

import pytest

from drivers.printer.marlin.session import NoPrint
from drivers.printer.values import JobState, PrinterState
from drivers.virtual.harness import Asked
from drivers.virtual.printer import Faults
from tests.played_printer import Played, played, written
from tests.printers import ENDINGS, START, moves, order, zigzag

# Without an end of its own: what is said there is also said to cool a printer.
PART = [*START, *zigzag(18, layers=3)]
SENT = [line for line in PART if not line.startswith(";")]
MOST_UNDER_WAY = 4
AN_HOUR = 3600.0


def number_of(text: str) -> int:
    """The line of the file that a command stands on; each stands there once."""
    return PART.index(text) + 1


def height_after(line: int) -> float:
    """How high the nozzle is once so many lines of the file were done, as the printer counts it."""
    height = 0.0
    for text in PART[:line]:
        if text.startswith("G28"):
            height = 0.0
        elif text.startswith("G1 Z"):
            height = float(text.split()[1][1:])
    return height


def lines_of(executed: list[str]) -> list[int]:
    """Which lines of the file a printer has begun."""
    return [number_of(text) for text in executed if text in PART]


async def interrupted(at: Played, path, fault: Faults, nth: int) -> None:
    """Print; at the nth command of the file the fault comes. The truth is told, once."""
    await asyncio.sleep(0.5)  # what was asked at the connection is answered
    at.told.events.clear()
    before = len(at.executed)
    count = at.firmware.count
    await at.driver._print(Asked(order(path)))
    at.firmware.misbehave(fault.model_copy(update={"at": count + nth}))
    await at.until(lambda: at.happened(*ENDINGS), AN_HOUR)
    ((how, told),) = at.happened(*ENDINGS)
    reason = "reset" if fault.reset else "gone"
    assert (how, told.reason, told.job) == ("print_interrupted", reason, "job-1")
    begun = lines_of(at.executed[before:])
    assert begun == [number_of(text) for text in SENT[: len(begun)]], "each line once and in order"
    # What the printer had taken and could not say any more is not claimed.
    last = begun[-1] if begun else 0
    claimed = [number for number in begun if number <= told.line]
    assert told.line <= last
    assert len(begun) - len(claimed) <= MOST_UNDER_WAY + 1
    assert told.line == (claimed[-1] if claimed else 0)
    assert told.height == height_after(told.line)
    await at.until(lambda: at.told.losses, AN_HOUR)


async def nothing_goes_on(at: Played, path) -> None:
    """Reached again it is cooled, does nothing by itself, and prints when it is asked to."""
    await at.let_go()
    begun = len(at.executed)
    await at.connect(attempts=200)
    assert not at.warm, "what was left hot is cooled first"
    await asyncio.sleep(15)
    # A printer whose cable was pulled prints on what it had; nothing more was sent to it.
    since = [text for text in at.executed[begun:] if text in SENT and text[0] == "G"]
    assert len(since) <= MOST_UNDER_WAY, since
    assert await at.driver._read_state() is PrinterState.IDLE
    progress = await at.driver._read_progress()
    assert (progress.state, progress.job) == (JobState.INTERRUPTED, "job-1")
    with pytest.raises(NoPrint):
        await at.driver._resume(Asked())
    assert len(at.happened(*ENDINGS)) == 1, "told once"
    at.told.events.clear()
    at.told.losses.clear()
    begun = len(at.executed)
    await at.driver._print(Asked(order(path, "job-2")))
    await at.until(lambda: at.happened(*ENDINGS), AN_HOUR)
    ((how, told),) = at.happened(*ENDINGS)
    assert (how, told.job, told.line) == ("print_finished", "job-2", len(PART))
    assert [text for text in at.executed[begun:] if text in moves(PART)] == moves(PART)


FAULTS = {
    "resets": Faults(reset=True),
    "is pulled out and put back": Faults(unplug=20),
    "is silent for two minutes": Faults(silence=120),
}


@pytest.mark.slow
@pytest.mark.parametrize("window", ["one under way", "four under way"])
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_whichever_line_it_comes_at_the_truth_is_told_and_nothing_goes_on(
    fault, window, tmp_path, monkeypatch
):
    path = written(tmp_path, PART)

    async def at_every_line(connected):
        for nth in range(1, len(SENT)):
            async with connected(advanced_ok=window == "four under way") as at:
                await interrupted(at, path, fault, nth)
                await nothing_goes_on(at, path)

    played(at_every_line, monkeypatch)


def test_a_printer_whose_cable_stays_out_switches_off_by_itself(tmp_path, monkeypatch):
    """Its own guard is set before the first line: there is none that leaves it hot for long."""
    path = written(tmp_path, PART)

    async def at_some_lines(connected):
        for nth in range(1, len(SENT), 4):
            async with connected(speed=2.0) as at:
                await interrupted(at, path, Faults(unplug=AN_HOUR), nth)
                await at.until(lambda at=at: not at.warm, 1200)

    played(at_some_lines, monkeypatch)


def test_a_printer_that_hears_and_is_not_heard_is_cooled_when_it_is_given_up(tmp_path, monkeypatch):
    path = written(tmp_path, PART)

    async def at_some_lines(connected):
        for nth in range(1, len(SENT), 4):
            async with connected(speed=2.0) as at:
                await interrupted(at, path, Faults(mute=AN_HOUR), nth)
                await at.until(lambda at=at: not at.warm, 300)
                assert not at.firmware.killed

    played(at_some_lines, monkeypatch)


def test_a_printer_that_stood_idle_for_long_does_not_stop_when_its_guard_is_set(
    tmp_path, monkeypatch
):
    path = written(tmp_path, PART)

    async def after_an_hour(connected):
        async with connected() as at:
            await asyncio.sleep(AN_HOUR)
            await at.driver._print(Asked(order(path)))
            await at.until(lambda: at.happened(*ENDINGS), AN_HOUR)
            assert at.happened(*ENDINGS)[0][0] == "print_finished"
            assert not at.firmware.killed
            assert "M85 S900" in at.executed

    played(after_an_hour, monkeypatch)
