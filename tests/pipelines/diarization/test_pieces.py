"""A transcript in pieces: where they end, and which windows they hear."""

from dataclasses import replace

import numpy as np
import pytest
from pyannote.core import Segment

from meeting_app.domain import Meeting, SpeakerSegment, Turn, VoiceConstraints, VoiceEvidence
from pipelines.diarization.pieces import NOBODY, Pieces, pieces_of
from tests.builders import a_meeting, a_word, an_empty_meeting, words
from tests.pipelines.diarization.voices import evidence_of, meeting_of

NOTHING = VoiceConstraints()


def windows(*times: float) -> VoiceEvidence:
    return VoiceEvidence(
        "fake",
        np.array(times),
        np.ones((len(times), 2), np.float32),
        np.ones(len(times), np.float32),
    )


def a_meeting_of(*turns: Turn) -> Meeting:
    return replace(a_meeting(("A", "x"), ("B", "x")), turns=turns)


def spans(pieces: Pieces) -> list[tuple[float, float]]:
    return [(segment.start, segment.end) for segment in pieces.segments]


def test_a_piece_ends_with_its_sentence():
    pieces = pieces_of(a_meeting_of(Turn(0, "A", words("Yes. We do"))), windows(), NOTHING)
    assert spans(pieces) == [(0.0, 0.4), (0.5, 1.4)]


def test_a_piece_ends_at_a_pause_of_more_than_a_third_of_a_second():
    said = (a_word("we", 0.0), a_word("do", 0.74), a_word("too", 1.5))
    pieces = pieces_of(a_meeting_of(Turn(0, "A", said)), windows(), NOTHING)
    assert [p.start for p in pieces.segments] == [0.0, 1.5]


def test_a_piece_is_of_one_turn():
    turns = (Turn(0, "A", words("we")), Turn(1, "B", words("do", 0.5)))
    pieces = pieces_of(a_meeting_of(*turns), windows(), NOTHING)
    assert spans(pieces) == [(0.0, 0.4), (0.5, 0.9)]
    assert pieces.turns.tolist() == [0, 1]
    assert pieces.speakers.tolist() == [0, 1]


def test_words_of_nobody_are_nobodys_piece():
    pieces = pieces_of(a_meeting_of(Turn(0, None, words("we do"))), windows(), NOTHING)
    assert pieces.speakers.tolist() == [NOBODY]


def test_what_users_confirmed_is_a_piece_of_its_own():
    said = SpeakerSegment(Segment(0.5, 1.4), "A")
    meeting = a_meeting_of(Turn(0, "A", words("we do not agree")))
    pieces = pieces_of(meeting, windows(), VoiceConstraints(confirmed=(said,)))
    assert spans(pieces) == [(0.0, 0.4), (0.5, 1.4), (1.5, 1.9)]
    assert pieces.is_confirmed.tolist() == [False, True, False]


def test_words_that_are_by_now_somebody_elses_are_not_confirmed():
    said = SpeakerSegment(Segment(0, 1), "B")
    meeting = a_meeting_of(Turn(0, "A", words("we do")))
    pieces = pieces_of(meeting, windows(), VoiceConstraints(confirmed=(said,)))
    assert pieces.is_confirmed.tolist() == [False]


def test_who_was_refused_for_a_word_is_refused_for_its_piece():
    said = SpeakerSegment(Segment(0.5, 0.9), "B")
    meeting = a_meeting_of(Turn(0, "A", words("we do. yes")))
    pieces = pieces_of(meeting, windows(), VoiceConstraints(refused=(said,)))
    assert pieces.is_refused.tolist() == [[False, False], [True, False]]


def test_a_piece_hears_the_windows_with_their_middle_in_it():
    meeting = a_meeting_of(Turn(0, "A", words("we do not. I agree")))  # 0 to 1.4, 1.5 to 2.4 s
    pieces = pieces_of(meeting, windows(0.2, 0.7, 1.2, 1.7), NOTHING)
    assert pieces.first.tolist() == [0, 3]
    assert pieces.last.tolist() == [3, 4]
    assert pieces.sums(np.array([1.0, 2.0, 4.0, 8.0])).tolist() == [7.0, 8.0]
    assert pieces.sums(np.array([[1.0, 2.0, 4.0, 8.0]] * 2)).tolist() == [[7.0, 8.0]] * 2


@pytest.mark.parametrize(
    ("times", "heard"),
    [((0.9, 5.0), (0, 1)), ((-0.6, 0.9), (1, 2)), ((-0.4, 2.0), (0, 1)), ((0.0, 0.4), (0, 1))],
)
def test_a_short_piece_hears_the_nearest_window_within_three_quarters_of_a_second(times, heard):
    meeting = a_meeting_of(Turn(0, "A", words("yes")))  # its middle is 0.2 s
    pieces = pieces_of(meeting, windows(*times), NOTHING)
    assert (pieces.first.tolist(), pieces.last.tolist()) == ([heard[0]], [heard[1]])


@pytest.mark.parametrize("times", [(), (0.96,), (-0.6, 1.0)])
def test_a_piece_far_from_every_window_hears_none(times):
    pieces = pieces_of(a_meeting_of(Turn(0, "A", words("yes"))), windows(*times), NOTHING)
    assert pieces.first.tolist() == pieces.last.tolist()


def test_where_pieces_overlap_a_window_is_the_shorter_ones():
    turns = (Turn(0, "A", words("a long story")), Turn(1, "B", words("yes", 0.5)))
    pieces = pieces_of(a_meeting_of(*turns), windows(0.2, 0.7, 1.2, 9.0), NOTHING)
    assert pieces.window_speakers(pieces.speakers).tolist() == [0, 1, 0, NOBODY]


def test_a_meeting_without_words_has_no_pieces():
    pieces = pieces_of(an_empty_meeting(), windows(0.2), NOTHING)
    assert len(pieces) == 0
    assert pieces.is_refused.shape == (0, 0)


def test_every_word_is_in_exactly_one_piece():
    lines = [("A", "anna", 3), ("B", "ben", 2), ("A", "anna", 1)]
    pieces = pieces_of(meeting_of(lines), evidence_of(lines), NOTHING)
    assert len(pieces) == 6  # sentences
    assert (pieces.last - pieces.first).tolist() == [4] * 6
