"""Events of a running meeting as JSON: for programs, for the journal and for the engine.

Words are ``[text, start, end, probability]``, times are seconds. Everything read is bounded,
because it comes from outside.
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from pyannote.core import Segment

from meeting_app.domain import (
    Behind,
    BetterWords,
    Chapter,
    ChaptersSoFar,
    FinalWords,
    LiveUpdate,
    PartialWords,
    SpeakerSegment,
    StableWords,
    VoiceNamed,
    VoiceRecognised,
    VoicesHeard,
    Word,
    WordSpeakers,
)
from meeting_app.domain.live_messages import (
    LineEdited,
    LiveEvent,
    LiveRefused,
    MeetingSealed,
    MomentMarked,
    RecorderPresence,
    RecordingPaused,
    Refusal,
    SealProgress,
)
from meeting_app.errors import FormatError
from meeting_app.formats.node import Node

ADVICE = "see docs/live-protocol.md"

_MOST_ITEMS = 20_000  # of any list; an utterance has a hundred words, a day some thousand voices
_MOST_LINES = 10_000_000
_LONGEST_TEXT = 20_000  # characters of an edited line
_LONGEST_LABEL = 40
_LATEST = 10_000_000.0  # seconds; four months of one meeting
_LABEL = re.compile(r"SPEAKER_[0-9]{2,6}")

Document = dict[str, Any]


def dump(document: Document) -> str:
    """One line of compact JSON.

    Raises:
        ValueError: a number is not finite.
    """
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def event_to_json(event: LiveEvent) -> Document:  # noqa: PLR0911 - one for each event
    """The event as docs/live-protocol.md describes it."""
    match event:
        case LineEdited(line, text):
            return {"type": "edited", "line": line, "text": text}
        case MomentMarked(time, note):
            return {"type": "marked", "time": seconds(time), "note": note}
        case RecordingPaused(is_paused):
            return {"type": "paused", "is_paused": is_paused}
        case RecorderPresence(is_connected):
            return {"type": "recorder", "is_connected": is_connected}
        case SealProgress(fraction, eta):
            left = None if eta is None else seconds(eta)
            return {"type": "sealing", "fraction": round(fraction, 4), "eta": left}
        case MeetingSealed(meeting_id, words, words_changed, labels_changed):
            return {
                "type": "sealed",
                "meeting": meeting_id,
                "words": words,
                "words_changed": words_changed,
                "labels_changed": labels_changed,
            }
        case LiveRefused(code, message, is_fatal, next_frame):
            error = {"type": "error", "code": code.value, "message": message, "fatal": is_fatal}
            return error if next_frame is None else error | {"next": next_frame}
        case _:
            return update_to_json(event)


def update_to_json(update: LiveUpdate) -> Document:  # noqa: PLR0911 - one for each update
    """What the recognition reports, as docs/live-protocol.md describes it."""
    match update:
        case PartialWords(line, words):
            return {"type": "partial", "line": line, "words": words_to_json(words)}
        case StableWords(line, count):
            return {"type": "stable", "line": line, "count": count}
        case BetterWords(line, num_replaced, words):
            better = {"type": "better", "line": line, "count": num_replaced}
            return better | {"words": words_to_json(words)}
        case FinalWords(line, words):
            return {"type": "final", "line": line, "words": words_to_json(words)}
        case WordSpeakers(line, speakers, is_settled):
            labels = list(speakers)
            return {"type": "speaker", "line": line, "labels": labels, "settled": is_settled}
        case VoicesHeard(start, segments, settled):
            return {
                "type": "voices",
                "start": seconds(start),
                "segments": voices_to_json(segments),
                "settled": seconds(settled),
            }
        case VoiceNamed(label, name):
            return {"type": "named", "label": label, "name": name}
        case VoiceRecognised(label, name):
            return {"type": "recognised", "label": label, "name": name}
        case ChaptersSoFar(chapters):
            return {"type": "chapters", "chapters": chapters_to_json(chapters)}
        case Behind(late):
            return {"type": "behind", "seconds": seconds(late)}


def event_from_node(node: Node) -> LiveEvent:  # noqa: PLR0911 - one for each event
    """The event that ``event_to_json`` wrote.

    Raises:
        FormatError: it is none.
    """
    kind = node.field("type").text()
    match kind:
        case "edited":
            return LineEdited(line_of(node), long_text(node.field("text")))
        case "marked":
            return MomentMarked(time_of(node.field("time")), long_text(node.field("note")))
        case "paused":
            return RecordingPaused(boolean(node.field("is_paused")))
        case "recorder":
            return RecorderPresence(boolean(node.field("is_connected")))
        case "sealing":
            fraction, eta = node.field("fraction").number(), node.field("eta").maybe(Node.number)
            return SealProgress(fraction, eta)
        case "sealed":
            counts = (node.field(n).integer() for n in ("words", "words_changed", "labels_changed"))
            return MeetingSealed(node.field("meeting").text(), *counts)
        case "error":
            return _refused(node)
        case _:
            return update_from_node(node)


def update_from_node(node: Node) -> LiveUpdate:
    """The update that ``update_to_json`` wrote.

    Raises:
        FormatError: it is none.
    """
    reader = _UPDATES.get(node.field("type").text())
    if reader is None:
        raise FormatError(f"{node.path}.type: {node.value['type']!r:.60} is no event; {ADVICE}")
    return reader(node)


def words_to_json(words: Sequence[Word]) -> list[list[Any]]:
    """``[text, start, end, probability]`` of each word."""
    return [
        [w.text, seconds(w.segment.start), seconds(w.segment.end), round(float(w.probability), 3)]
        for w in words
    ]


def voices_to_json(segments: Sequence[SpeakerSegment]) -> list[list[Any]]:
    """``[start, end, label]`` of each stretch."""
    return [[seconds(s.segment.start), seconds(s.segment.end), s.speaker] for s in segments]


def chapters_to_json(chapters: Sequence[Chapter]) -> list[list[Any]]:
    """``[start, end, title]`` of each chapter."""
    return [[seconds(c.segment.start), seconds(c.segment.end), c.title] for c in chapters]


def words_from_node(node: Node) -> tuple[Word, ...]:
    """The words that ``words_to_json`` wrote."""
    return _bounded(node).each(_word)


def voices_from_node(node: Node) -> tuple[SpeakerSegment, ...]:
    """The stretches that ``voices_to_json`` wrote."""
    return _bounded(node).each(_voice)


def chapters_from_node(node: Node) -> tuple[Chapter, ...]:
    """The chapters that ``chapters_to_json`` wrote; keywords are not among what is written."""
    return _bounded(node).each(_chapter)


def labels_from_node(node: Node) -> tuple[str | None, ...]:
    """Labels, or None where nobody is known."""
    return _bounded(node).each(lambda item: item.maybe(label_of))


def seconds(time: float) -> float:
    """A time at the precision that is written."""
    return round(float(time), 3)


def label_of(node: Node) -> str:
    """The label of a voice."""
    text = node.text()
    if len(text) > _LONGEST_LABEL or not _LABEL.fullmatch(text):
        raise FormatError(f"{node.path}: {text[:60]!r} is no label such as SPEAKER_00; {ADVICE}")
    return text


def line_of(node: Node) -> int:
    """The ``line`` of an event."""
    return count(node.field("line"), _MOST_LINES)


def count(node: Node, most: int = _MOST_LINES) -> int:
    """A whole number from 0 to ``most``."""
    number = node.integer()
    if not 0 <= number <= most:
        raise FormatError(f"{node.path}: {number!r:.60} is not from 0 to {most}; {ADVICE}")
    return number


def time_of(node: Node) -> float:
    """Seconds since the start of the meeting."""
    time = node.number()
    if not 0.0 <= time <= _LATEST:
        raise FormatError(f"{node.path}: {time!r:.60} is no time of a meeting; {ADVICE}")
    return time


def long_text(node: Node, longest: int = _LONGEST_TEXT) -> str:
    """A text of bounded length."""
    text = node.text()
    if len(text) > longest:
        raise FormatError(
            f"{node.path}: {len(text)} characters long; shorten it to {longest} at most"
        )
    return text


def boolean(node: Node) -> bool:
    """True or false."""
    if not isinstance(node.value, bool):
        raise FormatError(f"{node.path}: {node.value!r:.60} is not true or false; {ADVICE}")
    return node.value


def _bounded(node: Node) -> Node:
    if isinstance(node.value, list) and len(node.value) > _MOST_ITEMS:
        raise FormatError(f"{node.path}: {len(node.value)} items; at most {_MOST_ITEMS} are read")
    return node


def _items(node: Node, count: int) -> tuple[Node, ...]:
    items = node.each(lambda item: item)
    if len(items) != count:
        raise FormatError(f"{node.path}: {len(items)} items instead of {count}; {ADVICE}")
    return items


def _span(start: Node, end: Node) -> Segment:
    first, last = time_of(start), time_of(end)
    if last < first:
        raise FormatError(f"{start.path}: ends before it begins; {ADVICE}")
    return Segment(first, last)


def _word(node: Node) -> Word:
    text, start, end, probability = _items(node, 4)
    return Word(_span(start, end), long_text(text), probability.number())


def _voice(node: Node) -> SpeakerSegment:
    start, end, label = _items(node, 3)
    return SpeakerSegment(_span(start, end), label_of(label))


def _chapter(node: Node) -> Chapter:
    start, end, title = _items(node, 3)
    return Chapter(_span(start, end), long_text(title), ())


def _refused(node: Node) -> LiveRefused:
    code = node.field("code").text()
    if code not in set(Refusal):
        raise FormatError(f"{node.path}.code: {code[:60]!r} is no code of this version; {ADVICE}")
    next_frame = count(node.field("next"), 2**32) if "next" in node.value else None
    message = long_text(node.field("message"))
    return LiveRefused(Refusal(code), message, boolean(node.field("fatal")), next_frame)


_UPDATES: dict[str, Callable[[Node], LiveUpdate]] = {
    "partial": lambda n: PartialWords(line_of(n), words_from_node(n.field("words"))),
    "stable": lambda n: StableWords(line_of(n), count(n.field("count"))),
    "better": lambda n: BetterWords(
        line_of(n), count(n.field("count")), words_from_node(n.field("words"))
    ),
    "final": lambda n: FinalWords(line_of(n), words_from_node(n.field("words"))),
    "speaker": lambda n: WordSpeakers(
        line_of(n), labels_from_node(n.field("labels")), boolean(n.field("settled"))
    ),
    "voices": lambda n: VoicesHeard(
        time_of(n.field("start")),
        voices_from_node(n.field("segments")),
        time_of(n.field("settled")),
    ),
    "named": lambda n: VoiceNamed(label_of(n.field("label")), n.field("name").maybe(long_text)),
    "recognised": lambda n: VoiceRecognised(
        label_of(n.field("label")), n.field("name").maybe(long_text)
    ),
    "chapters": lambda n: ChaptersSoFar(chapters_from_node(n.field("chapters"))),
    "behind": lambda n: Behind(time_of(n.field("seconds"))),
}
