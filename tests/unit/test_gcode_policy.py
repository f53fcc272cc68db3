"""What of a file of G-code a printer is given: the table, and files looked through by it."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.printer.gcode import (
    REASONS,
    GcodeRefused,
    Limits,
    PolicyError,
    load_policies,
    scan,
    word_of,
    write_clean,
)
from drivers.printer.gcode.commands import command_of, parameters
from drivers.printer.gcode.policy import FILE
from drivers.printer.gcode.scanning import LONGEST_LINE, MOST_REFUSALS

DEFAULT = load_policies()["default"]
LIMITS = Limits()
START = "G90\nM83\nM104 S210\nG28\nM109 S210\n"
PRINT = "G1 X100 Y100 Z0.2 F3000\nG1 X110 Y100 E0.4\nG1 X110 Y110 E0.4\n"


@pytest.fixture
def looked(tmp_path):
    def look(content, *, policy=DEFAULT, limits=LIMITS):
        path = tmp_path / "file.gcode"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return scan(path, policy, limits)

    return look


def refusals(found):
    return [(one.line, one.reason) for one in found.refused]


# Commands


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("G1 X1", "G1"),
        ("g01x1", "G1"),
        ("  M 0997", "M997"),
        ("M997.1", "M997.1"),
        ("N12 M104 S200*71", "M104"),
        ("N5M112", "M112"),
        ("G28;home", "G28"),
        ("start_print BED=60", "START_PRINT"),
        ("; comment", ""),
        ("N1 N2 M997", "N2"),
        ("M66533", "M66533"),
    ],
)
def test_a_line_is_read_as_firmware_reads_it(line, word):
    assert word_of(command_of(line.encode())) == word.encode()


def test_parameters_are_letters_and_plain_numbers():
    assert list(parameters(b"M109 S200R-1.5 T")) == [("S", 200.0), ("R", -1.5), ("T", None)]
    for strange in (b"M104 S{temperature}", b"M104 S=2", b"M104 S1,5", b"START S1"):
        with pytest.raises(ValueError, match="letters and numbers"):
            list(parameters(strange))


# The table


def test_what_would_harm_a_printer_is_never_sent():
    for word in [
        "M997",
        "M997.1",
        "M28",
        "M29",
        "M30",
        "M112",
        "M575",
        "M510",
        "M500",
        "M502",
        "M851",
        "M206",
        "M302",
        "M303",
        "M211",
        "M92",
        "M999",
        "M24",
        "M110",
        "M587",
        "M928",
        "M81",
        "M108",
        "M410",
        "M118",
    ]:
        assert not DEFAULT.sends(word.encode()), word


def test_numbers_that_firmware_counts_round_are_no_commands():
    assert 66533 % 65536 == 997
    assert DEFAULT.ruling(b"M66533") == ("refuse", "not-gcode")
    assert DEFAULT.ruling(b"M9970") == ("strip", "unknown")


def test_a_subcode_is_ruled_by_itself_and_else_by_its_command():
    assert DEFAULT.ruling(b"G29.1") == ("refuse", "other-printer")
    assert DEFAULT.ruling(b"G28.2")[0] == "allow"
    assert DEFAULT.ruling(b"M997.5")[0] == "refuse"


def test_policies_differ_where_they_say_so():
    every = load_policies()
    assert set(every) == {"default", "klipper", "prusa", "manual"}
    assert every["klipper"].sends(b"START_PRINT")
    assert not every["klipper"].sends(b"SAVE_CONFIG")
    assert not every["klipper"].sends(b"M997")
    assert every["prusa"].sends(b"M907")
    assert not DEFAULT.sends(b"M907")


def test_every_reason_is_used_or_found_in_files():
    found_in_files = {
        "empty", "no-extrusion", "not-text", "not-gcode", "packed", "long-line", "placeholder",
        "another-tool", "too-hot", "outside", "never-heated", "never-homed", "host", "unknown",
    }  # fmt: skip
    named = {reason for policy in load_policies().values() for _, reason in policy.rulings.values()}
    assert named - {""} | found_in_files == set(REASONS)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("schema = 2\n", "schema is not 1"),
        ("schema = 1\n", r"there is no \[policies.default\]"),
        ("schema = 1\n[policies.default]\nallow = ['G1']\nallwo = ['G2']", "unknown: allwo"),
        ("schema = 1\n[policies.default]\nallow = ['G1', 'G1']", "G1 stands in two lists"),
        ("schema = 1\n[policies.default]\nallow = ['g1']", "'g1' is no command"),
        ("schema = 1\n[policies.default.strip]\nbad = ['M1']", "there is no reason 'bad'"),
        ("schema = 1\n[policies.default]\nmargin = -1", "margin is no number"),
        ("schema = 1\n[policies.default]\nextends = 'x'", "does not stand before it"),
        ("schema = 1\n[policies.default", "gcode-policy"),
    ],
)
def test_a_wrong_table_is_told_where(tmp_path, text, wrong):
    path = tmp_path / "gcode-policy.toml"
    path.write_text(text)
    with pytest.raises(PolicyError, match=wrong):
        load_policies(path)


def test_the_document_names_every_reason_and_policy():
    text = (FILE.parents[1] / "docs" / "gcode-policy.md").read_text()
    for name in (*REASONS, *load_policies()):
        assert re.search(rf"`{name}`", text), name


# Files


def test_a_sound_file_is_printable_and_its_plastic_is_measured(looked):
    found = looked(START + ";LAYER_CHANGE\n" + PRINT + "G1 E-0.2\nM104 S0\n")
    assert found.printable
    facts = found.facts
    assert (facts.lines, facts.layers, facts.commands) == (11, 1, 10)
    assert facts.millimetres == pytest.approx(0.6)
    assert facts.low == (110, 100, 0)
    assert facts.high == (110, 110, 0.2)
    assert (facts.hottest_tool, facts.height) == (210, 0.2)


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        ("", 0, "empty"),
        ("; only words\n", 0, "empty"),
        (START + "G1 X5 Y5\n", 0, "no-extrusion"),
        ("<!DOCTYPE html><html>\n", 1, "not-gcode"),
        ("PK\x03\x04 a box", 0, "packed"),
        ("GCDE\x01\x00", 0, "packed"),
        (START + "G1 X1\x00\n" + PRINT, 6, "not-text"),
        (START + "; a\x07bell\n" + PRINT, 6, "not-text"),
        (START + "G1 X1\rM997\n" + PRINT, 6, "not-text"),
        (START + "G1 X" + "1" * 90 + "\n" + PRINT, 6, "long-line"),
        (START + PRINT + "M997\n", 9, "firmware"),
        (START + PRINT + "  m 0997 S1\n", 9, "firmware"),
        (START + PRINT + "N7 M997*33\n", 9, "firmware"),
        (START + "M28 boot.g\n" + PRINT, 6, "card-writing"),
        (START + PRINT + "M112\n", 9, "emergency"),
        ("M575 B9600\n" + START + PRINT, 1, "connection"),
        ("M587 S\"school\" P\"secret\"\n" + START + PRINT, 1, "connection"),
        ("START_PRINT BED=60\n" + PRINT, 1, "other-printer"),
        ("M620 S0A\n" + START + PRINT, 1, "other-printer"),
        ("M104 S{first_layer_temperature}\n" + START + PRINT, 1, "placeholder"),
        ("[start_gcode]\n" + START + PRINT, 1, "placeholder"),
        ("G20\n" + START + PRINT, 1, "units"),
        (START + "M104 S600\n" + PRINT, 6, "too-hot"),
        (START + "M104 S100 S600\n" + PRINT, 6, "too-hot"),
        (START + "M104 S0x1F4\n" + PRINT, 6, "not-gcode"),
        (START + "M190 R200\n" + PRINT, 6, "too-hot"),
        (START + "T1\n" + PRINT, 6, "another-tool"),
        (START + PRINT + "G1 X230 Y100 E1\n", 9, "outside"),
        (START + PRINT + "G1 Z-3\n", 9, "outside"),
        (START + PRINT + "G91\nG1 X200 E1\n", 10, "outside"),
        (START + PRINT + "G92 X0\nG1 X150 E1\n", 10, "outside"),
        (START + PRINT + "G3 X110 Y111 I160 J0 E9\n", 9, "outside"),
        ("G28\n" + PRINT, 3, "never-heated"),
        ("M109 S210\n" + PRINT, 3, "never-homed"),
        (START + PRINT + "X10 Y10\n", 9, "not-gcode"),
        (START + PRINT + "M104 S200é\n", 9, "not-text"),
        (START + PRINT + "G1 X1,5\n", 9, "not-gcode"),
    ],
)  # fmt: skip
def test_a_file_is_refused_with_the_line_and_the_reason(looked, content, line, reason):
    found = looked(content)
    assert (line, reason) in refusals(found)
    assert not found.printable
    error = GcodeRefused.because(found)
    assert error.title == REASONS[found.refused[0].reason].title


def test_what_is_left_out_is_told_once_with_its_count(looked):
    content = START + "M500\nM851 Z-1\nM500\n@pause\nM118 //action:cancel\nM9123\n" + PRINT
    found = looked(content)
    assert found.printable
    told = {one.word: (one.reason, one.line, one.count) for one in found.stripped}
    assert told == {
        "M500": ("stored-settings", 6, 2),
        "M851": ("stored-settings", 7, 1),
        "@PAUSE": ("host", 9, 1),
        "M118": ("talk", 10, 1),
        "M9123": ("unknown", 11, 1),
    }


def test_more_kinds_than_are_listed_are_counted_all_the_same(looked):
    found = looked(START + "".join(f"M{number}\n" for number in range(8000, 8250)) + PRINT)
    assert found.printable
    assert sum(one.count for one in found.stripped) == 250
    assert (found.stripped[-1].word, found.stripped[-1].count) == ("...", 50)


def test_a_clean_copy_holds_nothing_of_what_is_left_out(looked, tmp_path):
    content = START + "M500 ; keep\n" + PRINT + "  M 0851 Z-1\nM117 Дайын\n"
    looked(content)
    left_out = write_clean(tmp_path / "file.gcode", tmp_path / "clean.gcode", DEFAULT)
    assert left_out == 2
    clean = scan(tmp_path / "clean.gcode", DEFAULT, LIMITS)
    assert clean.printable
    assert clean.stripped == []
    assert clean.facts.lines == content.count("\n")
    assert "M117 Дайын" in (tmp_path / "clean.gcode").read_text()


def test_no_more_is_told_than_people_read(looked):
    found = looked("M997\n" * 100_000)
    assert len(found.refused) == MOST_REFUSALS


def test_a_line_of_ten_megabytes_costs_no_memory(looked):
    for start, reason in ((b"G1 X", "long-line"), (b"; ", "long-line"), (b"\x00", "not-text")):
        found = looked(START.encode() + start + b"1" * (10 << 20) + b"\n")
        assert refusals(found) == [(6, reason)]


def test_long_comments_of_slicers_are_read(looked):
    assert looked(START + "; start_gcode = " + "x" * (LONGEST_LINE - 100) + "\n" + PRINT).printable


def test_plates_whose_middle_is_zero_have_two_sides(looked):
    content = START + "G1 X-100 Y-100 Z0.2\nG1 X-90 Y100 E1\n"
    assert not looked(content).printable
    assert looked(content, limits=Limits(centred=True)).printable


def test_arcs_inside_are_taken_and_measured(looked):
    found = looked(START + "G1 X100 Y100 Z0.2\nG3 X100 Y100 I10 J0 E3\n")
    assert found.printable
    assert found.facts.low[:2] == pytest.approx((100, 90))
    assert found.facts.high[:2] == pytest.approx((120, 110))


def test_slow_and_quick_reading_find_the_same(looked):
    """Plain lines go the quick way; a space too much sends them the other way."""
    lines = [f"G1 X{50 + i % 70} Y{60 + i % 50} E0.05" for i in range(3000)]
    quick = looked(START + "G1 Z0.2\n" + "\n".join(lines) + "\n").facts
    slow = looked(
        START + "G1 Z0.2\n" + "\n".join(one.replace(" Y", "  Y") for one in lines) + "\n"
    ).facts
    assert quick.millimetres == pytest.approx(slow.millimetres)
    assert (quick.low, quick.high, quick.lines) == (slow.low, slow.high, slow.lines)


def test_absolute_and_relative_filament_are_the_same(looked):
    absolute = (
        START.replace("M83", "M82")
        + "G1 X100 Y100 Z0.2\nG1 X110 E1\nG1 X100 E2\nG92 E0\nG1 X110 E1\n"
    )
    relative = START + "G1 X100 Y100 Z0.2\nG1 X110 E1\nG1 X100 E1\nG92 E0\nG1 X110 E1\n"
    assert looked(absolute).facts.millimetres == looked(relative).facts.millimetres == 3


@pytest.mark.parametrize(
    ("comments", "facts"),
    [
        (
            ("; generated by PrusaSlicer 2.5.0+UNKNOWN on 2026-11-29 at 01:03:53 UTC\n"
            "; estimated printing time (normal mode) = 1d 2h 3m 4s\n; filament used [g] = 3.87\n"
            "; printer_model = MK3S\n; filament_type = PETG\n; layer_height = 0.2\n"),
            {"slicer": "PrusaSlicer 2.5.0+UNKNOWN", "seconds": 93784, "grams": 3.87,
             "printer": "MK3S", "material": "PETG", "layer_height": 0.2},
        ),
        (
            (";FLAVOR:Marlin\n;TIME:1395\n;Layer height: 0.1\n;Generated with Cura_SteamEngine 5.2.1\n"
            ";TARGET_MACHINE.NAME:Creality Ender-3\n;LAYER_COUNT:198\n"),
            {"slicer": "Cura_SteamEngine 5.2.1", "seconds": 1395, "layer_height": 0.1,
             "printer": "Creality Ender-3", "layers": 198},
        ),
        (
            ("; BambuStudio 01.08.00.53\n; model printing time: 12m 3s; total estimated time: 19m 8s\n"
            "; total layer number: 100\n"),
            {"slicer": "BambuStudio 01.08.00.53", "seconds": 723, "layers": 100},
        ),
        ("; generated by <script>alert(1)</script>\n; printer_model = <b>x</b>\n", {"printer": "bx/b"}),
        ("; estimated printing time (normal mode) = 99999999999999d\n", {"seconds": None}),
    ],
)  # fmt: skip
def test_what_slicers_say_is_read_and_cleaned(looked, comments, facts):
    found = looked(comments + START + PRINT).facts
    assert {name: getattr(found, name) for name in facts} == facts


WORDS = st.sampled_from(
    ["G0", "G1", "G2", "G28", "G90", "G91", "G92", "M82", "M83", "M104", "M109", "T0", "M500", ""]
)
PARAMETER = st.tuples(
    st.sampled_from("XYZEFIJRS"), st.floats(-400, 400) | st.integers(-300, 300)
).map(lambda p: f"{p[0]}{p[1]}")
LINE = st.tuples(WORDS, st.lists(PARAMETER, max_size=5)).map(lambda p: " ".join([p[0], *p[1]]))


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.lists(LINE | st.text(max_size=20), max_size=60))
def test_whatever_is_in_a_file_it_is_judged(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("hostile") / "file.gcode"
    path.write_bytes("\n".join(lines).encode("utf-8", "replace"))
    found = scan(path, DEFAULT, LIMITS)
    assert found.as_json()
    if found.printable:
        low, high = found.facts.low, found.facts.high
        assert all(
            low[axis] >= -5.001 and high[axis] <= LIMITS.volume[axis] + 5.001 for axis in range(2)
        )
        assert found.facts.hottest_tool <= LIMITS.hottest_tool


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_whatever_bytes_there_are_they_are_judged(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("hostile") / "file.gcode"
    path.write_bytes(data)
    assert scan(path, DEFAULT, LIMITS).as_json()


def test_the_table_says_where_it_comes_from():
    text = Path(FILE).read_text()
    assert "source = " in text
    assert "date = " in text
