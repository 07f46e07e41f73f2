"""Words given to speakers as WhisperX does it.

A word belongs to the speaker who is heard for most of it. When nobody is, it belongs to the
speaker who is heard for most of the passage that it stands in, and to nobody when that is
silent too.

Source: Bain et al. 2023, "WhisperX: Time-Accurate Speech Transcription of Long-Form Audio",
arXiv:2303.00747; the rule for passages is that of its published output, which labels both.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby

from pyannote.core import Segment

from benchmarks.peers.answers import Passage
from meeting_app.domain import SpeakerSegment, Turn, Word


def assign_words(
    passages: Sequence[Passage], segments: Sequence[SpeakerSegment]
) -> tuple[Turn, ...]:
    """Turns of consecutive words of one speaker, ids 0, 1, 2…"""
    owned: list[tuple[str | None, Word]] = []
    for passage in passages:
        main = loudest(passage.segment, segments)
        owned += [(loudest(word.segment, segments) or main, word) for word in passage.words]
    runs = groupby(owned, key=lambda pair: pair[0])
    return tuple(
        Turn(number, speaker, tuple(word for _, word in pairs))
        for number, (speaker, pairs) in enumerate(runs)
    )


def loudest(span: Segment, segments: Sequence[SpeakerSegment]) -> str | None:
    """Who is heard longest within ``span``, the first of several; None when nobody is."""
    heard: dict[str, float] = defaultdict(float)
    for item in segments:
        shared = min(span.end, item.segment.end) - max(span.start, item.segment.start)
        if shared > 0:
            heard[item.speaker] += shared
    return max(heard, key=heard.__getitem__) if heard else None
