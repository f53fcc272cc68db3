"""What pens of globes say, and what follows of it: touches, double ones, long ones, keys."""

import pytest

from drivers.globe.contract import TapKind
from drivers.globe.hid.layout import Layout, known_pens
from drivers.globe.serial.lines import MOST_LINE, Lines
from drivers.globe.taps import MOST_PENS, Taps, Timing
from drivers.globe.wedge.typing import MOST_TYPED, Typing
from drivers.globe.words import USUAL, Words
from drivers.input.codes import EV_KEY, EV_SYN, SYN_DROPPED
from hub.device import BadSettings
from hub.device.transports import InputEvent

REPEATS = Timing(repeat=0.35)


def kinds(taps, said):
    return [tap.kind.value for code, at in said for tap in taps.said(code, at)]


@pytest.mark.parametrize(
    ("timing", "said", "told"),
    [
        (Timing(), [("10398", 0.0)], ["tap"]),
        (Timing(), [("10398", 0.0), ("10398", 0.05)], ["tap"]),  # said twice
        (Timing(), [("10398", 0.0), ("10398", 0.3)], ["tap", "double"]),
        (Timing(), [("10398", 0.0), ("10398", 0.3), ("10398", 0.6)], ["tap", "double", "tap"]),
        (Timing(), [("10398", 0.0), ("10398", 2.0)], ["tap", "tap"]),
        (Timing(), [("10398", 0.0), ("10643", 0.1)], ["tap", "tap"]),
        (REPEATS, [("10398", n * 0.2) for n in range(20)], ["tap", "hold"]),
        (REPEATS, [("10398", 0.0), ("10398", 0.2), ("10398", 0.7)], ["tap", "double"]),
        (
            REPEATS,
            [*(("10398", n * 0.2) for n in range(8)), ("10398", 1.9)],
            ["tap", "hold", "tap"],
        ),
    ],
)
def test_touches_of_one_pen(timing, said, told):
    assert kinds(Taps(timing), said) == told


def test_two_pens_at_once_do_not_disturb_each_other():
    taps = Taps(Timing())
    told = [
        taps.said(code, at, pen)
        for pen, code, at in [
            ("1", "10398", 0.0),
            ("2", "10643", 0.1),
            ("1", "10398", 0.2),
            ("2", "10643", 1.0),
        ]
    ]
    assert [(one.pen, one.kind) for some in told for one in some] == [
        ("1", TapKind.TAP), ("2", TapKind.TAP), ("1", TapKind.DOUBLE), ("2", TapKind.TAP),
    ]  # fmt: skip


def test_a_pen_that_was_lifted_begins_anew():
    taps = Taps(REPEATS)
    taps.said("10398", 0.0)
    taps.lifted()
    assert [tap.kind for tap in taps.said("10398", 0.2)] == [TapKind.DOUBLE]


def test_pens_that_a_garbled_line_makes_up_are_forgotten():
    taps = Taps(Timing())
    for pen in range(10 * MOST_PENS):
        taps.said("10398", 0.0, str(pen))
    assert len(taps._touches) == MOST_PENS


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("10398", [("10398", "", "tap")]),
        ("OID 10398", [("10398", "", "tap")]),
        ("P2 OID 10398", [("10398", "2", "tap")]),
        ("P2:KEY 3", [("3", "2", "mode")]),
        ("UP", []),
        ("BAT 80", []),
    ],
)
def test_the_usual_pattern(line, told):
    heard = Words(USUAL, Taps(Timing())).hear(line, 0.0)
    assert [(tap.code, tap.pen, tap.kind.value) for tap in heard.taps] == told


@pytest.mark.parametrize(
    "line", ["", "OID", "10", "BAT 101", "OID 103 98", "\x0010398", "қаз", "#!%"]
)
def test_what_makes_no_sense_is_no_touch(line):
    assert Words(USUAL, Taps(Timing())).hear(line, 0.0) is None


@pytest.mark.parametrize("pattern", ["(", r"\d+", r"(?P<code>\d+)(?P<colour>.)"])
def test_a_pattern_that_cannot_work_is_refused(pattern):
    with pytest.raises(BadSettings):
        Words(pattern, Taps(Timing()))


