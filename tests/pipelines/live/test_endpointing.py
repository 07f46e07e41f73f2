"""Where an utterance begins and ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.live.endpointing import (
    FRAME,
    Closed,
    Endpointer,
    EndpointEvent,
    Endpointing,
    Opened,
    Paused,
    Resumed,
)

RULES = Endpointing(
    onset=0.5,
    offset=0.3,
    opens_after=2 * FRAME,
    pauses_after=3 * FRAME,
    closes_after=6 * FRAME,
    soft_limit=100 * FRAME,
    hard_limit=200 * FRAME,
    padding=FRAME,
)


def events(*scores: float) -> list[EndpointEvent]:
    endpointer = Endpointer(RULES)
    return [*endpointer.accept(scores), *endpointer.finish()]


def test_silence_has_no_utterance() -> None:
    assert events(*[0.1] * 50) == []


def test_an_utterance_has_a_little_sound_around_it() -> None:
    # Speech in frames 4 and 5; one frame of padding on each side.
    found = events(*[0.0] * 4, *[0.9] * 2, *[0.0] * 10)
    assert found == [
        Opened(pytest.approx(3 * FRAME)),
        Paused(pytest.approx(7 * FRAME)),
        Closed(pytest.approx(7 * FRAME)),
    ]


def test_a_click_is_no_utterance() -> None:
    assert events(0.0, 0.9, 0.0, 0.9, 0.0, *[0.0] * 10) == []


def test_speech_after_a_short_pause_goes_on() -> None:
    found = events(*[0.9] * 3, *[0.0] * 4, *[0.9] * 2, *[0.0] * 6)
    assert [type(each) for each in found] == [Opened, Paused, Resumed, Paused, Closed]


def test_the_end_of_a_pause_is_the_end_of_the_utterance_to_the_bit() -> None:
    found = events(*[0.9] * 7, *[0.0] * 9)
    paused, closed = found[1], found[2]
    assert isinstance(paused, Paused)
    assert isinstance(closed, Closed)
    assert paused.end == closed.end


def test_a_score_between_the_thresholds_decides_nothing() -> None:
    found = events(*[0.9] * 3, *[0.4] * 20)
    assert [type(each) for each in found] == [Opened, Closed]
    assert found[-1] == Closed(pytest.approx(23 * FRAME))  # by the end of the sound


def test_an_endless_utterance_is_cut_at_the_limit_and_goes_on_without_a_gap() -> None:
    found = events(*[1.0] * 450)
    opened = [each.start for each in found if isinstance(each, Opened)]
    closed = [each.end for each in found if isinstance(each, Closed)]
    assert closed[0] == pytest.approx(200 * FRAME)
    assert opened[1] == closed[0]
    assert opened[2] == closed[1]


def test_a_long_utterance_ends_at_a_pause_that_would_not_end_a_short_one() -> None:
    # Half way between the limits half the silence is enough.
    found = events(*[1.0] * 150, *[0.0] * 3, *[1.0] * 20)
    assert found[-3] == Closed(pytest.approx(151 * FRAME))


@given(st.lists(st.floats(0.0, 1.0), max_size=600))
def test_utterances_are_in_order_and_apart(scores: list[float]) -> None:
    times = [
        each.start if isinstance(each, Opened) else each.end
        for each in events(*scores)
        if isinstance(each, Opened | Closed)
    ]
    assert times == sorted(times)
    assert len(times) % 2 == 0


@given(st.lists(st.floats(0.0, 1.0), max_size=300), st.integers(1, 50))
def test_frames_one_by_one_give_what_many_at_once_give(scores: list[float], size: int) -> None:
    endpointer = Endpointer(RULES)
    found = [
        event
        for first in range(0, len(scores), size)
        for event in endpointer.accept(scores[first : first + size])
    ]
    assert [*found, *endpointer.finish()] == events(*scores)
