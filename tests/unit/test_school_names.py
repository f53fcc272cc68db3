"""Names that people write are shown to everyone, and so are cleaned first."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.school import BadName, clean_name, clean_text

ANYTHING = st.text(alphabet=st.characters(), max_size=120)
NASTY = st.text(
    alphabet="aO\u0308\u0301\u0302\u0303\u200d\u202e \n\x00\uffff\uac00😀\ud800", max_size=60
)


@pytest.mark.parametrize(
    "name",
    [
        "Айжан",
        "Ерлан Қожахметұлы",
        "Әсел Өтеген",
        "O'Brien-Smith",
        "7Б",
        "👩‍🔬",
        "李小龙",
        "می‌خواهم",
    ],
)
def test_real_names_stay_as_they_are(name: str) -> None:
    assert clean_name(name) == name


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("  Aizhan \t\n B. ", "Aizhan B."),
        ("Aizhan\x00\x1b[31m", "Aizhan[31m"),
        ("Aizhan\u202e4321", "Aizhan4321"),
        ("A\u2066b\u2069\ufeff", "Ab"),
        ("Й", "Й"),
        ("x" + "\u0301" * 50, unicodedata.normalize("NFC", "x\u0301\u0301\u0301")),
        ("half \ud83d", "half"),
    ],
)
def test_what_would_mislead_is_taken_out(raw: str, cleaned: str) -> None:
    assert clean_name(raw) == cleaned


@pytest.mark.parametrize("raw", ["", "   ", "\n\n", "\u202e\u2066", "\u200d", "\u0301", "\x00"])
def test_a_name_that_nobody_could_see_is_refused(raw: str) -> None:
    with pytest.raises(BadName):
        clean_name(raw)


def test_a_long_name_is_refused_not_cut() -> None:
    assert clean_name("x" * 80) == "x" * 80
    with pytest.raises(BadName) as refused:
        clean_name("x" * 81, field="title")
    assert refused.value.params == {"field": "title", "limit": 80}
    with pytest.raises(BadName):
        clean_name("x" * 10_000_000)


def test_a_note_keeps_its_lines() -> None:
    assert clean_text(" first \r\n\r\n second\x07 ") == "first\n\nsecond"
    assert clean_text("") == ""


@settings(deadline=None)
@given(ANYTHING | NASTY)
def test_a_cleaned_name_is_plain_and_stays_the_same(raw: str) -> None:
    try:
        name = clean_name(raw)
    except BadName:
        return
    assert 1 <= len(name) <= 80
    assert name == name.strip() == unicodedata.normalize("NFC", name)
    assert not {unicodedata.category(c) for c in name} & {"Cc", "Cs", "Co", "Zl", "Zp"}
    assert not set(name) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert name.encode("utf-8")
    assert clean_name(name) == name


@settings(deadline=None)
@given(ANYTHING | NASTY)
def test_a_cleaned_note_stays_the_same(raw: str) -> None:
    note = clean_text(raw)
    assert clean_text(note) == note
    assert note.encode("utf-8").decode("utf-8") == note
