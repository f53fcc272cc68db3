"""What is alike is found without sorting: beside a program that sorts, and where hashes meet."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.printing.checking.alike import first_alike, numbered
from plugins.printing.checking.mesh import Mesh
from plugins.printing.checking.topology import cleaned

MANY = 20_000


def by_sorting(*columns):
    rows = np.stack(columns, axis=1)
    _, first, kind = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    return first[kind.ravel()]


@pytest.mark.parametrize("close", [False, True])
@pytest.mark.parametrize("kind", [np.int32, np.float32, np.float64])
@pytest.mark.parametrize("different", [1, 40, 3_000, 1_000_000])
def test_the_first_of_equal_rows_is_found(kind, different, close):
    rng = np.random.default_rng(different)
    columns = [rng.integers(0, round(different ** (1 / 3)) + 1, MANY).astype(kind) for _ in "xyz"]
    assert (first_alike(*columns, close=close) == by_sorting(*columns)).all()


@pytest.mark.parametrize("close", [False, True])
def test_rows_that_all_share_a_slot_are_told_apart(close):
    same = np.zeros(MANY, np.int32)
    other = np.random.default_rng(1).permutation(MANY).astype(np.int32) // 2
    assert (first_alike(same, other, close=close) == by_sorting(same, other)).all()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=40))
def test_few_rows_are_found_alike_too(rows):
    columns = np.array(rows, np.int32).reshape(-1, 2).T
    expected = by_sorting(*columns) if rows else []
    assert first_alike(*columns).tolist() == list(expected)


def test_kinds_are_numbered_as_they_come():
    first, number = numbered(first_alike(np.array([7, 3, 7, 9, 3], np.int32)))
    assert first.tolist() == [0, 1, 3]
    assert number.tolist() == [0, 1, 0, 2, 1]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 5), min_size=3, max_size=3), min_size=1, max_size=24),
)
def test_every_triangle_that_lies_on_an_earlier_one_is_found(faces):
    points = np.random.default_rng(0).uniform(0, 9, (6, 3))
    seen, expected = set(), []
    for number, face in enumerate(faces):
        if len(set(face)) == 3:
            if frozenset(face) in seen:
                expected.append(number)
            seen.add(frozenset(face))
    found = cleaned(Mesh(points, np.array(faces, np.int32)))
    # Of two that cancel, the first may be left out as well.
    assert set(expected) <= set(found.duplicate.tolist())
    left = [frozenset(face) for face in found.mesh.faces.tolist()]
    assert len(left) == len(set(left))
