"""The lines of one running meeting: what is known of each, and what that makes known.

Pure: what the passes and the voices say goes in, updates come out in the order in which they
are to be applied. A line that is final and whose labels are settled is forgotten.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from pyannote.core import Annotation, Segment

from meeting_app.domain import (
    BetterWords,
    FinalWords,
    LiveUpdate,
    PartialWords,
    SpeakerSegment,
    StableWords,
    Transcript,
    Turn,
    VoicesHeard,
    Word,
    WordSpeakers,
)
from pipelines.live.agreement import Shown
from pipelines.live.rewriting import Rewriting
from pipelines.live.waiting import Request
from pipelines.protocols import Attributor

_NEARBY = 5.0  # seconds around a line in which voices matter to it


@dataclass(frozen=True, slots=True)
class _Line:
    """An utterance on its way."""

    id: int
    start: float
    first: Shown = field(default_factory=Shown)  # by the first pass
    rewriting: Rewriting = field(default_factory=Rewriting)  # by the second, while the line goes on
    words: tuple[Word, ...] = ()  # of both, as they are shown
    num_stable: int = 0
    speakers: tuple[str | None, ...] = ()
    asked: Request | None = None  # of the second pass, last
    answer: tuple[Word, ...] | None = None  # of the second pass to ``asked``
    end: float | None = None  # once it is over
    is_final: bool = False


class Lines:
    """All lines of a meeting that can still change."""

    def __init__(self, meeting: str, first_line: int, attribute: Attributor) -> None:
        self._meeting = meeting
        self._next = first_line
        self._attribute = attribute
        self._lines: dict[int, _Line] = {}
        self._voices: tuple[SpeakerSegment, ...] = ()
        self._settled_until = 0.0
        self._turns: list[Turn] = []

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The final lines so far, each as one turn."""
        return tuple(self._turns)

    @property
    def is_waiting(self) -> bool:
        """Whether a line that is over has no final words yet."""
        return any(line.end is not None and not line.is_final for line in self._lines.values())

    def open(self, start: float) -> int:
        """A new line; its id."""
        line = _Line(self._next, start)
        self._lines[line.id] = line
        self._next += 1
        return line.id

    def show(self, number: int, shown: Shown) -> Iterator[LiveUpdate]:
        """What the first pass makes of the line."""
        line = self._lines[number]
        first, shown = shown, line.rewriting.over(shown)
        changed = replace(
            line,
            first=first,
            words=shown.words,
            num_stable=shown.num_stable,
            speakers=_kept_labels(line, shown.words),
        )
        self._lines[number] = changed
        # Times of stable words may still be refined; what readers see is their text.
        before = [word.text for word in line.words[line.num_stable :]]
        if before != [word.text for word in shown.words[line.num_stable :]]:
            yield PartialWords(number, shown.words[line.num_stable :])
        if shown.num_stable > line.num_stable:
            yield StableWords(number, shown.num_stable)

    def ask(self, number: int, end: float, language: str | None) -> Request:
        """What the second pass is to be asked about the line as far as ``end``."""
        line = self._lines[number]
        request = Request(self._meeting, number, line.start, end, language)
        self._lines[number] = replace(line, asked=request, answer=None)
        return request

    def draft(self, number: int, end: float, language: str | None) -> Request:
        """What the second pass may be asked about a line that goes on."""
        return Request(self._meeting, number, self._lines[number].start, end, language, True)

    def resume(self, number: int) -> None:
        """The line goes on: what was asked about it is out of date."""
        self._lines[number] = replace(self._lines[number], asked=None, answer=None)

    def close(self, number: int, end: float) -> Iterator[LiveUpdate]:
        """The line is over; when its answer is there, it is final."""
        self._lines[number] = replace(self._lines[number], end=end)
        yield from self._finished(number)

    def has_asked(self, number: int) -> bool:
        """Whether the line was asked about and has not gone on since: only silence followed."""
        return self._lines[number].asked is not None

    def answer(self, request: Request, words: tuple[Word, ...] | None) -> Iterator[LiveUpdate]:
        """What the second pass says; None when it failed, and the first pass's words stay."""
        line = self._lines.get(request.line)
        if line is not None and request.is_draft and words is not None:
            yield from self._rewrite(line, words)
        if line is None or line.asked != request:
            return
        self._lines[request.line] = replace(line, answer=line.words if words is None else words)
        yield from self._finished(request.line)

    def hear(self, voices: VoicesHeard) -> Iterator[LiveUpdate]:
        """Who speaks when, and what that says about the words."""
        kept = (_before(item, voices.start) for item in self._voices)
        self._voices = (*(item for item in kept if item is not None), *voices.segments)
        self._settled_until = max(self._settled_until, voices.settled_until)
        yield voices
        for number in tuple(self._lines):
            yield from self._labelled(number)
        self._forget_voices()

    def _rewrite(self, line: _Line, found: Sequence[Word]) -> Iterator[LiveUpdate]:
        """What the second pass hears in a line that goes on."""
        if line.is_final:
            return
        before, after = line.rewriting, line.rewriting.heard(found, line.first)
        shown = after.over(line.first)
        self._lines[line.id] = replace(
            line,
            rewriting=after,
            words=shown.words,
            num_stable=shown.num_stable,
            speakers=_kept_labels(line, shown.words),
        )
        if after.words != before.words:
            num_gone = len(before.words) + after.num_replaced - before.num_replaced
            yield BetterWords(line.id, num_gone, after.words)
            yield from self._labelled(line.id)

    def _finished(self, number: int) -> Iterator[LiveUpdate]:
        line = self._lines[number]
        if line.end is None or line.answer is None:
            return
        words = line.answer
        self._lines[number] = replace(
            line, words=words, num_stable=len(words), speakers=(None,) * len(words), is_final=True
        )
        yield FinalWords(number, words)
        if words:
            yield from self._labelled(number)
            speakers = self._lines[number].speakers if number in self._lines else (None,)
            self._turns.append(Turn(number, _commonest(speakers), words))
        else:
            del self._lines[number]

    def _labelled(self, number: int) -> Iterator[LiveUpdate]:
        line = self._lines[number]
        speakers = self._speakers_of(line.words)
        is_settled = line.is_final and line.words[-1].segment.end <= self._settled_until
        if line.words and (speakers != line.speakers or is_settled):
            self._lines[number] = replace(line, speakers=speakers)
            yield WordSpeakers(number, speakers, is_settled)
        if is_settled:
            del self._lines[number]

    def _speakers_of(self, words: Sequence[Word]) -> tuple[str | None, ...]:
        if not words:
            return ()
        around = Segment(words[0].segment.start - _NEARBY, words[-1].segment.end + _NEARBY)
        annotation = Annotation()
        for track, item in enumerate(self._voices):
            if item.segment.intersects(around):
                annotation[item.segment, track] = item.speaker
        owners = {
            id(word): turn.speaker
            for turn in self._attribute(Transcript(None, tuple(words)), annotation)
            for word in turn.words
        }
        return tuple(owners[id(word)] for word in words)

    def _forget_voices(self) -> None:
        """Those that no line asks for any more."""
        starts = [line.start for line in self._lines.values()]
        oldest = min([self._settled_until, *starts]) - 2 * _NEARBY
        self._voices = tuple(item for item in self._voices if item.segment.end > oldest)


def _kept_labels(line: _Line, words: Sequence[Word]) -> tuple[str | None, ...]:
    """The labels that the leading words had; none for the others."""
    kept = line.speakers[: len(words)]
    return kept + (None,) * (len(words) - len(kept))


def _before(item: SpeakerSegment, time: float) -> SpeakerSegment | None:
    if item.segment.start >= time:
        return None
    end = min(item.segment.end, time)
    return SpeakerSegment(Segment(item.segment.start, end), item.speaker)


def _commonest(speakers: Sequence[str | None]) -> str | None:
    return max(speakers, key=speakers.count)
