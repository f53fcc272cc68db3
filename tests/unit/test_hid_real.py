"""Real recordings: what our parsers make of reports equals what Linux made of the same ones.

The recordings carry no licence and are not in this repository: `shared/recordings` beside it, where
it is there. Own recordings of every kind of report are in test_hid_reports.py.
"""

import gzip
from functools import cache
from pathlib import Path

import pytest

from drivers.hid.descriptor import parse
from drivers.hid.errors import BadDescriptor
from drivers.hid.pen import PenDecoder
from drivers.hid.recordings import parse_evemu, parse_hid_recorder, parse_usbhid_dump
from drivers.hid.touch import TouchDecoder, TouchTracker
from drivers.hid.usages import TIP_PRESSURE, X, Y
from drivers.input.codes import (
    ABS_MT_POSITION_X,
    ABS_MT_POSITION_Y,
    ABS_MT_SLOT,
    ABS_MT_TRACKING_ID,
    ABS_X,
    ABS_Y,
    BTN_TOUCH,
    EV_ABS,
    EV_KEY,
)
from drivers.input.frames import Framing
from drivers.tablet.hid.known import known

FOLDERS = [parent / "shared" / "recordings" for parent in Path(__file__).resolve().parents]
RECORDINGS = next((one for one in FOLDERS if one.is_dir()), None)
pytestmark = pytest.mark.skipif(RECORDINGS is None, reason="no shared/recordings on this computer")

KERNELS_MISTAKES = {"pixart_093a_8002": 2}
"""Contacts that Linux 3.10 told otherwise: it missed an up and went on with the next contact."""
KERNEL_SKIPPED = {"irmtouch_23c9_5666": 1}
"""Linux 3.10 told some places of a moving contact late; where contacts begin and end is compared."""
WITHOUT_EXPECTED = {"n-trig_1b96_0001", "nexio_1870_0100"}


def text(path):
    with gzip.open(path, "rt", encoding="utf-8", errors="replace") as file:
        return file.read()


def recordings():
    if RECORDINGS is None:
        return []
    return sorted(p.name[:-7] for p in (RECORDINGS / "hid-devices" / "multitouch").glob("*.hid.gz"))


@cache
def recording(name):
    return parse_hid_recorder(text(RECORDINGS / "hid-devices" / "multitouch" / f"{name}.hid.gz"))


def expected(name, node=0):
    """The events of a recording's first node (the screen) or second (its pen), or None."""
    files = (RECORDINGS / "hid-devices" / "expected-evemu").glob(f"{name}_{node}.*.ev.gz")
    file = next(iter(files), None)
    return None if file is None else parse_evemu(text(file))


def contacts_of_kernel(events):
    """Every contact's places, in the order in which contacts ended: by the slots' protocol."""
    slot, at, now, ended = 0, {}, {}, []
    for frame in Framing().feed(events):
        touched = {}

        def flush(key, touched=touched):
            if key in touched and key in now:
                now[key].append((at.get((key, 0), 0), at.get((key, 1), 0)))
            touched.pop(key, None)

        for event in frame.events:
            if event.type != EV_ABS:
                continue
            if event.code == ABS_MT_SLOT:
                slot = event.value
            elif event.code == ABS_MT_TRACKING_ID:
                flush(slot)
                if slot in now:
                    ended.append(now.pop(slot))
                if event.value >= 0:
                    now[slot] = []
                    touched[slot] = True
            elif event.code in (ABS_MT_POSITION_X, ABS_MT_POSITION_Y):
                at[slot, event.code - ABS_MT_POSITION_X] = event.value
                touched[slot] = True
        for key in list(touched):
            flush(key)
    return [path for path in (*ended, *now.values()) if path]


def contacts_of_ours(recorded):
    decoder = TouchDecoder(parse(recorded.descriptor))
    tracker = TouchTracker(counted=decoder.counted)
    now, ended = {}, []
    for time, data in recorded.reports:
        frame = decoder.feed(data)
        for id_, contact in tracker.feed(frame or [], time) if frame is not None else []:
            if contact is None:
                ended.append(now.pop(id_))
            else:
                path = now.setdefault(id_, [])
                if not path or path[-1] != (contact.x, contact.y):
                    path.append((contact.x, contact.y))
    return [*ended, *now.values()]


def alike(ours, theirs, fuzz):
    """Whether two paths are one: the kernel leaves out moves that are smaller than its fuzz."""
    if fuzz == 0:
        return ours == theirs
    ends = zip((ours[0], ours[-1]), (theirs[0], theirs[-1]), strict=True)
    return all(
        abs(a - b) <= 2 * fuzz for one, other in ends for a, b in zip(one, other, strict=True)
    )


def equal(ours, theirs, fuzz):
    left, count = list(ours), 0
    for path in theirs:
        match = next((one for one in left if alike(one, path, fuzz)), None)
        if match is not None:
            left.remove(match)
            count += 1
    return count


@pytest.mark.slow
@pytest.mark.parametrize("name", recordings())
def test_every_contact_of_a_real_screen_is_the_kernels(name, record_property):
    told = expected(name)
    if told is None:
        assert name in WITHOUT_EXPECTED
        assert contacts_of_ours(recording(name))
        return
    theirs = contacts_of_kernel(told.events)
    ours = contacts_of_ours(recording(name))
    fuzz = max(told.axes[ABS_MT_POSITION_X].fuzz, told.axes[ABS_MT_POSITION_Y].fuzz)
    fuzz = max(fuzz, KERNEL_SKIPPED.get(name, 0))
    same = equal(ours, theirs, fuzz)
    record_property("contacts", f"{same} of {len(theirs)}")
    assert len(ours) == len(theirs)
    assert same == len(theirs) - KERNELS_MISTAKES.get(name, 0)


