"""The cache of sliced files: bounded, and whole after any crash."""

import json
import os
import shutil

import pytest

from plugins.printing.slicing.cache import SliceCache, key_of

FACTS = {"seconds": 12.0, "grams": 1.5}


@pytest.fixture
def cache(tmp_path):
    cache = SliceCache(tmp_path / "sliced", entries=3, size=1000)
    cache.clear_up()
    return cache


@pytest.fixture
def put(cache, tmp_path):
    def keep(key, content):
        source = tmp_path / "source"
        source.write_bytes(content)
        cache.put(key, source, FACTS)

    return keep


def kept(cache, key, tmp_path):
    target = tmp_path / "target"
    facts = cache.get(key, target)
    return None if facts is None else (facts, target.read_bytes())


def test_what_was_put_comes_back(cache, put, tmp_path):
    put("a", b"G1 X1\n")
    assert kept(cache, "a", tmp_path) == (FACTS, b"G1 X1\n")
    assert kept(cache, "b", tmp_path) is None


def test_a_key_is_of_everything_that_decides():
    assert key_of(1, {"a": 1, "b": 2}) == key_of(1, {"b": 2, "a": 1})
    assert key_of(1, {"a": 1}) != key_of(2, {"a": 1}) != key_of(2, {"a": 1.5})


def test_the_longest_unused_goes_first(cache, put, tmp_path):
    for age, key in enumerate("abc"):
        put(key, key.encode())
        os.utime(tmp_path / "sliced" / f"{key}.json", (1000 + age, 1000 + age))
    assert kept(cache, "a", tmp_path)  # now a is the newest
    put("d", b"d")
    assert [bool(kept(cache, key, tmp_path)) for key in "abcd"] == [True, False, True, True]


def test_bytes_are_bounded(cache, put, tmp_path):
    put("a", b"a" * 600)
    put("b", b"b" * 600)
    assert kept(cache, "a", tmp_path) is None
    assert kept(cache, "b", tmp_path)
    put("c", b"c" * 2000)
    assert kept(cache, "c", tmp_path) is None


def test_what_a_crash_left_is_cleared(cache, put, tmp_path):
    put("a", b"whole")
    folder = tmp_path / "sliced"
    (folder / "b.gcode").write_bytes(b"no facts yet")
    (folder / "c.new").write_bytes(b"half")
    again = SliceCache(folder)
    again.clear_up()
    assert sorted(path.name for path in folder.iterdir()) == ["a.gcode", "a.json"]


@pytest.mark.parametrize("spoil", ["cut", "facts", "gone"])
def test_what_a_disk_spoilt_is_not_given(cache, put, tmp_path, spoil):
    put("a", b"G1 X1\n" * 9)
    gcode, about = tmp_path / "sliced" / "a.gcode", tmp_path / "sliced" / "a.json"
    if spoil == "cut":
        gcode.write_bytes(b"G1 X1\n")
    elif spoil == "facts":
        about.write_text("{")
    else:
        gcode.unlink()
    assert kept(cache, "a", tmp_path) is None
    assert not about.exists()
    put("a", b"anew")
    assert kept(cache, "a", tmp_path) == (FACTS, b"anew")


def test_without_room_nothing_is_kept_and_nothing_is_lost(cache, put, tmp_path, monkeypatch):
    put("a", b"a")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    put("b", b"b")
    monkeypatch.undo()
    assert kept(cache, "a", tmp_path)
    assert kept(cache, "b", tmp_path) is None


def test_facts_stand_beside_the_file_as_plain_json(cache, put, tmp_path):
    put("a", b"a")
    known = json.loads((tmp_path / "sliced" / "a.json").read_text())
    assert known["facts"] == FACTS
