"""Who speaks when, revised from some moment on again and again."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from pyannote.core import Segment

from meeting_app.domain import SpeakerSegment


class Voices:
    """Stretches in order of their start; a revision costs as much as it changes."""

    def __init__(self) -> None:
        self._segments: list[SpeakerSegment] = []
        self._latest: list[float] = []  # the latest end of this and all earlier segments

    def revise(self, start: float, segments: Sequence[SpeakerSegment]) -> None:
        """Replaces all that was known from ``start`` on."""
        kept = self._open_at(start)
        first = len(self._segments) - len(kept)
        cut = [piece for item in kept if (piece := _before(item, start)) is not None]
        del self._segments[first:], self._latest[first:]
        new = sorted(segments, key=lambda s: (s.segment.start, s.segment.end, s.speaker))
        for item in _joined(cut, new, start):
            end = max(item.segment.end, self._latest[-1] if self._latest else 0.0)
            self._segments.append(item)
            self._latest.append(end)

    def snapshot(self) -> tuple[SpeakerSegment, ...]:
        """All of them."""
        return tuple(self._segments)

    def _open_at(self, start: float) -> list[SpeakerSegment]:
        """The segments at the end of the list from the first that reaches over ``start``."""
        # Rising, so the first one that ends behind `start` is found without looking at all.
        return self._segments[bisect_left(self._latest, start) :]


def _before(item: SpeakerSegment, moment: float) -> SpeakerSegment | None:
    """The part of the segment before the moment."""
    segment = item.segment
    if segment.start >= moment:
        return None
    return SpeakerSegment(Segment(segment.start, min(segment.end, moment)), item.speaker)


def _joined(
    old: Sequence[SpeakerSegment], new: Sequence[SpeakerSegment], moment: float
) -> Iterator[SpeakerSegment]:
    """``old`` and then ``new``; a voice that goes on over the moment stays one segment."""
    rest = list(new)
    for item in old:
        later = [n for n in rest if n.speaker == item.speaker and n.segment.start == moment]
        if item.segment.end == moment and later:
            rest.remove(later[0])
            yield SpeakerSegment(Segment(item.segment.start, later[0].segment.end), item.speaker)
        else:
            yield item
    yield from rest
