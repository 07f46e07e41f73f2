"""Places in an order keep their numbers when something comes between."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.positions import GAP, with_room


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        ([], ()),
        ([0, 1, 2], (0, 1, 2)),
        ([0, None, 100], (0, 50, 100)),
        ([0, None, None, 99], (0, 33, 66, 99)),
        ([5, None], (5, 5 + GAP)),
        ([None, 5], (5 - GAP, 5)),
        ([None, None], (0, GAP)),
        ([0, None, 1], (0, GAP, 2 * GAP)),  # no room between
        ([1, 0], (0, GAP)),  # another order
    ],
)
def test_newcomers_are_put_between(present: list[int | None], expected: tuple[int, ...]) -> None:
    assert with_room(present) == expected


@given(st.lists(st.none() | st.integers(-1000, 1000), max_size=12))
def test_positions_rise_and_stay_where_there_is_room(present: list[int | None]) -> None:
    found = with_room(present)
    assert len(found) == len(present)
    assert all(one < other for one, other in itertools.pairwise(found))
    known = [p for p in present if p is not None]
    has_room = all(
        other - one > between
        for (i, one), (j, other) in itertools.pairwise(
            (i, p) for i, p in enumerate(present) if p is not None
        )
        for between in [j - i - 1]
    )
    if known and has_room:
        assert all(p is None or p == q for p, q in zip(present, found, strict=True))
