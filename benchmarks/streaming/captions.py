"""What a reader of a running meeting saw, and when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pyannote.core import Segment

from meeting_app.domain import SpeakerSegment, Turn, Word

Message = Mapping[str, Any]  # as docs/live-protocol.md describes it


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message and the moment at which it was there."""

    at: float  # seconds since the first sample was spoken
    message: Message


@dataclass(frozen=True, slots=True)
class ShownWord:
    """A word on the screen."""

    text: str
    start: float  # seconds of sound
    end: float
    label: str | None = None  # who is said to have said it


@dataclass(frozen=True, slots=True)
class Display:
    """A line as it stood on the screen from some moment on."""

    at: float  # seconds since the first sample was spoken
    line: int
    words: tuple[ShownWord, ...] = ()
    num_stable: int = 0
    is_final: bool = False
    num_better: int = 0  # leading words that are the second pass's already


@dataclass(frozen=True, slots=True)
class VoicesShown:
    """Everything known about who speaks when, from some moment on."""

    at: float  # seconds since the first sample was spoken
    segments: tuple[SpeakerSegment, ...]


@dataclass(frozen=True, slots=True)
class Captions:
    """All that was shown before the meeting was sealed, in order of time."""

    displays: tuple[Display, ...] = ()
    voices: tuple[VoicesShown, ...] = ()
    most_behind: float = 0.0  # seconds, the most that the server said it was late

    def drafts(self) -> tuple[Display, ...]:
        """Each line as it stood before it was final, in order of line."""
        return self._last(is_final=False)

    def finals(self) -> tuple[Display, ...]:
        """Each line as it stood at the end, in order of line."""
        return self._last(is_final=True)

    def _last(self, *, is_final: bool) -> tuple[Display, ...]:
        last = {d.line: d for d in self.displays if is_final or not d.is_final}
        return tuple(last[line] for line in sorted(last) if last[line].words)


def read_captions(arrivals: Iterable[Arrival]) -> Captions:
    """Applies the messages in order, as every reader does; stops where the seal begins."""
    lines: dict[int, Display] = {}
    displays: list[Display] = []
    voices: list[VoicesShown] = []
    most_behind = 0.0
    for arrival in arrivals:
        match arrival.message["type"]:
            case "partial" | "stable" | "better" | "final" | "speaker":
                number = int(arrival.message["line"])
                before = lines.get(number, Display(arrival.at, number))
                after = replace(_changed(before, arrival.message), at=arrival.at)
                if replace(after, at=before.at) != before:
                    displays.append(after)
                lines[number] = after
            case "voices":
                known = voices[-1].segments if voices else ()
                voices.append(VoicesShown(arrival.at, _heard(known, arrival.message)))
            case "behind":
                most_behind = max(most_behind, float(arrival.message["seconds"]))
            case "sealed":
                break
    return Captions(tuple(displays), tuple(voices), most_behind)


def _changed(line: Display, message: Message) -> Display:
    match message["type"]:
        case "partial" | "better" if line.is_final:
            return line
        case "partial":
            kept = line.words[: line.num_stable]
            return replace(line, words=_labelled(line, kept + _words(message)))
        case "better":
            count, better = int(message["count"]), _words(message)
            return replace(
                line,
                words=_labelled(line, better + line.words[count:]),
                num_stable=len(better) + max(0, line.num_stable - count),
                num_better=len(better),
            )
        case "stable":
            return replace(line, num_stable=int(message["count"]))
        case "final":
            words = _labelled(line, _words(message))
            return replace(line, words=words, num_stable=len(words), is_final=True)
        case _:
            pairs = zip(line.words, message["labels"], strict=False)
            named = tuple(replace(word, label=label) for word, label in pairs)
            return replace(line, words=named + line.words[len(named) :])


def _labelled(line: Display, words: Sequence[ShownWord]) -> tuple[ShownWord, ...]:
    """The new words under the labels of their places, until new ones come; as the page does."""
    labels = [word.label for word in line.words] + [None] * len(words)
    return tuple(replace(word, label=label) for word, label in zip(words, labels, strict=False))


def _words(message: Message) -> tuple[ShownWord, ...]:
    return tuple(
        ShownWord(str(text), float(start), float(end)) for text, start, end, *_ in message["words"]
    )


def _heard(known: Sequence[SpeakerSegment], message: Message) -> tuple[SpeakerSegment, ...]:
    """What was known before ``start``, and the new segments from there on."""
    start = float(message["start"])
    kept = (
        item
        if item.segment.end <= start
        else SpeakerSegment(Segment(item.segment.start, start), item.speaker)
        for item in known
        if item.segment.start < start
    )
    new = (
        SpeakerSegment(Segment(float(begin), float(end)), str(label))
        for begin, end, label in message["segments"]
        if label is not None
    )
    return (*kept, *new)


def as_turns(displays: Sequence[Display]) -> tuple[Turn, ...]:
    """The lines as turns of nobody, for scorers of words."""
    return tuple(
        Turn(
            display.line,
            None,
            tuple(Word(Segment(w.start, w.end), w.text, 1.0) for w in display.words),
        )
        for display in displays
        if display.words
    )
