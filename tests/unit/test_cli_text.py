"""What the commands print: bounded, aligned, and without anything that steers the terminal."""

import json
import subprocess
import sys

import click
import pytest

from hub.allowed import allowed, nearest
from hub.cli._record import _line as replayed
from hub.cli._remote import Refused, language
from hub.cli._text import MOST, as_json, plain, table, value_text, width
from hub.cli._values import settings_of, typed
from hub.cli._watch import line_of

HOSTILE = "a\x1b[2J\r\nb\u202ec\u2028d\x9be\x00f"


def test_untrusted_text_is_one_line_without_control_characters():
    assert plain(HOSTILE) == "a [2J bc d e f"
    assert plain("х" * 5000) == "х" * (MOST - 1) + "…"
    assert plain("Қызылорда №5 мектеп") == "Қызылорда №5 мектеп"


def test_json_escapes_what_steers_a_terminal_and_keeps_letters():
    text = as_json({"name": HOSTILE, "school": "Мектеп"})
    assert json.loads(text) == {"name": HOSTILE, "school": "Мектеп"}
    assert "Мектеп" in text
    assert not set(text) & {"\x1b", "\x9b", "\u202e", "\u2028"}


def test_columns_stand_below_each_other_also_with_wide_letters():
    shown = table(("ID", "NAME"), [("1", "ab"), ("22", "日本"), ("3", None)]).splitlines()
    assert shown == ["ID  NAME", "1   ab", "22  日本", "3   -"]


def test_a_table_is_never_wider_than_the_terminal():
    rows = [("01m8", "n" * 150, "s" * 90, "short")]
    for line in table(("ID", "NAME", "STATE", "D"), rows, columns=60).splitlines():
        assert width(line) <= 60
    whole = table(("ID", "NAME", "STATE", "D"), rows)
    assert "n" * 150 in whole


def test_a_narrow_terminal_leaves_something_of_each_column():
    lines = table(("A", "B"), [("x" * 50, "y" * 50)], columns=5).splitlines()
    assert lines[1] == "xxxxxxx…  yyyyyyy…"


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.1 + 0.2, "mm", "0.3 mm"),
        (True, None, "true"),
        (None, "mm", "-"),
        ({"x": "\x1b"}, None, '{"x":"\\u001b"}'),
        ("a\nb", None, "a b"),
        (7, "%", "7 %"),
    ],
)
def test_values_are_shown_with_their_unit(value, unit, shown):
    assert value_text(value, unit) == shown


@pytest.mark.parametrize(
    ("text", "schema", "value"),
    [
        ("40", {"type": "number"}, 40),
        ("40", {"type": "string"}, "40"),
        ("007", {"anyOf": [{"type": "string"}, {"type": "null"}]}, "007"),
        ("null", {"anyOf": [{"type": "string"}, {"type": "null"}]}, None),
        ("null", {"type": "string"}, "null"),
        ("on", {"type": "boolean"}, True),
        ("off", {"type": "boolean"}, False),
        ("10x", {"enum": ["4x", "10x"]}, "10x"),
        ("2", {"enum": [1, 2]}, 2),
        ('{"x": 1}', {"type": "object"}, {"x": 1}),
        ("[1", {"type": "array"}, "[1"),
        ("5", {"$ref": "#/$defs/A", "$defs": {"A": {"type": "string"}}}, "5"),
        ("5", {"$ref": "#/$defs/A", "$defs": {"A": {"$ref": "#/$defs/A"}}}, 5),
    ],
)
def test_what_is_typed_becomes_what_the_schema_asks(text, schema, value):
    assert typed(text, schema) == value


SETTINGS = {"properties": {"url": {"type": "string"}, "port": {"type": "integer"}}}


def test_settings_are_pairs_of_known_keys():
    assert settings_of(["url=http://a/?b=c", "port=3"], SETTINGS) == {
        "url": "http://a/?b=c",
        "port": 3,
    }


@pytest.mark.parametrize(("pair", "said"), [("prt=3", "did you mean port?"), ("url", "KEY=VALUE")])
def test_a_wrong_setting_is_told_with_the_nearest(capsys, pair, said):
    with pytest.raises(SystemExit) as ended:
        settings_of([pair], SETTINGS)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_a_secret_is_asked_for(monkeypatch):
    asked = []

    def prompt(text, **how):
        asked.append((text, how["hide_input"]))
        return "geheim"

    monkeypatch.setattr(click, "prompt", prompt)
    assert settings_of(["url=-"], SETTINGS) == {"url": "geheim"}
    assert asked == [("url", True)]


