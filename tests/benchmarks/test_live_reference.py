"""The clock of the reference words."""

from pathlib import Path

import pytest
from pyannote.core import Segment, Timeline

from benchmarks.corpora import Passage, Recording, ReferenceWords, Timing
from benchmarks.streaming.matching import SaidWord
from benchmarks.streaming.reference import (
    WordClock,
    cropped,
    quiet_moment,
    said_words,
    word_clock,
)
from meeting_app.domain import SpeakerSegment, Turn, Word

SPEECH = (SpeakerSegment(Segment(1, 3), "a"), SpeakerSegment(Segment(4, 6), "b"))


def recording(timing: Timing | None, *passages: Passage) -> Recording:
    words = None if timing is None else ReferenceWords(timing, passages)
    return Recording("r", Path("r.wav"), SPEECH, Timeline([Segment(0, 8)]), words)


def heard(*words: tuple[str, float, float]) -> tuple[Turn, ...]:
    return (Turn(0, None, tuple(Word(Segment(s, e), text, 1.0) for text, s, e in words)),)


def test_timed_words_are_their_own_clock() -> None:
    timed = recording(
        Timing.WORD,
        Passage("a", Segment(1.0, 1.4), "Hello,"),
        Passage("a", Segment(1.4, 1.9), "it's"),
    )
    assert word_clock(timed) == WordClock.REFERENCE
    assert said_words(timed, heard(("hello", 5, 6))) == (
        SaidWord("hello", 1.0, 1.4, "a"),
        SaidWord("it", 1.4, 1.9, "a"),
        SaidWord("is", 1.4, 1.9, "a"),
    )


def test_without_times_the_sealed_words_that_the_reference_confirms_are_the_clock() -> None:
    turns = recording(Timing.PASSAGE, Passage("a", Segment(1.0, 3.0), "we begin now"))
    sealed = heard(("We", 1.0, 1.3), ("been", 1.3, 2.0), ("now.", 2.1, 2.6))
    assert word_clock(turns) == WordClock.SEALED
    assert said_words(turns, sealed) == (
        SaidWord("we", 1.0, 1.3, "a"),
        SaidWord("now", 2.1, 2.6, "a"),
    )


def test_without_words_there_is_no_clock() -> None:
    assert word_clock(recording(None)) == WordClock.NONE
    assert said_words(recording(None), heard(("we", 1, 2))) == ()


def test_a_cut_takes_the_references_after_it_away() -> None:
    whole = recording(
        Timing.WORD, Passage("a", Segment(1, 2), "one"), Passage("b", Segment(4, 5.5), "two")
    )
    part = cropped(whole, 5.0)
    assert part.speech == (SPEECH[0], SpeakerSegment(Segment(4, 5), "b"))
    assert part.scored == Timeline([Segment(0, 5)])
    assert part.words == ReferenceWords(Timing.WORD, (Passage("a", Segment(1, 2), "one"),))


@pytest.mark.parametrize(
    ("limit", "moment"), [(1.9, 1.0), (2.5, 2.5), (3.5, 3.5), (5.0, 4.0), (9.0, 9.0)]
)
def test_a_cut_moves_back_to_before_the_speech_it_would_divide_but_not_by_half(
    limit: float, moment: float
) -> None:
    assert quiet_moment(SPEECH, limit) == moment