def test_lines_come_in_pieces_and_half_ones_are_no_shorter_codes():
    lines = Lines(b"\n")
    assert lines.feed(b"OID 10") == []
    assert lines.feed(b"398\r\nOID 10643\nOID 1") == ["OID 10398", "OID 10643"]
    (half,) = lines.pause()
    assert Words(USUAL, Taps(Timing())).hear(half, 0.0) is None
    assert lines.feed(b"OID 10156\n") == ["OID 10156"]
    assert len(lines.feed(b"x" * 3 * MOST_LINE)) == 2


def test_lines_without_an_end_are_ended_by_a_pause():
    lines = Lines(None)
    assert lines.feed(b"10398") == []
    assert lines.pause() == ["10398"]
    assert lines.pause() == []


def keys(*codes, value=1):
    return [InputEvent(0.0, EV_KEY, code, value) for code in codes]


def test_what_a_pen_types_is_gathered_until_enter():
    typing = Typing()
    assert typing.take(keys(2, 11, 4)) == []
    assert typing.begun
    assert typing.take([*keys(10, 9), *keys(10, value=2), *keys(28)]) == ["10398"]
    assert not typing.begun
    assert typing.take([*keys(42), *keys(24), *keys(42, value=0), *keys(23, 32, 28)]) == ["Oid"]
    assert typing.take([*keys(79, 82, 96)]) == ["10"]


def test_what_was_lost_is_not_guessed():
    typing = Typing()
    typing.take(keys(2, 11))
    lines = typing.take([InputEvent(0.0, EV_SYN, SYN_DROPPED, 0), *keys(10, 28)])
    assert lines == ["9"]  # no pattern takes so short a code
    assert len(Typing().take(keys(*[2] * (MOST_TYPED + 5)))) == 1


@pytest.mark.parametrize(
    ("layout", "report", "told"),
    [
        ({"offset": 1, "report": 5, "length": 4}, "05 9e280000", [("10398", "")]),
        ({"offset": 1, "report": 5, "length": 4}, "06 9e280000", []),
        ({"length": 2, "order": "big", "pen": 2}, "289e 03", [("10398", "3")]),
        ({"length": 6, "order": "ascii"}, "313033393800", [("10398", "")]),
        ({"length": 4}, "00000000", []),
    ],
)
def test_the_code_in_a_report(layout, report, told):
    heard = Layout(**layout).hear(bytes.fromhex(report), 0.0, Taps(Timing()))
    assert [(tap.code, tap.pen) for tap in heard.taps] == told


@pytest.mark.parametrize(
    ("layout", "report"),
    [
        ({"length": 4}, "9e28"),
        ({"length": 2, "battery": 2}, "9e28ff"),
        ({"length": 4, "order": "ascii"}, "31 00 33 0a"),
    ],
)
def test_a_report_that_makes_no_sense(layout, report):
    assert Layout(**layout).hear(bytes.fromhex(report), 0.0, Taps(Timing())) is None


def test_the_largest_number_is_a_code_and_a_larger_one_no_layout():
    heard = Layout(length=26).hear(b"\xff" * 26, 0.0, Taps(Timing()))
    assert heard is not None
    assert len(heard.taps[0].code) == 63
    with pytest.raises(ValueError, match="26 bytes"):
        Layout(length=27)
    assert Layout(length=32, order="ascii").hear(b"7" * 32, 0.0, Taps(Timing())) is not None


def test_a_schools_data_file_is_read_and_a_broken_one_left_out(tmp_path, caplog):
    (tmp_path / "good.json").write_text(
        '{"vendor": "1234", "product": "00ff", "name": "Pen", "source": "recorded", "verified": true,'
        ' "date": "2026-11-29", "layout": {"offset": 2, "length": 3}}'
    )
    (tmp_path / "bad.json").write_text('{"vendor": "zz"}')
    (pen,) = known_pens(tmp_path)
    assert pen.layout.offset == 2
    assert "bad.json is left out" in caplog.text
