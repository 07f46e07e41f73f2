"""Words given to speakers as WhisperX does it.

A word belongs to the speaker who is heard for most of it. When nobody is, it belongs to the
speaker who is heard for most of the passage that it stands in, and to nobody when that is
silent too.

Source: Bain et al. 2023, "WhisperX: Time-Accurate Speech Transcription of Long-Form Audio",
arXiv:2303.00747; the rule for passages is that of its published output, which labels both.
"""

from collections.abc import Sequence

from benchmarks.baselines import in_turns, loudest
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
    return in_turns(owned)
