"""JSON that is made fast says the same as Python's own."""

import enum
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.jsontext import from_json, to_json

DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
)  # fmt: skip


class Name(str):
    __slots__ = ()


class Colour(enum.StrEnum):
    RED = "red"


@given(DATA)
def test_what_is_said_is_what_is_read(data):
    assert json.loads(to_json(data)) == data
    assert from_json(json.dumps(data).encode()) == data


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ((1, 2.0), b"[1,2.0]"),
        (Colour.RED, b'"red"'),
        ({"a": Name("b")}, b'{"a":"b"}'),
        ({None: 1}, b'{"null":1}'),
        ({"қ": "ө"}, '{"қ":"ө"}'.encode()),
        (float("nan"), b"null"),
    ],
)
def test_whatever_the_hub_says_is_said(value, text):
    assert to_json(value) == text


@pytest.mark.parametrize(
    "text", [b"", b"{", b"NaN", b"[Infinity]", b"1e999", b"\xff", b'"\xed\xa0\x80"', b"[" * 100_000]
)
def test_what_is_no_json_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - of several kinds
        from_json(text)