def strokes_of_kernel(events):
    at, now, ended = {}, None, []
    for frame in Framing().feed(events):
        touch = now is not None
        for event in frame.events:
            if event.type == EV_ABS:
                at[event.code] = event.value
            elif event.type == EV_KEY and event.code == BTN_TOUCH:
                touch = bool(event.value)
        place = (at.get(ABS_X, 0), at.get(ABS_Y, 0))
        if touch:
            now = now or []
            if not now or now[-1] != place:
                now.append(place)
        elif now:
            ended.append(now)
            now = None
    return ended + ([now] if now else [])


def strokes_of_ours(decoder, reports):
    now, ended = [], []
    for _, data in reports:
        pen = decoder.feed(data)
        if pen is None:
            continue
        if pen.tip and pen.in_range:
            if not now or now[-1] != (pen.x, pen.y):
                now.append((pen.x, pen.y))
        elif now:
            ended.append(now)
            now = []
    return ended + ([now] if now else [])


def test_every_stroke_of_a_real_pen_is_the_kernels():
    name = "n-trig_1b96_1000"
    ours = strokes_of_ours(PenDecoder(parse(recording(name).descriptor)), recording(name).reports)
    theirs = strokes_of_kernel(expected(name, node=1).events)
    assert len(theirs) == 7
    # The last one was made with the pen turned over, which this kernel told as no touch.
    assert ours[: len(theirs)] == theirs
    assert len(ours) == 8


def test_strokes_of_another_real_pen_are_the_kernels_as_far_as_it_told_them():
    """Linux 3.10 told this pen's X as its Y too, so only X can be compared."""
    name = "atmel_03eb_840b"
    ours = strokes_of_ours(PenDecoder(parse(recording(name).descriptor)), recording(name).reports)
    theirs = strokes_of_kernel(expected(name, node=1).events)
    assert len(theirs) == 3

    def across(stroke):
        return [x for i, (x, _) in enumerate(stroke) if i == 0 or stroke[i - 1][0] != x]

    assert [across(one) for one in ours] == [across(one) for one in theirs]


DUMPS = [
    # data file, folder, dump, interface, levels of pressure
    ("28bd:0905", "XP-Pen_Deco_01_v2_revb", "pen_pressure.txt.gz", 1, 8191),
    ("28bd:0905", "XP-Pen_Deco_01_v2_revb", "pen_tilt.txt.gz", 1, 8191),
    ("28bd:0905", "XP-Pen_Deco_01_v2_revb", "pen_buttons.txt.gz", 1, 8191),
    ("256c:006e", "Huion_580", "proprietary_pen_pressure.txt.gz", 0, 2047),
    ("256c:006e", "Huion_580", "proprietary_pen_buttons.txt.gz", 0, 2047),
    ("08f2:6811", "10moons_10x6", "pen_pressure.txt.gz", 2, 2047),
    ("08f2:6811", "10moons_10x6", "pen_coords.txt.gz", 2, 2047),
]


def decoder_of(ids, folder):
    """What understands a tablet: its data file, or its own descriptor where that is right."""
    one = known(*ids.split(":"), "580")
    if one.parsed is not None:
        return one, PenDecoder(one.parsed)
    words = text(RECORDINGS / "digimend" / folder / "rd" / "original2.txt.gz").split()
    return one, PenDecoder(parse(bytes(int(word, 16) for word in words)))


@pytest.mark.parametrize(("ids", "folder", "dump", "interface", "levels"), DUMPS)
def test_reports_of_tablets_that_schools_buy(ids, folder, dump, interface, levels):
    tablet, decoder = decoder_of(ids, folder)
    recorded = parse_usbhid_dump(text(RECORDINGS / "digimend" / folder / "dumps" / dump))[interface]
    pens = [pen for _, data in recorded.reports if (pen := decoder.feed(data)) is not None]
    assert len(pens) > 150
    x, y, pressure = (decoder.field(usage) for usage in (X, Y, TIP_PRESSURE))
    assert 8 * 25.4 - 1 <= x.millimetres <= 10 * 25.4 + 1
    assert all(x.minimum <= pen.x <= x.maximum and y.minimum <= pen.y <= y.maximum for pen in pens)
    assert pressure.maximum == levels
    near = [pen for pen in pens if pen.in_range != tablet.near_inverted]
    assert len(pens) - len(near) <= 10  # few reports say that the pen has left
    if "pressure" in dump:
        assert max(pen.pressure for pen in pens) > levels // 3
        assert any(pen.tip for pen in near)
        assert all(pen.tip for pen in pens if pen.pressure > levels // 20)
    if "tilt" in dump:
        assert max(pen.tilt_x for pen in pens) > 20
        assert min(pen.tilt_y for pen in pens) < -20
    if "buttons" in dump:
        assert {pen.buttons for pen in near} >= {(), (1,), (2,)}


@pytest.mark.slow
def test_descriptors_of_real_tablets_and_screens_are_all_understood():
    files = [*(RECORDINGS / "hid-devices").glob("*/*.hid.gz")]
    assert len(files) > 40
    pens = 0
    for file in files:
        recorded = parse_hid_recorder(text(file))
        descriptor = parse(recorded.descriptor)
        assert descriptor.reports
        assert recorded.vendor
        try:
            pens += bool(PenDecoder(descriptor).layouts)
        except BadDescriptor:
            continue
    assert pens >= 3
