"""Speaker counts, job states and the share of each stage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meeting_app.domain import STAGE_SHARES, STAGES, JobState, SpeakerCount, Stage, overall_fraction
from tests.strategies import speaker_counts


def test_an_unknown_number_of_speakers_is_one_to_eight() -> None:
    assert (SpeakerCount().minimum, SpeakerCount().maximum) == (1, 8)
    assert not SpeakerCount().is_exact


def test_an_exact_number_has_equal_bounds() -> None:
    assert SpeakerCount.exactly(3) == SpeakerCount(3, 3)
    assert SpeakerCount.exactly(3).is_exact


@pytest.mark.parametrize(("minimum", "maximum"), [(0, 2), (3, 2), (1, 33), (-1, -1)])
def test_impossible_bounds_are_refused(minimum: int, maximum: int) -> None:
    with pytest.raises(ValueError, match="minimum ≤ maximum"):
        SpeakerCount(minimum, maximum)


@pytest.mark.parametrize(
    ("count", "maximum"), [(1, 8), (6, 8), (7, 9), (10, 12), (30, 32), (31, 32), (32, 32)]
)
def test_a_believed_number_leaves_room_for_fewer_and_for_two_more(count: int, maximum: int) -> None:
    assert SpeakerCount.about(count) == SpeakerCount(1, maximum, expected=count)


@given(count=speaker_counts())
def test_only_the_bounds_make_a_number_exact(count: SpeakerCount) -> None:
    assert count.is_exact == (count.minimum == count.maximum)


@pytest.mark.parametrize("expected", [1, 6, 0, -3])
def test_a_believed_number_outside_the_bounds_is_refused(expected: int) -> None:
    with pytest.raises(ValueError, match=f"about {expected} speakers: .* bounds 2 to 5"):
        SpeakerCount(2, 5, expected)


@pytest.mark.parametrize("count", [0, 33, -1])
def test_a_believed_number_that_cannot_be_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match=f"about {count} speakers"):
        SpeakerCount.about(count)


def test_done_failed_and_cancelled_are_final() -> None:
    assert {state for state in JobState if state.is_final} == {
        JobState.DONE,
        JobState.FAILED,
        JobState.CANCELLED,
    }


def test_every_stage_has_a_share_and_together_they_are_the_whole() -> None:
    assert tuple(STAGE_SHARES) == STAGES
    assert sum(STAGE_SHARES.values()) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("stage", "stage_fraction", "expected"),
    [
        (Stage.DECODE, 0.0, 0.0),
        (Stage.DECODE, 0.5, 0.005),
        (Stage.SPEECH, 0.0, 0.01),
        (Stage.WORDS, 0.5, 0.57),
        (Stage.MINUTES, 1.0, 1.0),
        (Stage.DECODE, 7.0, 0.01),
        (Stage.SPEECH, -1.0, 0.01),
    ],
)
def test_the_whole_is_what_came_before_and_a_part_of_the_share(
    stage: Stage, stage_fraction: float, expected: float
) -> None:
    assert overall_fraction(stage, stage_fraction) == pytest.approx(expected)


@given(st.sampled_from(STAGES), st.floats(0, 1), st.floats(0, 1))
def test_the_whole_rises_with_the_stage(stage: Stage, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= overall_fraction(stage, low) <= overall_fraction(stage, high) <= 1