@pytest.mark.parametrize(
    ("status", "code", "ends"),
    [
        (401, "not-signed-in", 6),
        (403, "forbidden", 6),
        (409, "set-in-file", 6),
        (409, "conflict", 1),
        (422, "invalid", 2),
        (404, "not-found", 3),
        (503, "unreachable", 7),
        (504, "timed-out", 7),
        (507, "storage-full", 1),
        (500, "internal", 1),
    ],
)
def test_each_refusal_has_its_exit_code(status, code, ends):
    assert Refused({"code": code}, status).exit_code == ends


def test_a_refusal_is_one_line():
    problem = {
        "title": "No.",
        "hint": "Do\x1b this.",
        "detail": "x\ny",
        "errors": [{"field": "body.name", "message": "too long"}],
    }
    assert Refused(problem).said == "No. Do this. (x y) body.name: too long."


@pytest.mark.parametrize(
    ("said", "spoken"),
    [("kk_KZ.UTF-8", "kk"), ("ru", "ru"), ("C.UTF-8", "en"), ("de_DE", "en"), ("", "en")],
)
def test_the_language_is_that_of_the_environment(monkeypatch, said, spoken):
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", said)
    assert language() == spoken


@pytest.mark.parametrize(
    ("topic", "payload", "shown"),
    [
        ("pen/e/down", {"data": {"page": 3}, "time": None}, '-  pen  down! {"page":3}'),
        ("cam/p/light", {"value": 3, "quality": "stale"}, "-  cam  light = 3 % (stale)"),
        ("cam/p/light", None, "-  cam  p/light is gone"),
        ("pen/s/samples", {"samples": [[1, 2]]}, '-  pen  s/samples  {"samples":[[1,2]]}'),
        ("cam/state", "odd", "-  cam  state  odd"),
        (
            "cam/state",
            {
                "presence": "present",
                "reachable": False,
                "process": "running",
                "problem": {"title": "Port {n} is\x1b busy.", "params": {"n": 3}},
            },
            "-  cam  Port 3 is busy.",
        ),
    ],
)
def test_each_message_is_a_line(topic, payload, shown):
    assert line_of({"topic": topic, "payload": payload}, {"light": "%"}) == shown


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "integer", "minimum": 0, "maximum": 9}, "a whole number from 0 to 9"),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 48}, "a number, more than 0 and at most 48"),
        ({"enum": ["kk", "ru"]}, "one of kk, ru"),
        ({"type": "string", "minLength": 1, "maxLength": 80}, "text of 1 to 80 characters"),
        ({"anyOf": [{"type": "string", "format": "path"}, {"type": "null"}]}, "a path"),
        ({"type": "array", "items": {"type": "string"}, "maxItems": 3}, "a list (of text), at most 3 of them"),
        ({"type": "object", "properties": {"a": {}, "b": {}}}, "a table with a, b"),
        ({"anyOf": [{"type": "integer"}, {"type": "boolean"}]}, "a whole number, or true or false"),
        ({"$ref": "#/$defs/X", "$defs": {"X": {"$ref": "#/$defs/X"}}}, "any value"),
        ({}, "any value"),
    ],
)  # fmt: skip
def test_what_a_schema_allows_is_said_in_words(schema, said):
    assert allowed(schema) == said


@pytest.mark.parametrize(
    ("what", "name", "data", "shown"),
    [
        ("reading", "light", {"value": 40.0, "time": 1, "quality": "good"}, "light = 40"),
        ("event", "down", {"page": 3}, 'event down {"page":3}'),
        ("health", "", None, "health -"),
        ("state", "", {"reachable": True, "problem": None}, "connected"),
        ("state", "", {"reachable": False, "problem": {"title": "Gone\x1b."}}, "not connected: Gone ."),
        ("frame", "view", {"size": 9, "type": "image/jpeg"}, ""),
    ],
)  # fmt: skip
def test_what_a_replayed_driver_tells_is_a_line(what, name, data, shown):
    assert replayed({"what": what, "name": name, "data": data}) == shown


def test_a_command_that_explains_itself_loads_nothing_heavy():
    script = (
        "import sys\nfrom hub.cli import main\n"
        "main(['devices', 'adopt', '--help'], standalone_mode=False)\n"
        "print([m for m in ('httpx', 'sqlalchemy', 'pydantic', 'websockets') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_nearest_word_is_near():
    assert nearest("prot", ["host", "port"]) == "port"
    assert nearest("zzz", ["host", "port"]) is None
