"""Words, the sentences they form and the turns in which they are spoken."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from pyannote.core import Segment

# Scripts written without spaces between words: Thai to Myanmar, Khmer, kana, CJK ideographs,
# and full-width punctuation. Hangul is written with spaces.
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u30ff\u31f0-\u31ff"
    "\u3400-\u9fff\uf900-\ufaff\uff01-\uffef\U00020000-\U0003ffff]"
)
_SENTENCE_END = re.compile(r"[.!?…。！？]+[\"'”’)\]」』]*$")
_ABBREVIATION = re.compile(r"^(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|St|vs|etc|e\.g|i\.e|[A-Z](?:\.[A-Z])+)\.$")


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word."""

    segment: Segment  # seconds from the start of the recording
    text: str  # as displayed, no surrounding spaces
    probability: float  # ASR posterior, 0..1


@dataclass(frozen=True, slots=True)
class Transcript:
    """All words of a recording in time order, nobody's yet."""

    language: str | None  # ISO 639-1 as Whisper names it; None when nothing was said
    words: tuple[Word, ...]


@dataclass(frozen=True)
class Turn:
    """Consecutive words of one speaker; never empty."""

    id: int  # unique in its meeting, stable under corrections; evidence points at it
    speaker: str | None  # label such as "SPEAKER_00"; None when nobody was heard there
    words: tuple[Word, ...]

    def __post_init__(self) -> None:
        if not self.words:
            raise ValueError(f"turn {self.id}: no words; a turn has at least one")

    @cached_property  # asked for all turns again and again while a meeting is corrected
    def segment(self) -> Segment:
        """From the first word's start to the last end among its words."""
        return _span_of(self.words)

    @property
    def text(self) -> str:
        """The words as one would write them down."""
        return join_words(self.words)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence inside one turn."""

    turn_id: int
    speaker: str | None
    words: tuple[Word, ...]

    @property
    def segment(self) -> Segment:
        """From the first word's start to the last end among its words."""
        return _span_of(self.words)

    @property
    def text(self) -> str:
        """The words as one would write them down."""
        return join_words(self.words)


def middle_of(word: Word) -> float:
    """Seconds; a word belongs to the stretch of time that its middle lies in."""
    return float(word.segment.start + word.segment.end) / 2


def _span_of(words: Sequence[Word]) -> Segment:
    return Segment(words[0].segment.start, max(word.segment.end for word in words))


def join_words(words: Sequence[Word]) -> str:
    """Words with a space between them, except where the script does not use spaces."""
    pieces: list[str] = []
    for word in words:
        if pieces and not (UNSPACED.match(pieces[-1][-1:]) or UNSPACED.match(word.text[:1])):
            pieces.append(" ")
        pieces.append(word.text)
    return "".join(pieces)


def is_sentence_end(text: str) -> bool:
    """Whether a word, with its punctuation, closes a sentence."""
    return bool(_SENTENCE_END.search(text)) and not _ABBREVIATION.match(text)


def sentences_of(turns: Sequence[Turn]) -> tuple[Sentence, ...]:
    """The turns cut after sentence-ending punctuation; a turn's last sentence may lack it."""
    return tuple(sentence for turn in turns for sentence in _sentences_in(turn))


def _sentences_in(turn: Turn) -> Iterator[Sentence]:
    start = 0
    for index, word in enumerate(turn.words, start=1):
        if is_sentence_end(word.text) or index == len(turn.words):
            yield Sentence(turn.id, turn.speaker, turn.words[start:index])
            start = index
