"""JSON: the one format that keeps everything; a meeting read back equals the one written.

The same code keeps the draft of a running job, which holds the same values.
Version 2 of a meeting added when it was made and the facts of its recording, version 3 where it
is kept.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from pyannote.core import Annotation, Segment, Timeline

from meeting_app.domain import (
    UNFILED,
    ActionItem,
    Chapter,
    Decision,
    Draft,
    Filing,
    Meeting,
    Minutes,
    Recording,
    Speaker,
    SpeakerSegment,
    Statement,
    Transcript,
    Turn,
    Word,
)
from meeting_app.errors import FormatError
from meeting_app.formats.node import Node

# Raised when a document of this version can no longer be read by older programs.
VERSION, DRAFT_VERSION = 3, 1
MEETING_KIND = "meeting-app"
DRAFT_KIND = "meeting-app-draft"

_MEETING_FIELDS = (
    *("title", "duration", "language", "speakers", "speaker_segments", "turns", "chapters"),
    "minutes",
)
_FACTS = ("created_at", "recording", "folder", "tags")
_NUM_FACTS = {1: 0, 2: 2, 3: 4}  # of them, by version
_Value = TypeVar("_Value")
_MARK = re.compile(r"(?P<kind>[a-z-]+)/(?P<version>[1-9][0-9]{0,8})")
_SHA256 = re.compile("[0-9a-f]{64}")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")  # from undecodable file names; UTF-8 has none


@dataclass(frozen=True, slots=True)
class Archived:
    """A meeting and what else is known about it."""

    meeting: Meeting
    recording: Recording | None = None  # None where a document does not say
    created_at: datetime | None = None  # aware; None where a document does not say
    filing: Filing = UNFILED  # folder and tags


def meeting_to_json(meeting: Meeting) -> str:
    """The meeting as an indented JSON document, Chinese and emoji readable in it.

    Raises:
        ValueError: a time or probability is not finite.
    """
    return archived_to_json(Archived(meeting))


def meeting_from_json(text: str) -> Meeting:
    """The meeting that ``meeting_to_json`` wrote.

    Raises:
        FormatError: not such a document; says where and what is wrong.
    """
    return archived_from_json(text).meeting


def archived_to_json(archived: Archived) -> str:
    """As ``meeting_to_json``, with what is known beside the meeting."""
    meeting, made = archived.meeting, archived.created_at
    return _dump(
        {
            "format": f"{MEETING_KIND}/{VERSION}",
            "title": meeting.title,
            "created_at": None if made is None else made.isoformat(),
            "recording": _unless_none(_recording, archived.recording),
            "folder": archived.filing.folder,
            "tags": list(archived.filing.tags),
            "duration": float(meeting.duration),
            "language": meeting.language,
            "speakers": [{"label": s.label, "name": s.name} for s in meeting.speakers],
            "speaker_segments": [
                {**_span(s.segment), "speaker": s.speaker} for s in meeting.speaker_segments
            ],
            "turns": _turns(meeting.turns),
            "chapters": _chapters(meeting.chapters),
            "minutes": _minutes(meeting.minutes),
        },
        indent=1,
    )


def archived_from_json(text: str) -> Archived:
    """What ``archived_to_json`` wrote, or an earlier version of it.

    Raises:
        FormatError: not such a document; says where and what is wrong.
    """
    root = Node.parse(text)
    version = _checked_version(root, MEETING_KIND, VERSION)
    facts = _FACTS[: _NUM_FACTS[min(version, VERSION)]]
    _, *found = root.fields("format", *_MEETING_FIELDS, *facts)
    told = dict(zip(facts, found[len(_MEETING_FIELDS) :], strict=True))
    made, recording, folder, tags = map(told.get, _FACTS)
    return Archived(
        meeting=_read_meeting(found[: len(_MEETING_FIELDS)]),
        recording=recording.maybe(_read_recording) if recording else None,
        created_at=made.maybe(Node.moment) if made else None,
        filing=Filing(
            folder.maybe(Node.text) if folder else None, tags.each(Node.text) if tags else ()
        ),
    )


def draft_to_json(draft: Draft) -> str:
    """What a running job has found out so far, compact; voice evidence has a file of its own.

    Raises:
        ValueError: a time or probability is not finite.
    """
    return _dump(
        {
            "format": f"{DRAFT_KIND}/{DRAFT_VERSION}",
            "speech": _unless_none(_timeline, draft.speech),
            "annotation": _unless_none(_annotation, draft.annotation),
            "transcript": _unless_none(_transcript, draft.transcript),
            "turns": _unless_none(_turns, draft.turns),
            "chapters": _unless_none(_chapters, draft.chapters),
            "minutes": _unless_none(_minutes, draft.minutes),
        }
    )


def draft_from_json(text: str) -> Draft:
    """The draft that ``draft_to_json`` wrote.

    Raises:
        FormatError: not such a document; says where and what is wrong.
    """
    root = Node.parse(text)
    _checked_version(root, DRAFT_KIND, DRAFT_VERSION)
    _, speech, annotation, transcript, turns, chapters, minutes = root.fields(
        "format", "speech", "annotation", "transcript", "turns", "chapters", "minutes"
    )
    return Draft(
        speech=speech.maybe(_read_timeline),
        annotation=annotation.maybe(_read_annotation),
        transcript=transcript.maybe(_read_transcript),
        turns=turns.maybe(_read_turns),
        chapters=chapters.maybe(lambda node: node.each(_read_chapter)),
        minutes=minutes.maybe(_read_minutes),
    )


def _dump(document: dict[str, Any], indent: int | None = None) -> str:
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=indent)
    return _LONE_SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _unless_none(write: Callable[[_Value], Any], value: _Value | None) -> Any:
    return None if value is None else write(value)


def _span(segment: Segment) -> dict[str, float]:
    return {"start": float(segment.start), "end": float(segment.end)}


def _words(words: Sequence[Word]) -> list[dict[str, Any]]:
    return [
        {**_span(word.segment), "text": word.text, "probability": float(word.probability)}
        for word in words
    ]


def _turns(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    return [{"id": t.id, "speaker": t.speaker, "words": _words(t.words)} for t in turns]


def _chapters(chapters: Sequence[Chapter]) -> list[dict[str, Any]]:
    return [{**_span(c.segment), "title": c.title, "keywords": list(c.keywords)} for c in chapters]


def _minutes(minutes: Minutes) -> dict[str, Any]:
    return {
        "summary": [_claim(statement) for statement in minutes.summary],
        "decisions": [_claim(decision) for decision in minutes.decisions],
        "action_items": [
            {**_claim(item), "owner": item.owner, "due": item.due} for item in minutes.action_items
        ],
    }


def _claim(line: Statement | Decision | ActionItem) -> dict[str, Any]:
    return {"text": line.text, "evidence": list(line.evidence)}


def _transcript(transcript: Transcript) -> dict[str, Any]:
    return {"language": transcript.language, "words": _words(transcript.words)}


def _timeline(timeline: Timeline) -> dict[str, Any]:
    return {"uri": timeline.uri, "segments": [_span(segment) for segment in timeline]}


def _annotation(annotation: Annotation) -> dict[str, Any]:
    tracks = [
        {
            **_span(segment),
            "track": track if isinstance(track, str) else int(track),
            "label": str(label),
        }
        for segment, track, label in annotation.itertracks(yield_label=True)
    ]
    return {"uri": annotation.uri, "tracks": tracks}


def _recording(recording: Recording) -> dict[str, Any]:
    return {
        "sha256": recording.sha256,
        "filename": recording.filename,
        "num_bytes": recording.num_bytes,
        "container": recording.container,
        "codec": recording.codec,
        "duration": recording.duration,
    }


def _checked_version(root: Node, kind: str, newest: int) -> int:
    mark = root.field("format")
    found = _MARK.fullmatch(mark.text())
    if found is None or found["kind"] != kind:
        raise FormatError(
            f"$.format: {mark.value!r} is not {kind}/{newest}; give a file that this program wrote"
        )
    if int(found["version"]) > newest:
        raise FormatError(
            f"$.format: {mark.value!r} was written by a newer version of the program than "
            f"this one, which knows {kind}/{newest}; update it"
        )
    return int(found["version"])


def _read_meeting(fields: Sequence[Node]) -> Meeting:
    title, duration, language, speakers, segments, turns, chapters, minutes = fields
    return Meeting(
        title=title.text(),
        duration=duration.number(),
        language=language.maybe(Node.text),
        speakers=speakers.each(_read_speaker),
        speaker_segments=segments.each(_read_speaker_segment),
        turns=_read_turns(turns),
        chapters=chapters.each(_read_chapter),
        minutes=_read_minutes(minutes),
    )


def _read_recording(node: Node) -> Recording:
    names = ("sha256", "filename", "num_bytes", "container", "codec", "duration")
    sha256, filename, num_bytes, container, codec, duration = node.fields(*names)
    if not _SHA256.fullmatch(sha256.text()):
        raise FormatError(
            f"{sha256.path}: {sha256.text()[:70]!r} is no SHA-256; give 64 hexadecimal digits"
        )
    return Recording(
        sha256=sha256.text(),
        filename=filename.text(),
        num_bytes=num_bytes.integer(),
        container=container.text(),
        codec=codec.text(),
        duration=duration.maybe(Node.number),
    )


def _read_span(start: Node, end: Node) -> Segment:
    return Segment(start.number(), end.number())


def _read_segment(node: Node) -> Segment:
    return _read_span(*node.fields("start", "end"))


def _read_speaker(node: Node) -> Speaker:
    label, name = node.fields("label", "name")
    return Speaker(label.text(), name.maybe(Node.text))


def _read_speaker_segment(node: Node) -> SpeakerSegment:
    start, end, speaker = node.fields("start", "end", "speaker")
    return SpeakerSegment(_read_span(start, end), speaker.text())


def _read_word(node: Node) -> Word:
    start, end, text, probability = node.fields("start", "end", "text", "probability")
    return Word(_read_span(start, end), text.text(), probability.number())


def _read_turns(node: Node) -> tuple[Turn, ...]:
    seen: set[int] = set()

    def read_turn(node: Node) -> Turn:
        mark, speaker, words = node.fields("id", "speaker", "words")
        turn_id = mark.integer()
        if turn_id in seen:
            raise FormatError(f"{mark.path}: {turn_id} is taken by an earlier turn; make it unique")
        seen.add(turn_id)
        return Turn(turn_id, speaker.maybe(Node.text), words.at_least_one(_read_word))

    return node.each(read_turn)


def _read_chapter(node: Node) -> Chapter:
    start, end, title, keywords = node.fields("start", "end", "title", "keywords")
    return Chapter(_read_span(start, end), title.text(), keywords.each(Node.text))


def _read_minutes(node: Node) -> Minutes:
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


def _read_transcript(node: Node) -> Transcript:
    language, words = node.fields("language", "words")
    return Transcript(language.maybe(Node.text), words.each(_read_word))


def _read_timeline(node: Node) -> Timeline:
    uri, segments = node.fields("uri", "segments")
    return Timeline(segments.each(_read_segment), uri=uri.maybe(Node.text))


def _read_annotation(node: Node) -> Annotation:
    uri, tracks = node.fields("uri", "tracks")
    annotation = Annotation(uri=uri.maybe(Node.text))
    for segment, track, label in tracks.each(_read_track):
        annotation[segment, track] = label
    return annotation


def _read_track(node: Node) -> tuple[Segment, str | int, str]:
    start, end, track, label = node.fields("start", "end", "track", "label")
    name = track.text() if isinstance(track.value, str) else track.integer()
    return _read_span(start, end), name, label.text()
