"""What was really said, and when: the clock that every latency is read from.

Where the reference times each word, those times are the clock. Elsewhere it is the sealed
meeting: of the words that the offline pipeline recognised, those that the reference text confirms
have their recognised times. Which of the two was taken is reported; the second is less exact.
"""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from pyannote.core import Segment, Timeline

from benchmarks.changes import Token, confirmed
from benchmarks.corpora import Recording, ReferenceWords, Timing
from benchmarks.streaming.latencies import speech_stretches
from benchmarks.streaming.matching import SaidWord, normal
from meeting_app.domain import SpeakerSegment, Turn

_BREATH = 0.1  # seconds of silence in which a recording may be cut


class WordClock(StrEnum):
    """Where the times of the reference words come from."""

    REFERENCE = "reference"
    SEALED = "sealed words that the reference confirms"
    NONE = "none: nobody wrote the words down"


def word_clock(recording: Recording) -> WordClock:
    """The one that `said_words` reads."""
    if recording.words is None:
        return WordClock.NONE
    is_timed = recording.words.timing is Timing.WORD
    return WordClock.REFERENCE if is_timed else WordClock.SEALED


def said_words(recording: Recording, sealed: Sequence[Turn]) -> tuple[SaidWord, ...]:
    """The reference words that have a time, in order of start.

    Args:
        recording: what is right.
        sealed: what the offline pipeline heard.
    """
    match word_clock(recording):
        case WordClock.REFERENCE:
            found = _timed(recording)
        case WordClock.SEALED:
            found = _confirmed(recording, sealed)
        case _:
            found = []
    return tuple(sorted(found, key=lambda word: word.start))


def _timed(recording: Recording) -> list[SaidWord]:
    passages = () if recording.words is None else recording.words.passages
    return [
        SaidWord(text, passage.segment.start, passage.segment.end, passage.speaker)
        for passage in passages
        for word in passage.text.split()
        for text in normal(word)
    ]


def _confirmed(recording: Recording, sealed: Sequence[Turn]) -> list[SaidWord]:
    words = sorted(
        (word for turn in sealed for word in turn.words), key=lambda word: word.segment.start
    )
    pairs = [(word, text) for word in words for text in normal(word.text)]
    heard = [Token(text, word.segment.middle, None) for word, text in pairs]
    return [
        SaidWord(owner.text, pairs[i][0].segment.start, pairs[i][0].segment.end, owner.speaker)
        for i, owner in confirmed(heard, recording).items()
    ]


def cropped(recording: Recording, limit: float) -> Recording:
    """The references of the first ``limit`` seconds; words of whole speakers stay as they are."""
    window = Segment(0.0, limit)
    speech = tuple(
        SpeakerSegment(part, item.speaker)
        for item in recording.speech
        if (part := item.segment & window)
    )
    scored = recording.scored
    return replace(
        recording,
        speech=speech,
        scored=Timeline([window]) if scored is None else scored.crop(window),
        words=None if recording.words is None else _cropped_words(recording.words, limit),
    )


def _cropped_words(words: ReferenceWords, limit: float) -> ReferenceWords:
    if words.timing is Timing.SPEAKER:
        return words
    return replace(words, passages=tuple(p for p in words.passages if p.segment.end <= limit))


def quiet_moment(speech: Sequence[SpeakerSegment], limit: float) -> float:
    """The last moment up to ``limit`` at which nobody speaks, so that no word is cut; seconds.

    Where that would take more than half away, it is ``limit`` itself.
    """
    for stretch in speech_stretches(speech, _BREATH):
        if limit / 2 <= stretch.start < limit < stretch.end:
            return float(stretch.start)
    return limit
