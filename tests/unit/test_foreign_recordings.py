"""Recordings that other tools make: read, played as devices, and hostile ones."""

import asyncio
import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.hid.recordings import (
    BadRecordingText,
    parse_evemu,
    parse_hid_recorder,
    parse_libinput,
    parse_usbhid_dump,
)
from drivers.input.codes import BTN_TOOL_PEN, BTN_TOUCH
from drivers.tablet.evdev import KernelTablet
from drivers.virtual.harness import Recorder, running
from drivers.virtual.node import folder_of_sockets
from drivers.virtual.play import load, node_of, play
from hub.device.transports import Axis, InputEvent

EVEMU = """# EVEMU 1.3
N: A pen
I: 0003 056a 0302 0100
P: 00 00 00 00 00 00 00 00
B: 00 0b 00 00 00 00 00 00 00
B: 01 00 00 00 00 00 00 00 00
B: 01 00 00 00 00 00 00 00 00
B: 01 00 00 00 00 00 00 00 00
B: 01 00 00 00 00 00 00 00 00
B: 01 00 00 00 00 00 00 00 00
B: 01 01 0c 00 00 00 00 00 00
B: 03 03 00 00 01 00 00 00 00
A: 00 0 15200 4 0 100
A: 01 0 9500 4 0 100
A: 18 0 2047 0 0 0
E: 0.000001 0001 0140 0001\t# EV_KEY / BTN_TOOL_PEN 1
E: 0.000001 0003 0000 7600
E: 0.000001 0003 0001 4750
E: 0.000001 0000 0000 0000
E: 0.010000 0001 014a 0001
E: 0.010000 0003 0018 2047
E: 0.010000 0000 0000 0000
E: 0.020000 0001 014a 0000
E: 0.020000 0001 0140 0000
E: 0.020000 0000 0000 0000
"""
EVEMU = EVEMU.replace("B: 01 01 0c", "B: 01 01 04")  # BTN_TOOL_PEN 0x140, BTN_TOUCH 0x14a
LIBINPUT = """# libinput record
version: 1
ndevices: 1
devices:
- node: /dev/input/event5
  evdev:
    # Name: A pen
    name: "A pen"
    id: [3, 1386, 770, 256]
    codes:
      0: [0, 1, 3] # EV_SYN
      1: [320, 330] # EV_KEY
      3: [0, 1, 24] # EV_ABS
    absinfo:
      0: [0, 15200, 4, 0, 100]
      1: [0, 9500, 4, 0, 100]
      24: [0, 2047, 0, 0, 0]
    properties: [0]
  udev:
    properties:
    - ID_INPUT=1
  events:
  - evdev:
    - [  0,      1,   1, 320,       1] # EV_KEY / BTN_TOOL_PEN           1
    - [  0,      1,   3,   0,    7600]
    - [  0,      1,   3,   1,    4750]
    - [  0,      1,   0,   0,       0] # ------------ SYN_REPORT (0) ----------
  - evdev:
    - [  0,  10000,   1, 330,       1]
    - [  0,  10000,   3,  24,    2047]
    - [  0,  10000,   0,   0,       0]
  - evdev:
    - [  0,  20000,   1, 330,       0]
    - [  0,  20000,   1, 320,       0]
    - [  0,  20000,   0,   0,       0]
"""
HID = """# a comment
D: 0
R: 4 05 0d 09 02
N: A tablet
P: usb-1/input0
I: 3 256c 006e
E: 0.000000 3 07 80 01
E: 12.008001 2 07 C0
D: 1
R: 1 00
"""
DUMP = """
001:004:000:DESCRIPTOR         1348292940.000001
 05 0D 09 02
001:004:000:STREAM             1348292947.179597
 09 00 B4 03 E1 04 00 00

001:004:001:STREAM             1348292947.181514
 07 00
 01

"""


def test_evemu_and_libinput_say_the_same():
    one, other = parse_evemu(EVEMU), parse_libinput(LIBINPUT)
    assert (one.name, one.vendor, one.product) == (other.name, other.vendor, other.product)
    assert one.name == "A pen"
    assert (
        one.axes
        == other.axes
        == {
            0: Axis(0, 0, 15200, 4, 0, 100),
            1: Axis(0, 0, 9500, 4, 0, 100),
            24: Axis(0, 0, 2047, 0, 0, 0),
        }
    )
    assert one.bits[1] >= other.bits[1] - {BTN_TOUCH}
    assert one.events == other.events
    assert one.events[1] == InputEvent(0.000001, 3, 0, 7600)
    assert BTN_TOOL_PEN in other.bits[1]


