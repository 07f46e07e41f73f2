from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyannote.core import Segment

from meeting_app.domain import SpeakerSegment
from meeting_app.domain.statistics import (
    interruptions_in,
    is_question,
    monologues_of,
    overlaps_of,
    silences_of,
    statistics_of,
)
from tests.builders import a_meeting, a_turn, an_empty_meeting

A, B, C = "SPEAKER_00", "SPEAKER_01", "SPEAKER_02"


def heard(*spans):
    return tuple(SpeakerSegment(Segment(start, end), label) for start, end, label in spans)


def test_numbers_of_a_meeting_add_up():
    figures = statistics_of(a_meeting((A, "Shall we ship?"), (B, "Yes."), (A, "Why now?")))
    first, second = figures.speakers
    # Three words from 0 to 1.4 s and two from 20 to 20.9 s; one from 10 to 10.4 s; 30 s in all.
    assert first.speaking_time == pytest.approx(2.3)
    assert (first.num_words, first.num_turns, first.num_questions) == (5, 2, 2)
    assert first.words_per_minute == pytest.approx(60 * 5 / 2.3)
    assert (second.num_words, second.num_turns, second.num_questions) == (1, 1, 0)
    assert figures.share_of(first) == pytest.approx(2.3 / 2.7)
    assert figures.silence == pytest.approx(30 - 2.7)
    assert figures.longest_silence == Segment(10.4, 20)
    assert figures.overlap == 0


def test_silent_recording_has_nobody_and_is_all_silence():
    figures = statistics_of(an_empty_meeting(duration=3.0))
    assert figures.speakers == ()
    assert (figures.silence, figures.longest_silence) == (3.0, Segment(0, 3))


def test_speaker_who_is_never_heard_has_no_pace_and_no_share():
    (figure,) = statistics_of(replace(a_meeting((A, "x")), speaker_segments=(), turns=())).speakers
    assert figure.words_per_minute is None
    assert figure.monologue is None
    assert statistics_of(replace(a_meeting((A, "x")), speaker_segments=())).share_of(figure) is None


def test_breath_between_two_is_no_silence():
    meeting = replace(
        a_meeting(), duration=10.0, speaker_segments=heard((0, 4, A), (4.4, 7, B), (7.5, 10, A))
    )
    assert silences_of(meeting) == (Segment(7, 7.5),)


def test_overlap_needs_two_different_speakers():
    assert overlaps_of(heard((0, 5, A), (3, 4, A), (4, 8, B), (7, 9, C))) == (
        Segment(4, 5),
        Segment(7, 8),
    )


def test_three_at_once_overlap_once():
    assert overlaps_of(heard((0, 10, A), (1, 9, B), (2, 8, C))) == (Segment(1, 9),)


@given(
    st.lists(
        st.tuples(st.integers(0, 20), st.integers(1, 10), st.sampled_from([A, B, C])), max_size=12
    )
)
def test_overlap_is_where_a_clock_would_count_two(spans):
    segments = heard(*((start, start + length, label) for start, length, label in spans))
    counted = {
        second
        for second in range(40)
        if len({s.speaker for s in segments if s.segment.start <= second < s.segment.end}) > 1
    }
    found = {
        second
        for overlap in overlaps_of(segments)
        for second in range(int(overlap.start), int(overlap.end))
    }
    assert found == counted


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([(0, 5, A), (4, 9, B)], [(B, A)]),  # A stops 1 s after B begins
        ([(0, 5.5, A), (4, 9, B)], [(B, A)]),  # just within 1.5 s
        ([(0, 6, A), (4, 9, B)], []),  # A goes on for 2 s: they talk at once
        ([(0, 5, A), (4.2, 5, B)], []),  # a listener's signal of 0.8 s
        ([(0, 9, A), (4, 5.2, B)], []),  # B stops first
        ([(0, 5, A), (5, 9, B)], []),  # B waits until A is done
        ([(0, 5, A), (4, 9, A)], []),  # nobody interrupts himself
        ([(0, 5, A), (0, 5, B), (4, 9, C)], [(C, A), (C, B)]),
    ],
)
def test_interruption_is_a_start_that_makes_another_stop(spans, expected):
    assert list(interruptions_in(heard(*spans))) == expected


def spoken(*turns):
    return tuple(
        a_turn(number, label, " ".join(["word"] * num_words), start)
        for number, (label, start, num_words) in enumerate(turns)
    )


def test_monologue_goes_on_over_a_listeners_signal():
    # Ten words last 4.9 s, one word 0.4 s.
    turns = spoken((A, 0, 10), (B, 5, 1), (A, 5.5, 10), (B, 12, 10))
    assert list(monologues_of(turns)) == [(A, Segment(0, 10.4)), (B, Segment(12, 16.9))]


def test_monologue_ends_at_an_answer_and_at_a_long_pause():
    turns = spoken((A, 0, 10), (B, 5, 3), (A, 8, 10), (A, 18, 10))
    assert list(monologues_of(turns)) == [
        (A, Segment(0, 4.9)),
        (B, Segment(5, 6.4)),
        (A, Segment(8, 12.9)),
        (A, Segment(18, 22.9)),
    ]


@pytest.mark.parametrize(
    "text", ["ship?", "ship?”", "吗？", "لماذا؟", "γιατί\u037e", "what?!", "why??", "(eh?)"]
)
def test_question_mark_of_any_script_asks(text):
    assert is_question(text)


@pytest.mark.parametrize("text", ["ship.", "?x", "", "吗。", "ship!"])
def test_other_ends_do_not_ask(text):
    assert not is_question(text)
