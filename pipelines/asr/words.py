"""From tokens and their alignment with the sound to words with times."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from pyannote.core import Segment, Timeline

from meeting_app.domain import Word

SHORTEST_WORD = 0.02  # seconds; one step of Whisper's decoder
_OPENING = "\"'“‘¿¡([{«-「『（【《"  # written before the word they belong to
_CLOSING = "\"'.。,，!！?？:：;；…、”’)]}%»」』）】》"  # written after it
_REACH = 0.5  # seconds by which the alignment of a word that was said may miss the speech


@dataclass(frozen=True, slots=True)
class Spelling:
    """A piece of text and the tokens it was written with."""

    text: str  # a leading space begins a word
    num_tokens: int


def token_starts(
    text_indices: Sequence[int] | np.ndarray, frame_indices: Sequence[int] | np.ndarray
) -> np.ndarray:
    """When each token begins on the path of the alignment.

    Args:
        text_indices: (path_length,) token at each step, rising by 0 or 1.
        frame_indices: (path_length,) frame at each step, rising.

    Returns:
        (num_tokens,) int, the frame in which each token is first met.
    """
    steps = np.diff(np.asarray(text_indices), prepend=-1)
    return np.asarray(frame_indices)[steps > 0]


def timed_words(
    spellings: Sequence[Spelling],
    starts: Sequence[float] | np.ndarray,
    probabilities: Sequence[float] | np.ndarray,
) -> tuple[Word, ...]:
    """Words with times, punctuation attached to the word it belongs to.

    Args:
        spellings: pieces of text in order.
        starts: (num_tokens + 1,) seconds; the last is the end of the last token.
        probabilities: (num_tokens,) of each token.

    Returns:
        Words without surrounding spaces, none empty, none shorter than SHORTEST_WORD; a word's
        probability is the mean over its tokens, punctuation left out.
    """
    words: list[Word] = []
    first = 0
    for spelling in spellings:
        last = first + spelling.num_tokens
        start, end = float(starts[first]), float(starts[last])
        mean = float(np.clip(np.mean(probabilities[first:last]), 0.0, 1.0))
        segment = Segment(start, max(end, start + SHORTEST_WORD))
        words.append(Word(segment, spelling.text, mean))
        first = last
    return tuple(replace(word, text=word.text.strip()) for word in _attached(words))


def fit_to_speech(words: Iterable[Word], speech: Timeline) -> tuple[Word, ...]:
    """Words cut to the region of speech they overlap most.

    One that misses every region by at most half a second is moved to the nearest edge, as the
    alignment is no better than that; one farther away was not said and is left out.
    """
    regions = tuple(speech.support())
    fitted = (_fitted(word, regions) for word in words)
    return tuple(word for word in fitted if word is not None)


def in_order(words: Iterable[Word]) -> tuple[Word, ...]:
    """Words by start; equal starts keep the order in which they were written."""
    return tuple(sorted(words, key=lambda word: word.segment.start))


def shifted(word: Word, offset: float) -> Word:
    """The word ``offset`` seconds later."""
    return replace(word, segment=Segment(word.segment.start + offset, word.segment.end + offset))


def _attached(words: Iterable[Word]) -> list[Word]:
    """Pieces of punctuation joined with the words beside them; lone ones are left out."""
    joined: list[Word] = []
    opening: Word | None = None
    for word in words:
        text = word.text.strip()
        if not text:
            continue
        if joined and opening is None and _is_all(text, _CLOSING) and not word.text[0].isspace():
            joined[-1] = replace(joined[-1], text=joined[-1].text.rstrip() + text)
        elif _is_all(text, _OPENING):
            opening = word if opening is None else replace(opening, text=opening.text + text)
        elif any(letter.isalnum() for letter in text) or not _is_all(text, _OPENING + _CLOSING):
            prefix = opening.text.lstrip() if opening else ""
            joined.append(replace(word, text=prefix + text))
            opening = None
    return joined


def _is_all(text: str, marks: str) -> bool:
    return all(letter in marks for letter in text)


def _fitted(word: Word, regions: Sequence[Segment]) -> Word | None:
    if not regions:
        return None
    segment = word.segment
    region = min(regions, key=lambda r: (_gap(segment, r), -(segment & r).duration))
    if _gap(segment, region) > _REACH:
        return None
    start = min(max(segment.start, region.start), region.end - SHORTEST_WORD)
    end = max(min(segment.end, region.end), start + SHORTEST_WORD)
    return replace(word, segment=Segment(start, end))


def _gap(one: Segment, other: Segment) -> float:
    """Seconds between two segments, 0 where they meet."""
    return max(0.0, float(one.start - other.end), float(other.start - one.end))
