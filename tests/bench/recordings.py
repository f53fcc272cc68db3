"""Real recordings replayed: how many contacts and strokes equal those that Linux made, by device."""

from drivers.hid.descriptor import parse
from drivers.hid.pen import PenDecoder
from drivers.hid.recordings import parse_usbhid_dump
from drivers.input.codes import ABS_MT_POSITION_X, ABS_MT_POSITION_Y
from tests.bench._table import Row
from tests.unit import test_hid_real as real

PENS = "n-trig_1b96_1000"


def measure() -> list[Row]:
    """Compare every recording that has its expected events; the others are only read through."""
    if real.RECORDINGS is None:
        return [Row("real recordings: none on this computer", "-", "-")]
    rows = [row for name in real.recordings() if (row := _screen(name)) is not None]
    whole, screens = sum(row.figure == row.reach for row in rows), len(rows)
    rows.append(_pen())
    rows += [_dump(*one) for one in real.DUMPS]
    rows.append(Row("screens whose every contact is the kernel's", str(whole), str(screens)))
    return rows


def _screen(name: str) -> Row | None:
    told = real.expected(name)
    if told is None:
        return None
    theirs, ours = real.contacts_of_kernel(told.events), real.contacts_of_ours(real.recording(name))
    fuzz = max(told.axes[ABS_MT_POSITION_X].fuzz, told.axes[ABS_MT_POSITION_Y].fuzz)
    same = real.equal(ours, theirs, max(fuzz, real.KERNEL_SKIPPED.get(name, 0)))
    why = "where the kernel was wrong, see the test" if name in real.KERNELS_MISTAKES else ""
    return Row(f"contacts of {name}", str(same), str(len(theirs)), why)


def _pen() -> Row:
    recorded = real.recording(PENS)
    ours = real.strokes_of_ours(PenDecoder(parse(recorded.descriptor)), recorded.reports)
    theirs = real.strokes_of_kernel(real.expected(PENS, node=1).events)
    same = sum(one == other for one, other in zip(ours, theirs, strict=False))
    return Row(f"strokes of {PENS}", str(same), str(len(theirs)))


def _dump(ids: str, folder: str, dump: str, interface: int, levels: int) -> Row:
    """No kernel's events come with these: each of the pen's reports must make sense."""
    _, decoder = real.decoder_of(ids, folder)
    file = real.RECORDINGS / "digimend" / folder / "dumps" / dump
    recorded = parse_usbhid_dump(real.text(file))[interface]
    number = next(iter(decoder.layouts))
    reports = [data for _, data in recorded.reports if data[:1] == bytes([number])]
    good = sum(
        pen is not None and 0 <= (pen.pressure or 0) <= levels for pen in map(decoder.feed, reports)
    )
    what = dump.removesuffix(".txt.gz").removeprefix("proprietary_")
    return Row(f"reports of {folder}: {what}", str(good), str(len(reports)))
