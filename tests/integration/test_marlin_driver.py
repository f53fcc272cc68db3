"""The Marlin driver and a virtual printer in a process of its own, over a real line."""

from drivers.printer.values import JobState, PrinterState
from tests.printers import END, START, bench, commands, zigzag


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
        assert await at.executed(lines) == commands(lines)
        assert await at.driver._read_state() is PrinterState.IDLE
        progress = await at.driver._read_progress()
        assert (progress.state, progress.fraction) == (JobState.FINISHED, 1.0)
        assert [name for name, _ in at.happened()] == ["print_started", "print_finished"]
        warm = [value for name, value in at.told.readings if name == "temperatures"]
        assert max(t.tools[0].actual for t in warm) > 150
