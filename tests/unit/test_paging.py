"""Cursors."""

import pytest

from hub.api.paging import Paging, decode, encode
from hub.errors import Invalid


def walk(items, limit):
    seen, cursor = [], None
    while True:
        shown, cursor = Paging(limit, cursor).of(items, lambda item: item)
        seen.append(shown)
        if cursor is None:
            return seen


def test_pages_show_everything_once_and_in_order():
    items = [f"item-{n:02}" for n in range(7)]
    assert walk(items, 3) == [items[:3], items[3:6], items[6:]]
    assert walk(items, 7) == [items]
    assert walk([], 3) == [[]]


def test_what_is_added_or_removed_meanwhile_shifts_nothing():
    first, cursor = Paging(2).of(["b", "d", "f"], str)
    assert first == ["b", "d"]
    rest, _ = Paging(2, cursor).of(["a", "f", "g"], str)
    assert rest == ["f", "g"]


@pytest.mark.parametrize("cursor", ["*", "é", "_w", "a", "AAAA AAAA", "../.."])
def test_a_cursor_of_nobody_is_refused(cursor):
    with pytest.raises(Invalid):
        Paging(2, cursor).of(["a"], str)


def test_any_key_survives_the_way():
    for key in ("a", "01hub", "ключ", "x" * 100):
        assert decode(encode(key)) == key
