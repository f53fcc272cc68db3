"""Report descriptors and reports: own ones of every kind, and hostile ones."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.hid.descriptor import parse
from drivers.hid.errors import BadDescriptor
from drivers.hid.pen import PenDecoder
from drivers.hid.recordings import HidRecording
from drivers.hid.touch import HidContact, TouchDecoder, TouchTracker, most_contacts
from drivers.hid.usages import TIP_PRESSURE, X_TILT, X, Y
from drivers.tablet.hid import HidTablet
from drivers.tablet.hid.known import known_tablets
from drivers.virtual.harness import Recorder
from drivers.virtual.node import folder_of_sockets
from drivers.virtual.play import node_of
from hub.device import Found, Unreachable, WrongDevice

FINGER = """
    05 0d 09 22 a1 02 09 42 15 00 25 01 75 01 95 01 81 02 95 07 81 03
    09 51 25 7f 75 08 95 01 81 02
    05 01 26 ff 0f 75 10 55 0e 65 11 35 00 46 d0 07 09 30 81 02 46 e8 03 09 31 81 02 c0
"""
SCREEN = f"""
    05 0d 09 04 a1 01 85 01 {FINGER} {FINGER} 05 0d 09 54 25 7f 75 08 95 01 81 02
    85 02 09 55 25 0a b1 02 c0
"""
# Pen: tip, barrel, eraser, invert, in range, 3 bits filling; X, Y in thousandths of an inch; pressure; tilt.
PEN = """
    05 0d 09 02 a1 01 85 07 09 20 a1 00
    09 42 09 44 09 45 09 3c 09 32 15 00 25 01 75 01 95 05 81 02 95 03 81 03
    a4 05 01 65 13 55 0d 35 00 75 10 95 01 46 10 27 26 10 27 09 30 81 02 46 88 13 26 88 13 09 31 81 02 b4
    26 ff 07 75 10 09 30 95 01 81 02
    15 c4 25 3c 75 08 95 02 09 3d 09 3e 81 02
    c0 c0
