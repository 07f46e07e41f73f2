"""What of a meeting lets a listener recognise each voice."""

from collections.abc import Sequence
from dataclasses import dataclass

from pyannote.core import Segment

from meeting_app.domain.meeting import Meeting, SpeakerSegment
from meeting_app.domain.transcript import Sentence, sentences_of

_LONG_ENOUGH = 8.0  # seconds; a longer quote is no better to know a voice by
_SHORTEST = 1.0  # seconds; what is shorter is only taken when there is nothing else


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence to know a speaker by."""

    speaker: str  # label
    segment: Segment  # seconds
    text: str


def quotes_of(meeting: Meeting, count: int = 3) -> tuple[Quote, ...]:
    """At most ``count`` sentences of each speaker, in time order: long, clear and alone.

    Those that were recognised surely and in which nobody else is heard come first.
    """
    found: list[Quote] = []
    others = sorted(meeting.speaker_segments, key=lambda item: item.segment.start)
    sentences = sentences_of(meeting.turns)
    for speaker in meeting.speakers:
        own = [sentence for sentence in sentences if sentence.speaker == speaker.label]
        noise = [item for item in others if item.speaker != speaker.label]
        ranked = sorted(own, key=lambda sentence: _worth(sentence, noise), reverse=True)
        best = sorted(ranked[:count], key=lambda sentence: sentence.segment.start)
        found += (Quote(speaker.label, s.segment, s.text) for s in best)
    return tuple(found)


def _worth(sentence: Sentence, noise: Sequence[SpeakerSegment]) -> float:
    """Seconds that are worth hearing, weighed by how sure the words are."""
    segment = sentence.segment
    start, end = float(segment.start), float(segment.end)
    shared: float = sum(
        max(0.0, min(end, item.segment.end) - max(start, item.segment.start))
        for item in noise
        if item.segment.start < end and start < item.segment.end
    )
    clean = max(0.0, end - start - shared)
    sure = sum(float(word.probability) for word in sentence.words) / len(sentence.words)
    worth: float = min(clean, _LONG_ENOUGH) * sure
    return worth if clean >= _SHORTEST else worth / _LONG_ENOUGH
