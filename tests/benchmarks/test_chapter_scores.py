"""Boundary metrics, with windows counted by hand."""

import pytest

from benchmarks.chapters import (
    BoundaryScore,
    num_hits,
    pk,
    read_meeting,
    report,
    score_meeting,
    window_diff,
    window_size,
)


def test_window_is_half_the_mean_reference_segment() -> None:
    assert window_size([4], 8) == 2
    assert window_size([], 12) == 6
    assert window_size([1, 2, 3], 4) == 1


def test_perfect_boundaries_score_zero() -> None:
    assert pk([4], [4], 8) == 0.0
    assert window_diff([4], [4], 8) == 0.0


def test_missed_boundary_is_seen_by_as_many_windows_as_are_long() -> None:
    # k = 2, 6 windows start at 0..5; those starting at 2 and 3 contain turn 4's boundary.
    assert pk([4], [], 8) == pytest.approx(2 / 6)
    assert window_diff([4], [], 8) == pytest.approx(2 / 6)


def test_boundary_one_turn_late_costs_one_window_on_each_side() -> None:
    assert pk([4], [5], 8) == pytest.approx(2 / 6)


def test_window_diff_counts_a_second_boundary_that_pk_overlooks() -> None:
    # k = 2: windows starting at 2 and 3 contain the true one, 2, 3 and 4 one of the found ones;
    # window 3 contains both found ones.
    assert pk([4], [4, 5], 8) == pytest.approx(1 / 6)
    assert window_diff([4], [4, 5], 8) == pytest.approx(2 / 6)


def test_found_boundary_counts_once() -> None:
    assert num_hits([10, 12], [11]) == 1
    assert num_hits([10, 20], [12, 23]) == 1
    assert num_hits([10, 20], [8, 22]) == 2


def test_scores_of_meetings_add_up_and_rates_are_of_the_sums() -> None:
    total = BoundaryScore(1, 0.2, 0.3, 1, 2, 4) + BoundaryScore(1, 0.4, 0.5, 3, 4, 2)
    assert report(total) == {
        "pk": 0.3,
        "window_diff": 0.4,
        "f1": 0.6667,
        "boundaries_found": 6,
        "boundaries_true": 6,
        "meetings": 2,
    }


def test_nothing_to_find_and_nothing_found_is_perfect() -> None:
    assert BoundaryScore(1, 0.0, 0.0, 0, 0, 0).f1 == 1.0


def test_topic_begins_at_the_first_turn_that_starts_with_it() -> None:
    turns = [
        {"start": float(i), "end": i + 0.5, "speaker": "A", "text": "some words"} for i in range(4)
    ]
    meeting = read_meeting({"turns": turns, "topics": [{"start": 0.0}, {"start": 1.5}]})
    assert meeting.boundaries == (2,)
    assert score_meeting(meeting, (2,)).num_hits == 1


def test_turns_without_words_are_left_out_and_marks_removed() -> None:
    turns = [
        {"speaker": "A", "text": "{vocalsound}"},
        {"speaker": "A", "text": "we 're here ."},
        {"speaker": "B", "text": "Good ."},
    ]
    topics = [
        {"relevant_text_span": [["0", "1"]]},
        {"relevant_text_span": [["2", "2"]]},
    ]
    meeting = read_meeting({"turns": turns, "topics": topics})
    assert [turn.text for turn in meeting.turns] == ["we're here.", "Good."]
    assert meeting.boundaries == (1,)
