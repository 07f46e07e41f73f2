"""Three sentences to know each voice by: long, clear, and nobody else at the same time."""

from dataclasses import replace

from pyannote.core import Segment

from meeting_app.domain import SpeakerSegment
from meeting_app.domain.quotes import quotes_of
from tests.builders import a_meeting

A, B = "SPEAKER_00", "SPEAKER_01"
LONG = "This is a sentence that goes on for long."


def test_long_sentences_come_before_short_ones_and_stand_in_order_of_time() -> None:
    meeting = a_meeting((A, "Yes."), (A, LONG), (B, "Hm."), (A, "And one more that is long."))
    assert [(q.speaker, q.text) for q in quotes_of(meeting, 2)] == [
        (A, LONG),
        (A, "And one more that is long."),
        (B, "Hm."),
    ]


def test_a_sentence_over_which_others_speak_is_no_good_quote() -> None:
    meeting = a_meeting((A, LONG), (A, "We go home now."))
    noise = SpeakerSegment(Segment(0.0, 5.0), B)
    noisy = replace(meeting, speaker_segments=(noise, *meeting.speaker_segments))
    assert [q.text for q in quotes_of(noisy, 1)] == ["We go home now."]


def test_unsure_words_make_a_worse_quote() -> None:
    meeting = a_meeting((A, "One two three four."), (A, "Two three four five."))
    unsure = tuple(replace(word, probability=0.1) for word in meeting.turns[0].words)
    turns = (replace(meeting.turns[0], words=unsure), meeting.turns[1])
    assert [q.text for q in quotes_of(replace(meeting, turns=turns), 1)] == ["Two three four five."]
