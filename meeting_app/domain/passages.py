"""Passages: pieces of a meeting that are long enough to mean something by themselves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pyannote.core import Segment

from meeting_app.domain.transcript import Sentence, Turn, Word, join_words, sentences_of

# What fits the sentence encoder's training: its texts had up to 128 tokens, some 90 words.
_ENOUGH_WORDS = 40
_MOST_WORDS = 60


@dataclass(frozen=True, slots=True)
class Passage:
    """Consecutive sentences, of one speaker or of several who answer each other."""

    turn_id: int  # of the first word
    last_turn_id: int  # of the last word
    speaker: str | None  # label of who says most of the words
    segment: Segment  # seconds
    text: str


def passages_of(turns: Sequence[Turn]) -> tuple[Passage, ...]:
    """The turns as passages, which hold every word once.

    A passage ends with the sentence with which it has 40 words, or before one with which it
    would have more than 60. A sentence of more than 60 words is cut.
    """
    return tuple(_passage(sentences) for sentences in _gathered(_pieces(turns)))


def _pieces(turns: Sequence[Turn]) -> Iterator[Sentence]:
    for sentence in sentences_of(turns):
        for start in range(0, len(sentence.words), _MOST_WORDS):
            words = sentence.words[start : start + _MOST_WORDS]
            yield Sentence(sentence.turn_id, sentence.speaker, words)


def _gathered(pieces: Iterator[Sentence]) -> Iterator[list[Sentence]]:
    gathered: list[Sentence] = []
    count = 0
    for piece in pieces:
        if gathered and count + len(piece.words) > _MOST_WORDS:
            yield gathered
            gathered, count = [], 0
        gathered.append(piece)
        count += len(piece.words)
        if count >= _ENOUGH_WORDS:
            yield gathered
            gathered, count = [], 0
    if gathered:
        yield gathered


def _passage(sentences: Sequence[Sentence]) -> Passage:
    words: list[Word] = [word for sentence in sentences for word in sentence.words]
    shares: dict[str | None, int] = {}
    for sentence in sentences:
        shares[sentence.speaker] = shares.get(sentence.speaker, 0) + len(sentence.words)
    return Passage(
        turn_id=sentences[0].turn_id,
        last_turn_id=sentences[-1].turn_id,
        speaker=max(shares, key=lambda speaker: shares[speaker]),
        segment=Segment(words[0].segment.start, max(word.segment.end for word in words)),
        text=join_words(words),
    )
