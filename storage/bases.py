"""A whole meeting as one value: what the pipeline made, kept beside what became of it."""

import json
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
)
from storage.mapping import columns_of, words_of


def body_of(meeting: Meeting) -> str:
    """The meeting as compact JSON; a column for each field of a list, because keys cost time."""
    minutes = meeting.minutes
    parts = {
        "title": meeting.title,
        "duration": float(meeting.duration),
        "language": meeting.language,
        "speakers": [[s.label, s.name] for s in meeting.speakers],
        "speaker_segments": [[*_span(s.segment), s.speaker] for s in meeting.speaker_segments],
        "turns": [[t.id, t.speaker, columns_of(t.words)] for t in meeting.turns],
        "chapters": [[*_span(c.segment), c.title, c.keywords] for c in meeting.chapters],
        "summary": [[s.text, s.evidence] for s in minutes.summary],
        "decisions": [[d.text, d.evidence] for d in minutes.decisions],
        "action_items": [[a.text, a.evidence, a.owner, a.due] for a in minutes.action_items],
    }
    return _dump(parts)


def meeting_of_body(body: str) -> Meeting:
    """The meeting that ``body_of`` wrote."""
    parts: dict[str, Any] = json.loads(body)
    return Meeting(
        title=parts["title"],
        duration=parts["duration"],
        language=parts["language"],
        speakers=tuple(Speaker(label, name) for label, name in parts["speakers"]),
        speaker_segments=tuple(
            SpeakerSegment(Segment(start, end), label)
            for start, end, label in parts["speaker_segments"]
        ),
        turns=tuple(
            Turn(number, speaker, words_of(columns)) for number, speaker, columns in parts["turns"]
        ),
        chapters=tuple(
            Chapter(Segment(start, end), title, tuple(keywords))
            for start, end, title, keywords in parts["chapters"]
        ),
        minutes=Minutes(
            tuple(Statement(text, tuple(proofs)) for text, proofs in parts["summary"]),
            tuple(Decision(text, tuple(proofs)) for text, proofs in parts["decisions"]),
            tuple(
                ActionItem(text, tuple(proofs), owner, due)
                for text, proofs, owner, due in parts["action_items"]
            ),
        ),
    )


def with_name(body: str, old: str, new: str | None) -> str:
    """The same with another name of a speaker, who may own action items under it."""
    parts: dict[str, Any] = json.loads(body)
    parts["speakers"] = [[label, new if name == old else name] for label, name in parts["speakers"]]
    parts["action_items"] = [
        [text, proofs, new if owner == old else owner, due]
        for text, proofs, owner, due in parts["action_items"]
    ]
    return _dump(parts)


def _dump(parts: dict[str, Any]) -> str:
    return json.dumps(parts, allow_nan=False, separators=(",", ":"))


def _span(segment: Segment) -> tuple[float, float]:
    return float(segment.start), float(segment.end)
