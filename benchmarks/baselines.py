"""Plain ways to give words to speakers, which ours is to beat with the same words and voices."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby

from pyannote.core import Segment

from meeting_app.domain import SpeakerSegment, Turn, Word
from meeting_app.domain.transcript import is_sentence_end


def by_overlap(words: Sequence[Word], segments: Sequence[SpeakerSegment]) -> tuple[Turn, ...]:
    """Each word goes to who is heard for most of it, or else to the nearest."""
    return in_turns(
        [
            (loudest(word.segment, segments) or _nearest(word.segment, segments), word)
            for word in words
        ]
    )


def by_sentence(words: Sequence[Word], segments: Sequence[SpeakerSegment]) -> tuple[Turn, ...]:
    """Each sentence goes to who is heard for most of its words."""
    owned: list[tuple[str | None, Word]] = []
    for sentence in _sentences(words):
        shares: dict[str, float] = defaultdict(float)
        for word in sentence:
            for speaker, shared in heard_in(word.segment, segments).items():
                shares[speaker] += shared
        span = Segment(sentence[0].segment.start, sentence[-1].segment.end)
        main = max(shares, key=shares.__getitem__) if shares else _nearest(span, segments)
        owned += [(main, word) for word in sentence]
    return in_turns(owned)


def loudest(span: Segment, segments: Sequence[SpeakerSegment]) -> str | None:
    """Who is heard longest within ``span``, the first of several; None when nobody is."""
    heard = heard_in(span, segments)
    return max(heard, key=heard.__getitem__) if heard else None


def heard_in(span: Segment, segments: Sequence[SpeakerSegment]) -> dict[str, float]:
    """Seconds for which each speaker is heard within ``span``."""
    heard: dict[str, float] = defaultdict(float)
    for item in segments:
        shared = min(span.end, item.segment.end) - max(span.start, item.segment.start)
        if shared > 0:
            heard[item.speaker] += shared
    return dict(heard)


def in_turns(owned: Sequence[tuple[str | None, Word]]) -> tuple[Turn, ...]:
    """Turns of consecutive words of one speaker, ids 0, 1, 2…"""
    return tuple(
        Turn(number, speaker, tuple(word for _, word in pairs))
        for number, (speaker, pairs) in enumerate(groupby(owned, key=lambda pair: pair[0]))
    )


def _nearest(span: Segment, segments: Sequence[SpeakerSegment]) -> str | None:
    def distance(item: SpeakerSegment) -> float:
        return float(max(item.segment.start - span.end, span.start - item.segment.end))

    return min(segments, key=distance).speaker if segments else None


def _sentences(words: Sequence[Word]) -> Iterator[list[Word]]:
    sentence: list[Word] = []
    for word in words:
        sentence.append(word)
        if is_sentence_end(word.text):
            yield sentence
            sentence = []
    if sentence:
        yield sentence
