"""Profiles of printers, and what slicers are told by them."""

import re

import pytest

from drivers.printer.gcode import load_policies
from drivers.printer.gcode.commands import command_of, word_of
from plugins.printing.slicing import ProfileUnknown, SliceWishes, WishNotPossible, cura, prusa
from plugins.printing.slicing.profiles import CONFIGS, ProfileError, Profiles

PROFILES = Profiles()
EVERY = [one.id for one in PROFILES.list()]
MATERIALS = ("pla", "petg", "tpu")
ONE = "marlin-220"


def commands(code):
    return [command_of(line.encode()) for line in code.splitlines() if command_of(line.encode())]


def test_common_classroom_printers_have_a_profile():
    assert {
        "creality-ender-3-v2", "creality-ender-3-v3-se", "prusa-mk3s", "prusa-mk4", "prusa-mini",
        "anycubic-kobra", "corexy-256", "picaso-designer", "marlin-220", "virtual",
    } <= set(EVERY)  # fmt: skip


@pytest.mark.parametrize("name", EVERY)
def test_a_profile_says_where_it_comes_from_and_whether_a_part_was_made_with_it(name):
    text = (CONFIGS / "printers" / f"{name}.toml").read_text()
    assert re.search(r'^source = ".{10,}"$', text, re.MULTILINE)
    assert re.search(r"^date = 20\d\d-\d\d-\d\d$", text, re.MULTILINE)
    # No printer stood in the room where these were written.
    assert PROFILES.facts(name).verified is False


@pytest.mark.parametrize("name", EVERY)
def test_a_printer_names_a_policy_that_sends_all_of_its_start_and_end(name):
    printer = PROFILES.printer(name)
    policy = load_policies()[printer.policy]
    for command in commands(printer.start + printer.end):
        assert policy.sends(word_of(command)), command


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("material", MATERIALS)
def test_a_start_begins_safely_and_an_end_cools_and_presents(name, material):
    profile = PROFILES.choose(name, SliceWishes(material=material))
    start = commands(profile.code(profile.printer.start, 20.0))
    end = commands(profile.code(profile.printer.end, 20.0))
    assert b"{" not in b"".join(start + end)
    words = [word_of(one) for one in start]
    # Millimetres and absolute positions before anything moves; home before anything is pushed.
    assert words.index(b"G21") < words.index(b"G28")
    assert words.index(b"G90") < words.index(b"G28")
    first_push = next(place for place, one in enumerate(start) if re.search(rb" E\d", one))
    assert words.index(b"G28") < words.index(b"M190") < words.index(b"M109", words.index(b"M190"))
    assert words.index(b"M109", words.index(b"M190")) < first_push
    # Everything is off at the end, the nozzle goes up before it goes aside, and the part comes forward.
    assert {b"M104 S0", b"M140 S0", b"M107"} <= set(end)
    up = next(place for place, one in enumerate(end) if one.startswith(b"G1 Z"))
    aside = next(place for place, one in enumerate(end) if one.startswith(b"G1 X"))
    assert up < aside
    y = float(re.search(rb"Y(\d+)", end[aside])[1])
    assert y >= 0.8 * profile.printer.volume[1]


@pytest.mark.parametrize("name", EVERY)
def test_no_heater_is_asked_for_more_than_the_printer_may(name):
    facts = PROFILES.facts(name)
    for material in facts.materials:
        profile = PROFILES.choose(name, SliceWishes(material=material.id))
        assert profile.material.tool <= profile.printer.hottest_tool
        assert profile.bed <= profile.printer.hottest_bed


def test_the_lift_at_the_end_stays_inside_the_printer():
    profile = PROFILES.choose(ONE, SliceWishes())
    assert "G1 Z40.00 " in profile.code(profile.printer.end, 20.0)
    assert "G1 Z240.00 " in profile.code(profile.printer.end, 235.0)


def test_a_printer_is_found_by_what_it_calls_itself():
    assert PROFILES.of_machine("Ender-3 V2") == "creality-ender-3-v2"
    assert PROFILES.of_machine("prusa i3 mk3s") == "prusa-mk3s"
    assert PROFILES.of_machine("Something else") is None


def test_no_two_printers_answer_to_one_name():
    names = [m.casefold() for one in PROFILES.list() for m in one.machines]
    assert len(names) == len(set(names))


def test_what_cannot_be_is_told():
    with pytest.raises(ProfileUnknown):
        PROFILES.choose("no-such", SliceWishes())
    with pytest.raises(WishNotPossible):
        PROFILES.choose(ONE, SliceWishes(material="chocolate"))
    with pytest.raises(WishNotPossible):
        cura.command("x", CONFIGS, CONFIGS, CONFIGS, PROFILES.choose(ONE, SliceWishes(copies=2)), 9)


def test_wishes_reach_prusa_slicer():
    wishes = SliceWishes(material="petg", quality="fine", infill=35, supports=True, brim=True)
    told = dict(
        line.split(" = ", 1)
        for line in prusa.settings(PROFILES.choose(ONE, wishes), 20.0).splitlines()
    )
    assert told["fill_density"] == "35%"
    assert told["layer_height"] == "0.12"
    assert (told["support_material"], told["brim_width"]) == ("1", "5")
    assert (told["temperature"], told["filament_density"]) == ("235", "1.27")
    assert told["post_process"] == ""
    assert told["bed_shape"] == "0x0,220x0,220x220,0x220"


def test_every_setting_of_cura_engine_that_is_reckoned_is_not_fixed_as_well():
    profile = PROFILES.choose(ONE, SliceWishes())
    reckoned = {
        *cura._of_printer(profile, 1.0), *cura._of_material(profile), *cura._of_print(profile),
        *cura._of_supports(profile), *cura._speeds(profile),
    }  # fmt: skip
    assert not reckoned & set(cura._fixed())


def test_a_schools_own_profile_goes_before_and_a_wrong_one_is_left_out(tmp_path, caplog):
    text = (CONFIGS / "printers" / f"{ONE}.toml").read_text()
    (tmp_path / "own" / "printers").mkdir(parents=True)
    own = text.replace("Marlin printer, 220 mm", "Our printer").replace(
        "verified = false", "verified = true"
    )
    (tmp_path / "own" / "printers" / "ours.toml").write_text(own)
    (tmp_path / "bad" / "printers").mkdir(parents=True)
    (tmp_path / "bad" / "printers" / "wrong.toml").write_text(
        text.replace("nozzle = 0.4", "nozzle = 40")
    )
    profiles = Profiles([tmp_path / "bad", tmp_path / "own"])
    assert profiles.facts("ours").verified
    assert "wrong.toml: [wrong] nozzle" in caplog.text
    with pytest.raises(ProfileUnknown):
        profiles.facts("wrong")


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("schema = 1", "schema = 2", "schema"),
        ('materials = ["pla", "petg", "tpu"]', 'materials = ["wood"]', "wood"),
        ("{lift}", "{left}", "left"),
        ("hottest_tool = 250", "hottest_tool = 900", "hottest_tool"),
        ("nozzle = 0.4", "nozle = 0.4", "nozzle: Field required"),
        ("title = ", "title ", "marlin-220.toml"),
    ],
)
def test_a_mistake_in_a_profile_is_told_where_it_is(tmp_path, old, new, wrong):
    text = (CONFIGS / "printers" / f"{ONE}.toml").read_text()
    assert old in text
    (tmp_path / "printers").mkdir()
    (tmp_path / "printers" / f"{ONE}.toml").write_text(text.replace(old, new))
    with pytest.raises(ProfileError, match=wrong):
        PROFILES._read(tmp_path)
