"""Words with a wrong speaker, counted by hand."""

import pytest
from pyannote.core import Segment

from benchmarks.workbench.speaker_words import (
    Reference,
    SpeakerErrors,
    same_people,
    speaker_errors,
)
from meeting_app.domain import SpeakerSegment
from tests.builders import a_meeting, an_empty_meeting, words

# Ann speaks from 0 to 2 s and Ben from 10 to 12 s; from 1 to 2 s Cleo speaks too.
REFERENCE = Reference.of(
    [
        SpeakerSegment(Segment(0, 2), "ann"),
        SpeakerSegment(Segment(10, 12), "ben"),
        SpeakerSegment(Segment(1, 2), "cleo"),
    ]
)


def errors(*lines):
    return speaker_errors(REFERENCE, a_meeting(*lines))


def test_names_of_labels_do_not_matter():
    assert errors(("x", "a b c d"), ("y", "e f g h")) == SpeakerErrors(0, 8)


def test_two_people_under_one_label_are_one_who_is_wrong():
    assert errors(("x", "a b c d"), ("x", "e f g")) == SpeakerErrors(3, 7)


def test_a_person_under_two_labels_is_right_under_the_larger_one():
    assert errors(("x", "a b c d"), ("y", "e f g h"), ("z", "i")) == SpeakerErrors(1, 9)


def test_words_of_nobody_are_wrong():
    assert errors(("x", "a b c d"), (None, "e f g h")) == SpeakerErrors(4, 8)


def test_under_overlap_either_is_right():
    truth = REFERENCE.truth(words("a b c d"))  # in the middle at 0.2, 0.7, 1.2 and 1.7 s
    assert truth.tolist() == [[True, False, False]] * 2 + [[True, False, True]] * 2


def test_where_nobody_speaks_it_is_whoever_does_nearest():
    truth = REFERENCE.truth(words("a b", start=5.6))  # 4 s and 4.2 s from either
    assert truth.tolist() == [[True, False, True], [False, True, False]]


def test_people_are_assigned_so_that_most_words_are_right():
    truth = REFERENCE.truth([*words("a b"), *words("e f g", start=10)])
    assert same_people(["x", "y", "x", "x", "x"], truth) == {"x": 1, "y": 0}


def test_words_that_are_left_out_are_not_counted():
    meeting = a_meeting(("x", "a b c d"), ("x", "e f g"))
    left_out = frozenset(word.segment for word in meeting.turns[1].words[:2])
    assert speaker_errors(REFERENCE, meeting, left_out) == SpeakerErrors(1, 5)


def test_counts_add_up_and_make_a_rate():
    total = SpeakerErrors(1, 10) + SpeakerErrors(2, 20)
    assert (total, total.rate) == (SpeakerErrors(3, 30), pytest.approx(0.1))


def test_a_silent_meeting_has_no_error():
    assert speaker_errors(REFERENCE, an_empty_meeting()).rate == 0.0