def test_hid_recorder_and_usbhid_dump():
    one = parse_hid_recorder(HID)
    assert (one.name, one.vendor, one.product) == ("A tablet", 0x256C, 0x6E)
    assert one.descriptor == bytes.fromhex("050d0902")
    assert one.reports == [(0.0, b"\x07\x80\x01"), (12.008001, b"\x07\xc0")]
    dump = parse_usbhid_dump(DUMP)
    assert dump[0].descriptor == bytes.fromhex("050d0902")
    assert dump[0].reports == [(1348292947.179597, bytes.fromhex("0900b403e1040000"))]
    assert dump[1].reports[0][1] == b"\x07\x00\x01"


@pytest.mark.parametrize(
    ("parser", "text"),
    [
        (parse_hid_recorder, "R: 5 05 0d"),
        (parse_hid_recorder, "E: x 1 07"),
        (parse_hid_recorder, "E: 1e400 1 07"),
        (parse_hid_recorder, "E: 0.0 1 fff"),
        (parse_hid_recorder, "I: 3"),
        (parse_evemu, "A: 00 0"),
        (parse_evemu, "E: 0.0 0001 0140 99999999999"),
        (parse_evemu, "E: -1.0 0001 0140 1"),
        (parse_evemu, "B: 01 gg"),
        (parse_evemu, "\n".join(["B: 01 00 00 00 00 00 00 00 00"] * 40)),
        (parse_libinput, "evdev:\n- [0, 1, 3, 0, 9999999999]"),
        (parse_libinput, "codes:\n1: [5000]"),
        (parse_usbhid_dump, "001:004:000:STREAM 1.5\n zz"),
        (parse_usbhid_dump, "x" * 70000),
    ],
)
def test_recordings_that_make_no_sense_are_refused_with_their_line(parser, text):
    with pytest.raises(BadRecordingText, match=r"line|many"):
        parser(text)


PARSERS = (parse_hid_recorder, parse_evemu, parse_libinput, parse_usbhid_dump)
LINES = st.sampled_from(
    [line for text in (EVEMU, LIBINPUT, HID, DUMP) for line in text.splitlines()]
)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(PARSERS),
    st.lists(
        st.one_of(LINES, st.text(max_size=60), st.tuples(LINES, st.integers(0, 60), st.text(max_size=3)).map(
            lambda made: made[0][: made[1]] + made[2] + made[0][made[1] :]
        )),
        max_size=20,
    ),
)  # fmt: skip
def test_whatever_a_file_says_is_understood_or_refused(parser, lines):
    try:
        parser("\n".join(lines))
    except BadRecordingText:
        return


@pytest.mark.parametrize("text", [LIBINPUT], ids=["libinput"])
async def test_a_recording_plays_as_the_tablet_that_it_was_made_of(text, tmp_path):
    file = tmp_path / "pen.gz"
    file.write_bytes(gzip.compress(text.encode()))
    recording = load(file)
    with folder_of_sockets() as folder:
        async with node_of(recording, Path(folder) / "pen") as node:
            told = Recorder()
            driver = KernelTablet(KernelTablet.Settings(path=str(node.path)), told)
            await driver.connect()
            await play(recording, node, pace=0)
            async with asyncio.timeout(5):
                while len(told.batches) < 1 or len([s for _, b in told.batches for s in b]) < 3:
                    await asyncio.sleep(0.005)
            near, tip, gone = [s for _, b in told.batches for s in b]
            assert (near.x, near.y, near.contact) == (0.5, 0.5, False)
            assert (tip.contact, tip.pressure, gone.near) == (True, 1.0, False)
            await driver.end_background()
            await driver.disconnect()


async def test_a_recording_is_a_peer(tmp_path):
    file = tmp_path / "pen.yml"
    file.write_text(LIBINPUT)
    async with running("drivers.virtual.play", str(file)) as path:
        told = Recorder()
        driver = KernelTablet(KernelTablet.Settings(path=path), told)
        await driver.connect()
        async with asyncio.timeout(10):
            while not told.batches:
                await asyncio.sleep(0.01)
        assert await driver._read_name() == "A pen"
        await driver.end_background()
        await driver.disconnect()


def test_what_no_tool_made_is_refused(tmp_path):
    file = tmp_path / "x"
    file.write_text("hello")
    with pytest.raises(BadRecordingText):
        load(file)
