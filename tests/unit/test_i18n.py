"""Languages."""

import json
import struct

import pytest
from babel.numbers import format_decimal

from hub.i18n import LANGUAGES, Translator, driver_locales, fill, negotiate, number


def compile_mo(messages):
    """A catalogue as `msgfmt` writes it (GNU gettext manual, section 10.3)."""
    messages = {"": "Content-Type: text/plain; charset=UTF-8\n", **messages}
    keys = sorted(messages)
    ids = b"".join(k.encode() + b"\0" for k in keys)
    strings = b"".join(messages[k].encode() + b"\0" for k in keys)
    start = 28 + 16 * len(keys)
    index, at = b"", start
    for table in (keys, [messages[k] for k in keys]):
        for text in table:
            size = len(text.encode())
            index += struct.pack("<II", size, at)
            at += size + 1
    head = struct.pack("<7I", 0x950412DE, 0, len(keys), 28, 28 + 8 * len(keys), 0, start)
    return head + index + ids + strings


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "ru" / "LC_MESSAGES").mkdir(parents=True)
    (tmp_path / "ru" / "LC_MESSAGES" / "messages.mo").write_bytes(
        compile_mo({"Wait {seconds} s.": "Подождите {seconds} с."})
    )
    (tmp_path / "ru.json").write_text(json.dumps({"a": "б"}))
    return tmp_path


def test_a_message_is_said_with_its_parameters(folder):
    say = Translator("ru")
    say.add("hub", folder)
    assert say.say("Wait {seconds} s.", "ru", {"seconds": 5}) == "Подождите 5 с."
    assert say.say("Wait {seconds} s.", "kk", {"seconds": 5}) == "Wait 5 s."
    assert say.say("Unknown", "ru") == "Unknown"
    assert say.say("", "ru") == ""


def test_a_later_catalogue_is_seen_at_once(folder):
    say = Translator()
    assert say.say("Wait {seconds} s.", "ru") == "Wait {seconds} s."
    say.add("hub", folder)
    assert say.say("Wait {seconds} s.", "ru") == "Подождите {seconds} с."


def test_a_broken_catalogue_is_left_out(folder, caplog):
    (folder / "ru" / "LC_MESSAGES" / "messages.mo").write_bytes(b"no catalogue")
    say = Translator()
    say.add("hub", folder)
    assert say.say("Wait {seconds} s.", "ru") == "Wait {seconds} s."
    assert "cannot be read" in caplog.text


def test_pages_catalogues_have_addresses_that_change_with_their_content(folder):
    say = Translator()
    say.add("hub", folder)
    (address,) = say.page_catalogues()["ru"]
    (folder / "ru.json").write_text("{}")
    say.add("hub", folder)
    assert say.page_catalogues()["ru"] != [address]


def test_parameters_are_put_in_as_text_only():
    assert fill("{a} {b}", {"a": "{b}", "b": 1}) == "{b} 1"
    assert fill("{a.__class__} {0} {x}", {"a": 1}) == "{a.__class__} {0} {x}"


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("ru", "ru"),
        ("kk-KZ", "kk"),
        ("en;q=0.2,ru;q=0.3", "ru"),
        ("ru;q=0", "kk"),
        ("x" * 9999, "kk"),
    ],
)
def test_the_best_liked_language_is_chosen(accept, chosen):
    assert negotiate(accept, "kk") == chosen


def test_drivers_packages_bring_catalogues():
    assert "drivers" in dict(driver_locales())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fraction_is_written_as_the_language_writes_it(language):
    """As CLDR has it, whose data Babel brings."""
    for value in (2.5, 0.25, -3.125, 4.0, 90.0):
        wanted = format_decimal(value, format="0.###", locale=language)
        assert number(value, language) == wanted
        said = Translator().say("{n} GB of {name}", language, {"n": value, "name": "a 1.5"})
        assert said == f"{wanted} GB of a 1.5", "texts are left as they are"
