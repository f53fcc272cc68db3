"""What a printer may say: made sense of, bounded, and never a reason to fall over."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drivers.printer.contract import Printer
from drivers.printer.gcode import GcodeRefused, load_policies
from drivers.printer.marlin import MarlinPrinter
from drivers.printer.marlin.acting import Acting
from drivers.printer.marlin.answers import temperatures_of, text_of
from drivers.printer.marlin.hand import RefusedGcode, changing, heating, moving, typed
from drivers.printer.marlin.handshake import firmware_of
from drivers.printer.marlin.link import LONGEST, Link
from drivers.printer.marlin.session import Session
from drivers.printer.marlin.source import Source, look_through
from drivers.printer.marlin.tracker import Tracker
from drivers.printer.values import FilamentChange, Gcode, Move, PrinterState, Targets, Volume
from drivers.virtual.harness import Recorder
from hub.device import BadSettings

POLICY = load_policies()["default"]


class DeadLink:
    """A line on which nothing is heard."""

    def __init__(self):
        self.written = []
        self.write = self.written.append
        self.hear = self.after = self.lost = None

    def close(self):
        pass


def listening():
    """Return a driver's session and what acts on its printer's words, without a printer."""
    told = Recorder()
    driver = MarlinPrinter(MarlinPrinter.Settings(port="/dev/none"), told)
    driver._session = Session(DeadLink(), driver, volume=Volume(), window=4, job=None)
    driver._acting = Acting(driver, driver._session, lambda problem: None)
    return driver, told


WORDS = st.sampled_from(
    [
        b"ok", b"ok N5 P3 B2", b"ok N99999999999", b"Resend: 4", b"Resend:", b"rs N3", b"wait",
        b"echo:busy: processing", b"busy: paused for user", b"Error:checksum mismatch, Last Line: 3",
        b"Error:Line Number is not Last Line Number+1, Last Line: 18446744073709551615",
        b"T:20 /0 B:1", b"T:1e5 B:nan", b"T:99999 /0", b"X:1.2.3 Y:4 Z:5", b"X:1 Y:2 Z:3 E:0",
        b"X:- Y:. Z:", b"//action:pause", b"//action:resume", b"//action:cancel",
        b"//action:prompt_begin <script>alert(1)</script>", b"//action:prompt_button \x00\xff",
        b"//action:prompt_show", b"//action:prompt_end", b"//action:out_of_filament T0",
        b"//action:paused filament_runout 0", b"//action:", b"// action: ", b"echo:Unknown command: \"\"",
        b"M113 S9", b"filament runout", b"", b"\xff\xfe\x00", b"x" * 5000,
    ]
)  # fmt: skip


@given(st.lists(st.one_of(WORDS, st.binary(max_size=60)), max_size=60))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_a_printer_says_is_borne(lines):
    async def hear():
        driver, told = listening()
        link = driver._session.talk
        driver._session.talk.say([b"M105", b"M114"])
        for line in lines:
            driver._session.talk.conversation.received(line)
        await asyncio.sleep(0)
        shown = await driver._read_prompt()
        assert len(shown.message) <= 200
        assert all(text.isprintable() for text in (shown.message, *shown.choices))
        assert all(len(str(value)) < 3000 for _, value in told.readings)
        assert len(driver._background) <= 4
        await driver.end_background()
        driver._session.close()
        return link

    asyncio.run(hear())


async def test_a_printer_that_talks_without_end_is_told_of_seldom():
    driver, told = listening()
    for number in range(2000):
        driver._session.talk.conversation.received(b"T:%d.0 /0.0 B:20 /0" % (20 + number % 50))
        driver._session.talk.conversation.received(b"//action:prompt_begin %d" % number)
        driver._session.talk.conversation.received(b"//action:prompt_show")
    assert len([1 for name, _ in told.readings if name == Printer.temperatures.name]) < 20
    assert len(told.events) < 20
    driver._session.close()


def test_a_line_that_never_ends_is_forgotten():
    class Port:
        channel = type("Channel", (), {"set_protocol": lambda *_: None, "write": lambda *_: None})()

    link, heard = Link(Port()), []
    link.hear = heard.append
    for _ in range(2000):
        link.data_received(b"y" * 5000)
    assert len(link._rest) < LONGEST
    link.data_received(b"\nok\r\nT:2")
    link.data_received(b"0 /0\n")
    assert heard[-2:] == [b"ok", b"T:20 /0"]


@pytest.mark.parametrize(
    ("line", "tools", "bed"),
    [
        (b"ok T:20.5 /0.0 B:60.1 /60.0 @:0 B@:0", [(20.5, 0)], (60.1, 60)),
        (b" T:180.00 /200.00 B:50 /60 T0:180.00 /200.00 T1:20.00 /0.00 @:127", [(180, 200), (20, 0)], (50, 60)),
        (b"T:201 E:0 W:3", [(201, 0)], None),
        (b"ok T:21.1/0.0 B:-3.0/0.0", [(21.1, 0)], (-3, 0)),
    ],
)  # fmt: skip
def test_temperatures_are_read_as_firmwares_write_them(line, tools, bed):
    told = temperatures_of(line)
    assert [(one.actual, one.target) for one in told.tools] == tools
    assert (told.bed and (told.bed.actual, told.bed.target)) == bed


@pytest.mark.parametrize("line", [b"ok", b"T:9999 /0", b"X:1 Y:2", b"TX:20", b"T:abc"])
def test_what_is_no_temperature_is_none(line):
    assert temperatures_of(line) is None


def test_words_lose_what_is_no_text():
    assert text_of(b"\x1b[31m\x00red\xff\r\n" + b"x" * 500, 10) == "[31mred\ufffdxx"


def test_what_a_firmware_says_of_itself_is_bounded():
    told = firmware_of(
        [
            b"FIRMWARE_NAME:Marlin 2.1.2 "
            + b"n" * 500
            + b" SOURCE_CODE_URL:x MACHINE_TYPE:Ender-3",
            b"EXTRUDER_COUNT:9 Cap:NO:1",
            b"Cap:EMERGENCY_PARSER:1",
            b"Cap:SDCARD:0",
        ]
    )
    assert len(told.name) == 200
    assert (told.machine, told.tools) == ("Ender-3", 8)
    assert told.capabilities == {"EMERGENCY_PARSER": True, "SDCARD": False}


# By hand


def test_lines_by_hand_say_what_was_asked():
    assert moving(Move(x=5, z=-0.1, speed=10)) == [
        b"G21", b"G91", b"G1 X5.000 Z-0.100 F600", b"G90", b"M400", b"M114",
    ]  # fmt: skip
    assert moving(Move()) == []
    assert heating(Targets(tool=200, tool_number=1, bed=0), 2) == [
        b"M104 T1 S200", b"M140 S0", b"M105",
    ]  # fmt: skip
    assert heating(Targets(), 1) == []
    with pytest.raises(BadSettings):
        heating(Targets(tool=200, tool_number=1), 1)
    assert b"M104 S0" in changing(FilamentChange(), 1, forward=True, stay_warm=False)
    assert b"G1 E-80.0 F1200" in changing(FilamentChange(), 1, forward=False, stay_warm=True)
    with pytest.raises(BadSettings):
        changing(FilamentChange(tool=1), 1, forward=True, stay_warm=False)


@pytest.mark.parametrize(
    "line",
    ["M112", "m997", "M0110 N5", "N5 G1 X3", ";note", "G1 X1\nM112", "G1 X1\rM997", "*", " ", "M28 a.g"],
)  # fmt: skip
def test_what_nobody_may_send_by_hand_is_refused(line):
    with pytest.raises(RefusedGcode):
        typed(Gcode(lines=[line]))


# A file


async def sent(path):
    source = Source(path.open("rb"), POLICY, lambda: None)
    await source.read_ahead()
    lines = []
    while (command := source.pull()) is not None:
        lines.append((command.line, command.text))
    source.close()
    return lines


async def test_a_file_is_sent_without_comments_and_without_what_its_policy_leaves_out(tmp_path):
    path = tmp_path / "a.gcode"
    path.write_bytes(
        b";LAYER_CHANGE\r\nN5 G1 X5*33\r\nG1 X6 ; six\nM500\n\nM 0155 S1\nG28\n;LAYER:1\nG1X7 E1"
    )
    contents = look_through(path, POLICY)
    assert (contents.lines, contents.commands, contents.stripped) == (9, 4, 2)
    assert contents.layers == 2
    assert await sent(path) == [(2, b"G1 X5"), (3, b"G1 X6"), (7, b"G28"), (9, b"G1X7 E1")]


@pytest.mark.parametrize(
    "content",
    [b"G28\nM997\n", b"\x00\x01\x02", b"<html></html>", b"", b"G1 X1\rM997\n", b"G1 X" + b"1" * 200,
     b"x" * 10_000_000, b"M28 part.gco\n", b"M104 S900\n", b"PK\x03\x04"],
)  # fmt: skip
def test_what_is_no_gcode_for_a_printer_is_refused_before_it_begins(tmp_path, content):
    path = tmp_path / "a.gcode"
    path.write_bytes(content)
    with pytest.raises(GcodeRefused):
        look_through(path, POLICY)


# Where it is


@pytest.mark.parametrize(
    ("lines", "at", "pushed"),
    [
        ([b"G28", b"G1 X10 Y20 Z0.2 E5 F600"], (10, 20, 0.2), 5),
        ([b"G28", b"G91", b"G1 X5", b"G1 X5 E1", b"G90", b"M83", b"G1 E2"], (10, 0, 0), 3),
        ([b"G28", b"G20", b"G1 X1 E1"], (25.4, 0, 0), 25.4),
        ([b"G28", b"G92 E10", b"G1 E12", b"G1 E8", b"G1 E12", b"G1 E13"], (0, 0, 0), 3),
        ([b"G28 X", b"G1 Y5"], (0, 5, None), 0),
        ([b"G0X5Y6"], (5, 6, None), 0),
        ([b"G1 X" + b"9" * 60, b"G1 Y3"], (None, 3, None), 0),
    ],
)
def test_where_the_nozzle_is_follows_from_what_was_taken(lines, at, pushed):
    tracker = Tracker()
    for line in lines:
        tracker.take(line)
    assert (tracker.x, tracker.y, tracker.z) == pytest.approx(at)
    assert tracker.filament == pytest.approx(pushed)


async def test_a_printer_that_halts_takes_nothing_more():
    driver, told = listening()
    driver._session.talk.conversation.received(b"Error:Printer halted. kill() called!")
    assert driver._session.state is PrinterState.HALTED
    assert told.problems[-1].code == "printer-halted"
    assert told.events[-1][0] == "halted"
