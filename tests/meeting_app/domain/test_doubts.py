from dataclasses import replace

from pyannote.core import Segment

from meeting_app.domain import SpeakerSegment
from meeting_app.domain.doubts import DOUBTFUL_PROBABILITY, doubtful_labels, is_doubtful_word
from tests.builders import a_meeting, a_turn

A, B = "SPEAKER_00", "SPEAKER_01"


def test_word_is_doubtful_below_the_threshold_only():
    assert is_doubtful_word(DOUBTFUL_PROBABILITY - 0.01)
    assert not is_doubtful_word(DOUBTFUL_PROBABILITY)


def test_words_spoken_while_two_are_heard_may_be_either_ones():
    # Words at 0–0.4, 0.5–0.9, 1–1.4 and 1.5–1.9 s; both are heard from 0.6 to 1.3 s.
    meeting = replace(
        a_meeting((A, "one two three four")),
        speaker_segments=(
            SpeakerSegment(Segment(0, 2), A),
            SpeakerSegment(Segment(0.6, 1.3), B),
        ),
    )
    assert doubtful_labels(meeting) == ((False, True, True, False),)


def with_turns(*turns):
    made = tuple(
        a_turn(number, label, text, start) for number, (label, text, start) in enumerate(turns)
    )
    return replace(a_meeting(), turns=made, speaker_segments=())


def test_short_turn_inside_anothers_sentence_may_belong_to_it():
    meeting = with_turns((A, "we should", 0), (B, "ship", 1), (A, "it now.", 1.5))
    assert doubtful_labels(meeting) == ((False, False), (True,), (False, False))


def test_short_turn_between_two_sentences_is_an_answer():
    meeting = with_turns((A, "We ship.", 0), (B, "Yes.", 1), (A, "Good.", 1.5))
    assert doubtful_labels(meeting) == ((False, False), (False,), (False,))


def test_long_turn_inside_anothers_sentence_is_an_interruption():
    meeting = with_turns((A, "we should", 0), (B, "no not now", 1), (A, "ship it.", 3))
    assert not any(doubtful_labels(meeting)[1])


def test_first_and_last_turn_stand_inside_nothing():
    assert doubtful_labels(with_turns((A, "so", 0))) == ((False,),)
