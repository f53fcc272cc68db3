"""Rules of alerts: what a file may say, thresholds, and how long a sign must last."""

import math
from pathlib import Path

import pytest

from plugins.health.alerts.engine import FLAP_QUIET, Engine, Turn
from plugins.health.alerts.rules import DeviceRule, RulesError, SeriesRule, load_rules
from plugins.health.alerts.signs import Key, Sign, Signs, Thresholds, hub_signs
from plugins.health.alerts.words import SHIPPED, shown

HEAD = 'schema = 1\nsource = "a test"\ndate = 2026-11-29\n'
HOT = SeriesRule(
    watch="series", series="heat", subjects=["computer"], above=95, clear=85, plausible=(1, 130),
    title="Too hot.", hint="Cool it.",
)  # fmt: skip
LOST = DeviceRule(watch="device", when="unreachable", delay=10, hold=5)
KEY = Key("lost", "scope")
SIGN = Sign("fault", "It does not answer.", "Check its cable.", device=True, lost=True)


def school(folder: Path, text: str, head: str = HEAD) -> Path:
    (folder / "ours.toml").write_text(head + text)
    return folder


# Files


def test_every_shipped_rule_says_what_is_wrong_and_what_to_do():
    rules = load_rules([])
    for id_, rule in rules.items():
        if isinstance(rule, SeriesRule):
            assert {rule.title, rule.hint} <= set(SHIPPED), id_


def test_a_school_changes_what_it_names_and_nothing_else(tmp_path):
    before = load_rules([])["computer-disk"]
    rule = load_rules([school(tmp_path, "[rules.computer-disk]\nabove = 80\nclear = 70\n")])
    changed = rule["computer-disk"]
    assert (changed.above, changed.clear, changed.hint) == (80, 70, before.hint)
    off = load_rules([school(tmp_path, "[rules.computer-disk]\nenabled = false\n")])
    assert not off["computer-disk"].enabled


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[rules.computer-disk]\nabove = 'much'\n", "[rules.computer-disk] above"),
        ("[rules.computer-disk]\nclear = 99\n", "`clear` must not be more than `above`"),
        ("[rules.computer-disk]\nbelow = 5\n", "either `above` or `below`"),
        ("[rules.computer-disk]\nabove = nan\n", "finite"),
        ("[rules.mine]\nwatch = 'moon'\n", "[rules.mine] watch"),
        ("[rules.mine]\nwatch = 'device'\nwhen = 'fault'\ndely = 3\n", "dely"),
        ("[rules.'no name']\nwatch = 'hub'\n", "'no name' is no table of a rule"),
        ("[rule.mine]\nwatch = 'hub'\n", "rule: nothing of this name"),
        ("[rules.mine\n", "ours.toml"),
    ],
)
def test_what_is_wrong_in_a_file_is_said_with_its_place(tmp_path, text, said):
    with pytest.raises(RulesError) as error:
        load_rules([school(tmp_path, text)])
    assert said in str(error.value)
    assert "ours.toml" in str(error.value)


def test_a_file_says_its_schema_source_and_date(tmp_path):
    with pytest.raises(RulesError, match="schema is not 1"):
        load_rules([school(tmp_path, "", "schema = 2\n")])
    with pytest.raises(RulesError, match="source and date"):
        load_rules([school(tmp_path, "", "schema = 1\n")])
    with pytest.raises(RulesError, match="no such folder"):
        load_rules([tmp_path / "missing"])


# Values


def found(thresholds: Thresholds, at: float) -> bool:
    return Key("hot", "computer") in thresholds.signs(at).wrong


def test_a_threshold_has_hysteresis():
    judged = Thresholds({"hot": HOT})
    said, turned = [], []
    for at, value in enumerate([94, 96, 94, 86, 84, 94, 96]):
        turned.append(judged.take("computer", "heat", value, at))
        said.append(found(judged, at))
    assert said == [False, True, True, True, False, False, True]
    assert turned == [False, True, False, False, True, False, True], "it is looked at at once"


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf, 1e9, -40.0, 0.0])
def test_a_reading_that_is_nonsense_neither_alarms_nor_clears(odd):
    judged = Thresholds({"hot": HOT})
    judged.take("computer", "heat", odd, 0)
    assert not found(judged, 0)
    judged.take("computer", "heat", 100, 1)
    judged.take("computer", "heat", odd, 2)
    assert found(judged, 2)
    assert judged.nonsense == 2


def test_what_is_measured_no_more_says_nothing():
    judged = Thresholds({"hot": HOT})
    judged.take("computer", "heat", 100, 0)
    assert found(judged, 300)
    assert not found(judged, 301)


def test_what_an_earlier_run_found_is_unknown_until_it_is_measured_again():
    key = Key("hot", "computer")
    judged = Thresholds({"hot": HOT})
    judged.start([key, Key("hot", "gone"), Key("no-rule", "computer")], 0)
    assert judged.signs(1) == ({}, {key, Key("hot", "gone")})
    judged.take("computer", "heat", 90, 2)  # below where it begins, above where it is over
    assert set(judged.signs(2).wrong) == {key}
    judged.take("computer", "heat", 84, 3)
    assert judged.signs(3) == ({}, {Key("hot", "gone")})
    judged.take("computer", "heat", 90, 4)
    assert judged.signs(4).wrong == {}, "once it was over it has to begin anew"
    assert judged.signs(301) == ({}, set()), "what is measured no more is over"


