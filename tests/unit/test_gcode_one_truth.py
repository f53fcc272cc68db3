"""What is told of a file before it is approved is what its printer is sent: line by line."""

import contextlib
import tomllib

import pytest

from drivers.printer.gcode import (
    GcodeRefused,
    Limits,
    NoSuchPolicy,
    PolicyChanged,
    command_of,
    load_policies,
    policy_for,
    policy_named,
    scan,
    write_clean,
)
from drivers.printer.gcode.policy import FILE
from drivers.printer.marlin.source import Source, look_through
from plugins.printing.slicing import work
from plugins.printing.slicing.profiles import Profiles

PRINTERS = sorted((FILE.parent / "printers").glob("*.toml"))
START = ["G90", "M83", "M104 S210", "G28", "M109 S210"]
PRINT = ["G1 X100 Y100 Z0.2 F3000", "G1 X110 Y100 E0.4", "G1 X110 Y110 E0.4"]
WORDS = sorted({word.decode() for policy in load_policies().values() for word in policy.rulings})
FORMS = [
    "{word}", "{word} ; said why", " {lower} S1", "N7 {word} S1*33", "{word}.1", "{word}.9 P1",
    "{letter}0{number}", "{letter} {number}", "{word}X1", "{word}\r",
]  # fmt: skip
DEFAULT = load_policies()["default"]
STRANGE = [
    "; a comment", "", "   ", "@OCTO on", "G1", "G0 X1", "G01 X2", "g1x3", "G1\tX4", "G1 X5;Y6",
    "M117 Äbc", "M117 {x}", "M9999", "G999", "T0", "T7", "M66533", "START_PRINT BED=60",
    "EXCLUDE_OBJECT NAME=a", "{filament}", "[x]", "%", "O0001", "(note)", "M73 P10 R5", "M862.3 P",
    "M1", "N1 N2 M997", "G1 X1\rM997", "M117 a*b", "M140S60", "M104 S 200", "G92.1", "G92 E0",
]  # fmt: skip


def corpus(policy):
    """Every command that a table names, written in three of the ways that firmware understands.

    Of a policy that goes by another one, only what it rules itself.
    """
    own = [w for w in WORDS if policy.ruling(w.encode()) != DEFAULT.ruling(w.encode())]
    lines = list(STRANGE)
    for place, word in enumerate(WORDS if policy is DEFAULT else own):
        given = {"word": word, "lower": word.lower(), "letter": word[:1], "number": word[1:]}
        lines += [FORMS[(place * 3 + way) % len(FORMS)].format(**given) for way in range(3)]
        lines.append(word)
    return lines


def sent(path, policy):
    """Return what the driver of printers on USB sends of a file; None where it refuses it."""
    try:
        look_through(path, policy)
    except GcodeRefused:
        return None
    found = []
    with path.open("rb") as file:
        source = Source(file, policy, lambda: None)
        for lines in [file.read().split(b"\n")]:
            source._offer(lines)
        while (command := source.pull()) is not None:
            found.append((command.line, command.text))
    return found


def handed_over(path, policy):
    """Return what a print server is given of a file."""
    clean = path.with_suffix(".clean")
    write_clean(path, clean, policy)
    lines = enumerate(clean.read_bytes().split(b"\n"), 1)
    return [(number, command) for number, raw in lines if (command := command_of(raw))]


@pytest.mark.parametrize("policy", load_policies().values(), ids=list(load_policies()))
def test_plugin_and_drivers_agree_on_every_line(policy, tmp_path):
    path = tmp_path / "part.gcode"
    refused = told_of = 0
    kept = []
    for line in corpus(policy):
        path.write_bytes("\n".join([*START, line, *PRINT, ""]).encode())
        found = scan(path, policy, Limits(tools=8))
        moves = sent(path, policy)
        if not found.printable:
            # A driver is the second line of defence: it knows less of where a move may go.
            rulings = {policy.ruling(word)[1] for word in policy.rulings}
            if {one.reason for one in found.refused} & rulings - {"outside", "too-hot", "units"}:
                assert moves is None, line
            refused += 1
            continue
        assert moves is not None, line
        numbers = [number for number, _ in moves]
        expected = set(range(1, len(START) + len(PRINT) + 2))
        if found.stripped:
            (one,) = found.stripped
            assert (one.line, one.count) == (len(START) + 1, 1), line
            expected -= {one.line}
            told_of += 1
        elif not command_of(line.encode()):
            expected -= {len(START) + 1}
        assert numbers == sorted(expected), line
        kept.append(line)
    assert refused
    assert told_of
    # The same for all at once: counts add up, and nothing is sent twice.
    path.write_bytes("\n".join([*START, *kept, *PRINT, ""]).encode())
    found, moves = scan(path, policy, Limits(tools=8)), sent(path, policy)
    assert found.printable, found.refused
    assert len(moves) == found.facts.commands
    commands = sum(bool(command_of(line.encode())) for line in [*START, *kept, *PRINT])
    assert len(moves) + sum(one.count for one in found.stripped) == commands
    assert handed_over(path, policy) == moves


@pytest.mark.parametrize("file", PRINTERS, ids=lambda file: file.stem)
def test_each_printers_file_is_judged_and_sent_by_one_policy(file, tmp_path):
    """The worker that judges for the page names the policy, and the driver takes that very one."""
    profiles = Profiles([])
    name = profiles.policy_of(file.stem)
    assert name == tomllib.loads(file.read_text())["policy"]
    path = tmp_path / "part.gcode"
    mixed = ["M907 E500", "M115 U1", "M500", "M105", "M92 E100", "M117 part", "M569 S0"]
    path.write_text("\n".join([*START, *mixed, *PRINT, ""]))
    volume = profiles.printer(file.stem).volume
    told = work.scan(str(path), name, {"volume": volume})
    assert told["printable"]
    moves = sent(path, policy_for(told["policy"], usual="klipper"))
    left_out = {one["word"] for one in told["stripped"]}
    said = {text.split()[0].decode() for _, text in moves}
    assert {line.split()[0] for line in mixed} == left_out | (said & {m.split()[0] for m in mixed})
    assert not said & left_out


def test_a_mark_is_of_one_set_of_rules(tmp_path, monkeypatch):
    marks = {policy.mark for policy in load_policies().values()}
    assert len(marks) == len(load_policies())
    assert policy_for("", "manual").name == "manual"
    mark = policy_named("prusa").mark
    assert policy_for(mark, "default").name == "prusa"
    with pytest.raises(NoSuchPolicy) as error:
        policy_named("school")
    assert "klipper" in error.value.params["known"]
    # A school changes the table while a job waits: the driver does not go by other rules.
    changed = FILE.read_text().replace('allow = ["M115", "M569", "M907"]', 'allow = ["M115"]')
    other = tmp_path / "gcode-policy.toml"
    other.write_text(changed)
    table = load_policies(other)
    assert table["default"].mark == policy_named("default").mark
    monkeypatch.setattr("drivers.printer.gcode.order.load_policies", lambda: table)
    with pytest.raises(PolicyChanged):
        policy_for(mark, "default")
    with contextlib.suppress(PolicyChanged):
        assert policy_for(table["prusa"].mark, "default").mark == table["prusa"].mark
