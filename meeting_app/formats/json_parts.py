"""The parts of a meeting in JSON, for all documents that hold some of them.

What is read is of the right kind; whether it holds together is looked at in ``restoring``.
"""

from collections.abc import Sequence
from typing import Any

from pyannote.core import Segment

from meeting_app.domain import (
    ActionItem,
    Chapter,
    Decision,
    Meeting,
    Minutes,
    Speaker,
    SpeakerSegment,
    Statement,
    Turn,
    Word,
)
from meeting_app.errors import FormatError
from meeting_app.formats.node import Node

_FIELDS = (
    *("title", "duration", "language", "speakers", "speaker_segments", "turns", "chapters"),
    "minutes",
)


def write_meeting(meeting: Meeting) -> dict[str, Any]:
    """All that a meeting is."""
    return {
        "title": meeting.title,
        "duration": float(meeting.duration),
        "language": meeting.language,
        "speakers": [{"label": s.label, "name": s.name} for s in meeting.speakers],
        "speaker_segments": [
            {**write_span(s.segment), "speaker": s.speaker} for s in meeting.speaker_segments
        ],
        "turns": write_turns(meeting.turns),
        "chapters": write_chapters(meeting.chapters),
        "minutes": write_minutes(meeting.minutes),
    }


def write_span(segment: Segment) -> dict[str, float]:
    """Start and end, in seconds."""
    return {"start": float(segment.start), "end": float(segment.end)}


def write_words(words: Sequence[Word]) -> list[dict[str, Any]]:
    """Words with times and probabilities."""
    return [
        {**write_span(word.segment), "text": word.text, "probability": float(word.probability)}
        for word in words
    ]


def write_turns(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """Turns with their words."""
    return [{"id": t.id, "speaker": t.speaker, "words": write_words(t.words)} for t in turns]


def write_chapters(chapters: Sequence[Chapter]) -> list[dict[str, Any]]:
    """Chapters with their keywords."""
    return [
        {**write_span(c.segment), "title": c.title, "keywords": list(c.keywords)} for c in chapters
    ]


def write_minutes(minutes: Minutes) -> dict[str, Any]:
    """The three lists of the minutes."""
    return {
        "summary": [_claim(statement) for statement in minutes.summary],
        "decisions": [_claim(decision) for decision in minutes.decisions],
        "action_items": [
            {**_claim(item), "owner": item.owner, "due": item.due} for item in minutes.action_items
        ],
    }


def _claim(line: Statement | Decision | ActionItem) -> dict[str, Any]:
    return {"text": line.text, "evidence": list(line.evidence)}


def read_meeting(node: Node, *others: str) -> tuple[Meeting, tuple[Node, ...]]:
    """What ``write_meeting`` wrote, and the other members that the object must have.

    Raises:
        FormatError: one is missing, there are further ones, or a value is wrong; says where.
    """
    found = node.fields(*_FIELDS, *others)
    title, duration, language, speakers, segments, turns, chapters, minutes = found[: len(_FIELDS)]
    meeting = Meeting(
        title=title.text(),
        duration=duration.number(),
        language=language.maybe(Node.text),
        speakers=speakers.each(_read_speaker),
        speaker_segments=segments.each(_read_speaker_segment),
        turns=read_turns(turns),
        chapters=chapters.each(read_chapter),
        minutes=read_minutes(minutes),
    )
    return meeting, found[len(_FIELDS) :]


def read_span(start: Node, end: Node) -> Segment:
    """Seconds; Segment(0, 0) and turned around ones are for the caller to refuse."""
    return Segment(start.number(), end.number())


def read_segment(node: Node) -> Segment:
    """What ``write_span`` wrote."""
    return read_span(*node.fields("start", "end"))


def _read_speaker(node: Node) -> Speaker:
    label, name = node.fields("label", "name")
    return Speaker(label.text(), name.maybe(Node.text))


def _read_speaker_segment(node: Node) -> SpeakerSegment:
    start, end, speaker = node.fields("start", "end", "speaker")
    return SpeakerSegment(read_span(start, end), speaker.text())


def read_word(node: Node) -> Word:
    """One of what ``write_words`` wrote."""
    start, end, text, probability = node.fields("start", "end", "text", "probability")
    return Word(read_span(start, end), text.text(), probability.number())


def read_turns(node: Node) -> tuple[Turn, ...]:
    """What ``write_turns`` wrote. Raises FormatError where an id comes twice."""
    seen: set[int] = set()

    def read_turn(node: Node) -> Turn:
        mark, speaker, words = node.fields("id", "speaker", "words")
        turn_id = mark.integer()
        if turn_id in seen:
            raise FormatError(f"{mark.path}: {turn_id} is taken by an earlier turn; make it unique")
        seen.add(turn_id)
        return Turn(turn_id, speaker.maybe(Node.text), words.at_least_one(read_word))

    return node.each(read_turn)


def read_chapter(node: Node) -> Chapter:
    """One of what ``write_chapters`` wrote."""
    start, end, title, keywords = node.fields("start", "end", "title", "keywords")
    return Chapter(read_span(start, end), title.text(), keywords.each(Node.text))


def read_minutes(node: Node) -> Minutes:
    """What ``write_minutes`` wrote."""
    summary, decisions, action_items = node.fields("summary", "decisions", "action_items")
    return Minutes(
        summary=summary.each(lambda line: Statement(*_read_claim(line))),
        decisions=decisions.each(lambda line: Decision(*_read_claim(line))),
        action_items=action_items.each(_read_action_item),
    )


def _read_claim(node: Node) -> tuple[str, tuple[int, ...]]:
    text, evidence = node.fields("text", "evidence")
    return text.text(), evidence.at_least_one(Node.integer)


def _read_action_item(node: Node) -> ActionItem:
    text, evidence, owner, due = node.fields("text", "evidence", "owner", "due")
    return ActionItem(
        text.text(),
        evidence.at_least_one(Node.integer),
        owner.maybe(Node.text),
        due.maybe(Node.text),
    )