def test_of_two_disks_that_are_beyond_both_are_named():
    rule = HOT.model_copy(update={"series": "disk.*.heat", "title": "Disk {part}: {value} °C."})
    judged = Thresholds({"hot": rule})
    judged.take("computer", "disk.sda.heat", 97.04, 0)
    judged.take("computer", "disk.sdb.heat", 99, 0)
    (sign,) = judged.signs(0).wrong.values()
    assert sign.params == {"part": "sda, sdb", "value": "97, 99"}
    judged.take("computer", "disk.sda.heat", 40, 1)
    (sign,) = judged.signs(1).wrong.values()
    assert sign.params == {"part": "sdb", "value": "99"}


def test_a_value_that_no_words_name_is_nothing_new_to_tell():
    judged = Thresholds({"hot": HOT})
    judged.take("computer", "heat", 97, 0)
    before = judged.signs(0)
    judged.take("computer", "heat", 98, 1)
    assert judged.signs(1) == before


def test_what_is_counted_is_added_up_over_its_time():
    losses = SeriesRule(
        watch="series", series="losses", within=900, above=5, clear=1, plausible=(0, 1000),
        title="Again and again.", hint="Try another cable.",
    )  # fmt: skip
    judged = Thresholds({"losses": losses})
    key = Key("losses", "scope")
    for at in range(0, 600, 100):
        judged.take("scope", "losses", 1, at)
    assert key in judged.signs(600).wrong
    assert key in judged.signs(1200).wrong  # three are left: not yet below `clear`
    assert key not in judged.signs(1400).wrong


def test_a_rule_that_names_the_code_goes_before_the_others():
    rules = load_rules([])
    problem = {"code": "disk-low", "title": "Full.", "hint": "Delete.", "severity": "warning"}
    other = {**problem, "code": "clock-wrong"}
    wrong = hub_signs(rules, [problem, other]).wrong
    assert set(wrong) == {Key("hub-disk", "disk-low"), Key("hub", "clock-wrong")}


# How long


def run(engine: Engine, steps: list[tuple[float, bool | None]]) -> list[tuple[float, bool, bool]]:
    """Let time pass; each step is a moment and whether it is wrong then (None: nobody knows)."""
    said = []
    for at, wrong in steps:
        signs = Signs({KEY: SIGN} if wrong else {}, {KEY} if wrong is None else set())
        said += [(at, turn.firing, turn.flapping) for turn in engine.step(signs, at)]
    return said


def test_it_must_last_and_it_must_stay_well():
    engine = Engine({"lost": LOST})
    steps = [(0, True), (9, True), (10, True), (11, False), (14, True), (15, False), (20, False)]
    assert run(engine, steps) == [(10, True, False), (20, False, False)]


def test_it_says_when_to_look_again():
    engine = Engine({"lost": LOST})
    assert engine.due(0) is None
    run(engine, [(0, True)])
    assert engine.due(4) == 6
    run(engine, [(10, True), (12, False)])
    assert engine.due(13) == 4


def test_what_nobody_knows_changes_nothing():
    engine = Engine({"lost": LOST})
    engine.start({KEY: SIGN}, 0)
    assert run(engine, [(0, None), (500, None), (501, False), (506, False)]) == [
        (506, False, False)
    ]


def test_nothing_fires_while_the_room_is_being_found():
    engine = Engine({"lost": LOST}, grace=60)
    engine.start({}, 0)
    assert run(engine, [(1, True), (30, True), (60, True)]) == [(60, True, False)]


def test_what_comes_and_goes_is_told_once_and_is_over_when_it_stays_away():
    engine = Engine({"lost": LOST})
    steps = [(at, at % 10 == 0) for at in range(0, 300, 5)]
    assert run(engine, steps) == [(40, True, True)]
    last = 290.0
    assert run(engine, [(last + 100, False), (last + FLAP_QUIET + 10, False)]) == [
        (last + FLAP_QUIET + 10, False, False)
    ]


def test_a_sign_that_says_something_else_is_told_again_and_stays_one():
    engine = Engine({"lost": LOST})
    run(engine, [(0, True), (10, True)])
    other = Sign("fault", "It was unplugged.", "Plug it in.", device=True, lost=True)
    assert engine.step(Signs({KEY: other}, set()), 11) == [
        Turn(KEY, other, firing=True, flapping=False)
    ]
    assert engine.step(Signs({KEY: other}, set()), 12) == []


@pytest.mark.parametrize(
    ("language", "value", "said"),
    [
        ("kk", "93.5", "93,5"),
        ("ru", "93.5, 94", "93,5; 94"),
        ("ru", "93, 94", "93, 94"),
        ("en", "93.5, 94", "93.5, 94"),
        ("kk", "sda 1.5", "sda 1.5"),
    ],
)
def test_measured_values_are_written_as_the_reader_writes_them(language, value, said):
    assert shown({"part": "sda 1.5", "value": value}, language) == {
        "part": "sda 1.5",
        "value": said,
    }
