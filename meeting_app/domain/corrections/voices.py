"""Who is heard when follows who said which word."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from pyannote.core import Segment

from meeting_app.domain.meeting import SpeakerSegment
from meeting_app.domain.transcript import Turn, middle_of

Span = tuple[float, float]
"""Start and end in seconds; many are made and dropped, and a Segment costs ten times as much."""

_PLACE = attrgetter("segment.start", "segment.end", "speaker")
_SLIVER = 1.0  # seconds; of a cut segment, what is shorter and holds no word goes along


@dataclass(frozen=True, slots=True)
class Stretch:
    """Time that goes from one speaker to another."""

    start: float  # seconds
    end: float  # seconds
    after: str  # label


def regrouped(
    segments: Sequence[SpeakerSegment],
    stretches: Mapping[str, Sequence[Stretch]],
    added: Sequence[SpeakerSegment],
    turns: Sequence[Turn],
) -> tuple[SpeakerSegment, ...]:
    """The diarization once stretches of time have changed their speaker.

    Args:
        segments: as they were.
        stretches: what each label loses; disjoint, in time order.
        added: what is heard besides, such as words where the diarization heard nobody.
        turns: as they are now; short rests of a cut segment stay only where a word is.
    """
    words = _Words(turns)
    kept: list[SpeakerSegment] = []
    gained: dict[str, list[Span]] = defaultdict(list)
    for item in added:
        gained[item.speaker].append((item.segment.start, item.segment.end))
    for item in segments:
        losses = stretches.get(item.speaker)
        parts = None if losses is None else _cut(item, losses, words)
        if parts is None:
            kept.append(item)
            continue
        for start, end, after in parts:
            if after is None:
                kept.append(SpeakerSegment(Segment(start, end), item.speaker))
            else:
                gained[after].append((start, end))
    return in_order(_united(kept, gained))


def in_order(segments: Sequence[SpeakerSegment]) -> tuple[SpeakerSegment, ...]:
    """Ordered by start, end and label, as the pipeline does."""
    return tuple(sorted(segments, key=_PLACE))


def united(spans: Sequence[Span]) -> list[Span]:
    """Spans that touch or overlap made one, in time order."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _united(
    kept: Sequence[SpeakerSegment], gained: Mapping[str, Sequence[Span]]
) -> list[SpeakerSegment]:
    """What was kept and what was gained; of each label, what touches what it gained is joined."""
    result = [item for item in kept if item.speaker not in gained]
    for label, spans in gained.items():
        own = [(s.segment.start, s.segment.end) for s in kept if s.speaker == label]
        result += [SpeakerSegment(Segment(*span), label) for span in united([*own, *spans])]
    return result


@dataclass(frozen=True, slots=True)
class _Words:
    """When each speaker says a word; worked out for whom it is asked, because most never are."""

    turns: Sequence[Turn]
    _known: dict[str, list[float]] = field(default_factory=dict)

    def is_silent(self, label: str, start: float, end: float) -> bool:
        """Whether no word of the speaker has its middle in [start, end)."""
        if label not in self._known:
            own = (turn for turn in self.turns if turn.speaker == label)
            self._known[label] = sorted(middle_of(word) for turn in own for word in turn.words)
        middles = self._known[label]
        index = bisect_left(middles, start)
        return index == len(middles) or middles[index] >= end


def _cut(
    item: SpeakerSegment, losses: Sequence[Stretch], words: _Words
) -> list[tuple[float, float, str | None]] | None:
    """The parts of the segment with who has them now, None for who had it; None if uncut."""
    segment = item.segment
    if losses[0].start >= segment.end or losses[-1].end <= segment.start:
        return None

    def is_rest(start: float, end: float) -> bool:
        return end - start < _SLIVER and words.is_silent(item.speaker, start, end)

    first = max(0, bisect_left(losses, segment.start, key=lambda loss: loss.start) - 1)
    parts: list[tuple[float, float, str | None]] = []
    place = segment.start
    for loss in losses[first:]:
        if loss.start >= segment.end:
            break
        start, end = max(place, loss.start), min(segment.end, loss.end)
        if start >= end:
            continue
        if place < start:
            parts.append((place, start, loss.after if is_rest(place, start) else None))
        parts.append((start, end, loss.after))
        place = end
    if not parts:
        return None
    if place < segment.end:
        after = parts[-1][2] if is_rest(place, segment.end) else None
        parts.append((place, segment.end, after))
    return parts
