"""Where chapters may begin and where they do."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipelines.chapters.boundaries import Places, find_boundaries, places_between
from tests.pipelines.bag_of_words import spoken

CATS, BOATS = np.array([1.0, 0.0]), np.array([0.0, 1.0])


def two_topics(num_turns: int) -> np.ndarray:
    return np.stack([5 * CATS] * num_turns + [5 * BOATS] * num_turns)


def places(num_turns: int, seconds_per_turn: float = 20.0) -> Places:
    return Places(np.arange(num_turns + 1) * seconds_per_turn, np.arange(num_turns + 1))


def test_boundary_is_where_the_topic_changes() -> None:
    # One chapter: 0.2 × |(50, 50)| = 14.1. Two: 0.2 × (50 + 50) - 7 = 13.0, plus the evidence 2.
    evidence = np.zeros(20)
    evidence[10] = 2.0
    assert find_boundaries(two_topics(10), evidence, places(20), 60.0) == (10,)


def test_change_of_topic_that_earns_less_than_a_boundary_costs_is_none() -> None:
    assert find_boundaries(two_topics(10), np.zeros(20), places(20), 60.0) == ()


def test_longer_topics_need_no_other_evidence() -> None:
    # 0.2 × |(100, 100)| = 28.3 against 0.2 × (100 + 100) - 7 = 33.
    assert find_boundaries(two_topics(20), np.zeros(40), places(40), 60.0) == (20,)


def test_no_chapter_is_shorter_than_the_minimum() -> None:
    evidence = np.zeros(20)
    evidence[[2, 10]] = 50.0
    found = find_boundaries(two_topics(10), evidence, places(20), 60.0)
    assert found == (10,)  # the second turn begins at 40 s


def test_meeting_shorter_than_the_minimum_is_one_chapter() -> None:
    evidence = np.full(4, 50.0)
    assert find_boundaries(two_topics(2), evidence, places(4, 7.5), 60.0) == ()


def test_meeting_of_hours_is_one_chapter_when_nothing_changes() -> None:
    vectors = np.tile(CATS, (200, 1))
    assert find_boundaries(vectors, np.zeros(200), places(200, 15.0), 60.0) == ()


def test_no_place_lies_inside_a_turn() -> None:
    turns = (
        spoken(0, "a long one", 0.0, 10.0, "A"),
        spoken(1, "inside it", 4.0, 2.0, "B"),
        spoken(2, "after", 10.0, 2.0, "B"),
        spoken(3, "overlapping", 11.0, 2.0, "A"),
    )
    found = places_between(turns, 20.0)
    assert found.times.tolist() == [0.0, 10.0, 20.0]
    assert found.turns.tolist() == [0, 2, 4]


@given(st.lists(st.floats(-3, 12), min_size=1, max_size=40), st.floats(5, 200))
def test_boundaries_rise_and_keep_the_minimum(evidence: list[float], minimum: float) -> None:
    count = len(evidence)
    found = find_boundaries(np.tile(CATS, (count, 1)), np.array(evidence), places(count), minimum)
    times = [0.0, *(20.0 * index for index in found), 20.0 * count]
    if found:
        assert min(np.diff(times)) >= minimum