"""


def descriptor(text):
    return parse(bytes.fromhex(text.replace("\n", " ")))


def pen_report(flags, x, y, pressure, tilt_x=0, tilt_y=0):
    numbers = b"".join(n.to_bytes(2, "little") for n in (x, y, pressure))
    return bytes([7, flags]) + numbers + bytes([tilt_x & 255, tilt_y & 255])


def finger(tip, id_, x, y):
    return bytes([tip, id_]) + x.to_bytes(2, "little") + y.to_bytes(2, "little")


def test_fields_units_and_signs():
    decoder = PenDecoder(descriptor(PEN))
    x, y = decoder.field(X), decoder.field(Y)
    assert (x.millimetres, y.millimetres) == (pytest.approx(254), pytest.approx(127))
    assert x.resolution == pytest.approx(10000 / 254)
    assert (decoder.field(TIP_PRESSURE).maximum, decoder.field(X_TILT).minimum) == (2047, -60)
    pen = decoder.feed(pen_report(0b10001, 5000, 2500, 1000, -30, 45))
    assert (pen.x, pen.y, pen.pressure, pen.tilt_x, pen.tilt_y) == (5000, 2500, 1000, -30, 45)
    assert (pen.tip, pen.in_range, pen.eraser, pen.buttons) == (True, True, False, ())
    assert decoder.feed(pen_report(0b11010, 0, 0, 0)).buttons == (1,)
    assert decoder.feed(pen_report(0b11000, 0, 0, 0)).eraser
    assert decoder.feed(pen_report(0b11100, 0, 0, 9)).tip


def test_what_is_no_report_of_the_pen_says_nothing_and_a_short_one_is_filled():
    decoder = PenDecoder(descriptor(PEN))
    assert decoder.feed(b"") is None
    assert decoder.feed(b"\x09\x01\x02") is None
    short = decoder.feed(pen_report(0b10001, 5000, 2500, 1000)[:4])
    assert (short.x, short.y, short.pressure) == (5000, 0, 0)


def test_contacts_in_one_report_and_in_several():
    decoder = TouchDecoder(descriptor(SCREEN))
    assert (decoder.slots, decoder.counted, decoder.ids) == (2, True, True)
    assert most_contacts(descriptor(SCREEN)) == 10
    assert (decoder.x.millimetres, decoder.y.millimetres) == (200, 100)
    one, two, none = finger(1, 5, 10, 20), finger(1, 6, 30, 40), finger(0, 0, 0, 0)
    assert decoder.feed(b"\x01" + one + none + b"\x01") == [HidContact(5, 10, 20, tip=True)]
    assert len(decoder.feed(b"\x01" + one + two + b"\x02")) == 2
    # Three contacts: the second report has 0, or the same number again.
    for again in (b"\x00", b"\x03"):
        assert decoder.feed(b"\x01" + one + two + b"\x03") is None
        frame = decoder.feed(b"\x01" + finger(1, 7, 50, 60) + two + again)
        assert [contact.id for contact in frame] == [5, 6, 7]
    assert decoder.feed(b"\x02\x0a") is None


def test_contacts_without_collections_of_their_own_begin_where_a_usage_comes_again():
    plain = FINGER.replace("09 22 a1 02", "").replace(" c0\n", "\n")
    decoder = TouchDecoder(descriptor(f"05 0d 09 04 a1 01 {plain} {plain} c0"))
    assert (decoder.slots, decoder.counted) == (2, False)
    frame = decoder.feed(finger(1, 5, 10, 20) + finger(1, 6, 30, 40))
    assert [(c.id, c.x, c.y) for c in frame] == [(5, 10, 20), (6, 30, 40)]


def test_a_tracker_ends_what_lifts_and_what_is_forgotten():
    tracker = TouchTracker(counted=True)
    one, two = (HidContact(n, n, n, tip=True) for n in (1, 2))
    assert [id_ for id_, _ in tracker.feed([one, two], 0.0)] == [1, 2]
    assert tracker.feed([HidContact(1, 1, 1, tip=False), one], 0.01) == [(1, None)]
    assert tracker.feed([one], 0.02) == [(1, one)]
    assert tracker.feed([one], 0.05) == [(1, one)]  # 2 is still, perhaps
    assert tracker.feed([one], 0.2) == [(2, None), (1, one)]
    assert tracker.end() == [1]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("05", "ends within"),
        ("26 ff", "ends within"),
        ("fe 05 00 01", "no report"),
        ("c0", "was not opened"),
        ("05 0d 09 02 a1 01", "not closed"),
        ("b4", "more is popped"),
        ("a4 " * 40, "too much is pushed"),
        ("a1 00 " * 40, "too many collections"),
        ("85 00", "with the number 0"),
        ("75 ff 97 ff ff ff 7f 81 02", "too large"),
        ("05 0d 09 30 75 01 96 ff ff 81 02", "too many fields"),
        ("05 01 09 06 a1 01 09 30 75 08 95 01 81 02 c0", "no report"),
        ("00 " * 9000, "more than a descriptor"),
    ],
)
def test_descriptors_that_make_no_sense_are_refused(text, why):
    with pytest.raises(BadDescriptor, match=why):
        PenDecoder(parse(bytes.fromhex(text)))


HOSTILE = st.one_of(
    st.binary(max_size=300),
    st.tuples(
        st.sampled_from([bytes.fromhex(t.replace("\n", " ")) for t in (PEN, SCREEN)]),
        st.lists(st.tuples(st.integers(0, 250), st.integers(0, 255)), max_size=8),
        st.integers(0, 300),
    ).map(lambda made: spoilt(*made)),
)


def spoilt(data, changes, length):
    spoilt_ = bytearray(data)
    for at, value in changes:
        spoilt_[at % len(spoilt_)] = value
    return bytes(spoilt_[:length])


@settings(max_examples=400, deadline=None)
@given(HOSTILE, st.lists(st.binary(max_size=70), max_size=6))
def test_whatever_a_device_says_is_understood_or_refused(data, reports):
    try:
        parsed = parse(data)
        decoders = []
        for kind in (PenDecoder, TouchDecoder):
            try:
                decoders.append(kind(parsed))
            except BadDescriptor:
                continue
    except BadDescriptor:
        return
    for decoder in decoders:
        for report in reports:
            said = decoder.feed(report)
            assert said is None or len(said if isinstance(said, list) else [said]) <= 12288


# The driver, against a node that speaks as /dev/hidraw0 does.


class Pens(Recorder):
    async def count(self, number):
        async with asyncio.timeout(5):
            while len(self.all) < number:
                await asyncio.sleep(0.005)
        return self.all

    @property
    def all(self):
        return [one for _, batch in self.batches for one in batch]


def hid(folder, text, name="Tablet", at="node"):
    data = bytes.fromhex(text.replace("\n", " "))
    return node_of(HidRecording(name=name, descriptor=data), Path(folder) / at)


async def test_a_tablet_with_standard_reports_needs_no_data_file():
    with folder_of_sockets() as folder:
        async with hid(folder, PEN) as node:
            told = Pens()
            driver = HidTablet(HidTablet.Settings(path=str(node.path)), told)
            await driver.connect()
            await node.opened()
            node.send(pen_report(0b10001, 5000, 2500, 2047, 60, -60))
            node.send(pen_report(0b10000, 10000, 5000, 0))
            node.send(pen_report(0, 10000, 5000, 0))
            tip, near, gone = await told.count(3)
            assert (tip.x, tip.y, tip.x_mm, tip.pressure) == (0.5, 0.5, pytest.approx(127), 1)
            assert (tip.tilt_x, tip.tilt_y, tip.contact) == (60, -60, True)
            assert (near.contact, near.near, gone.near) == (False, True, False)
            assert driver.omitted == {"grab", "key", "ring", "keys", "screen"}
            node.send(pen_report(0b10001, 1, 1, 1))
            await told.count(4)
            await node.__aexit__()
            assert (await told.count(5))[4].near is False
            assert isinstance(told.losses[0], Unreachable)
            await driver.end_background()
            await driver.disconnect()


async def test_a_pen_that_cannot_say_that_it_leaves_leaves_after_a_while():
    silent = PEN.replace("09 32 15 00 25 01 75 01 95 05", "15 00 25 01 75 01 95 04").replace(
        "95 03 81 03", "95 04 81 03"
    )
    with folder_of_sockets() as folder:
        async with hid(folder, silent) as node:
            told = Pens()
            driver = HidTablet(HidTablet.Settings(path=str(node.path)), told)
            await driver.connect()
            node.send(pen_report(1, 1, 1, 1))
            assert [one.near for one in await told.count(2)] == [True, False]
            await driver.end_background()
            await driver.disconnect()


async def test_a_data_file_says_what_the_tablet_itself_says_wrongly():
    """The Huion's bit for "in range" is inverted; its reports come from another interface."""
    with folder_of_sockets() as folder:
        first, second = hid(folder, PEN, at="a"), hid(folder, SCREEN, at="b", name="HUION 580")
        first.answer("HIDIOCGRAWNAME", b"HUION 580\0")
        async with first, second:
            nodes = {"hidraw": (str(first.path), str(second.path))}
            found = Found(identity="usb:x", bus="usb", vendor="256c", product="006e", nodes=nodes)
            told = Pens()
            driver = HidTablet(HidTablet.Settings(), told, found=found)
            await driver.connect()
            await second.opened()
            second.send(bytes.fromhex("0781803e204effff"))
            second.send(bytes.fromhex("07c0803e204e0000"))
            tip, gone = await told.count(2)
            assert (tip.x, tip.y, tip.contact, tip.near) == (0.5, 1.0, True, True)
            assert gone.near is False
            assert (await driver._read_size()).width == pytest.approx(203.2)
            await driver.end_background()
            await driver.disconnect()


async def test_what_has_no_pen_is_refused():
    with folder_of_sockets() as folder:
        async with hid(folder, SCREEN) as node:
            driver = HidTablet(HidTablet.Settings(path=str(node.path)), Pens())
            with pytest.raises(WrongDevice, match="no report of it is that of a pen"):
                await driver.connect()
            await driver.disconnect()


def test_every_data_file_says_where_its_facts_come_from():
    files = known_tablets()
    assert {(one.vendor, one.product) for one in files} >= {("28bd", "0905"), ("256c", "006e")}
    for one in files:
        assert len(one.source) > 30
        if one.parsed is not None:
            decoder = PenDecoder(one.parsed)
            assert 100 < decoder.field(X).millimetres < 500
    assert len(HidTablet.discovery) == len(files)
