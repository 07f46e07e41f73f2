"""JSON: the one format that keeps everything; a meeting read back equals the one written.

The same code keeps the draft of a running job, which holds the same values.
Version 2 of a meeting added when it was made and the facts of its recording, version 3 where it
is kept, version 4 what was corrected in it and what its voices sounded like.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from pyannote.core import Annotation, Segment, Timeline

from meeting_app.domain import (
    UNFILED,
    Draft,
    Filing,
    Meeting,
    Recording,
    Transcript,
    VoiceEvidence,
)
from meeting_app.domain.corrections import History
from meeting_app.errors import FormatError
from meeting_app.formats.history import history_from_node, write_history
from meeting_app.formats.json_parts import (
    read_chapter,
    read_meeting,
    read_minutes,
    read_segment,
    read_span,
    read_turns,
    read_word,
    write_chapters,
    write_meeting,
    write_minutes,
    write_span,
    write_turns,
    write_words,
)
from meeting_app.formats.node import Node
from meeting_app.formats.voices import voices_from_node, write_voices

# Raised when a document of this version can no longer be read by older programs.
VERSION, DRAFT_VERSION = 4, 1
MEETING_KIND = "meeting-app"
DRAFT_KIND = "meeting-app-draft"

_FACTS = ("created_at", "recording", "folder", "tags", "history", "voices")
_NUM_FACTS = {1: 0, 2: 2, 3: 4, 4: 6}  # of them, by version
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
    history: History | None = None  # None where nothing was corrected, or it was left out
    voices: VoiceEvidence | None = None  # None where it is not known, or was left out


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
    made = archived.created_at
    return _dump(
        {
            "format": f"{MEETING_KIND}/{VERSION}",
            "created_at": None if made is None else made.isoformat(),
            "recording": _unless_none(_recording, archived.recording),
            "folder": archived.filing.folder,
            "tags": list(archived.filing.tags),
            **write_meeting(archived.meeting),
            "history": _unless_none(write_history, archived.history),
            "voices": _unless_none(write_voices, archived.voices),
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
    meeting, (_, *found) = read_meeting(root, "format", *facts)
    told = dict(zip(facts, found, strict=True))
    made, recording, folder, tags, history, voices = map(told.get, _FACTS)
    return Archived(
        meeting=meeting,
        recording=recording.maybe(_read_recording) if recording else None,
        created_at=made.maybe(Node.moment) if made else None,
        filing=Filing(
            folder.maybe(Node.text) if folder else None, tags.each(Node.text) if tags else ()
        ),
        history=history.maybe(history_from_node) if history else None,
        voices=voices.maybe(voices_from_node) if voices else None,
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
            "turns": _unless_none(write_turns, draft.turns),
            "chapters": _unless_none(write_chapters, draft.chapters),
            "minutes": _unless_none(write_minutes, draft.minutes),
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
        turns=turns.maybe(read_turns),
        chapters=chapters.maybe(lambda node: node.each(read_chapter)),
        minutes=minutes.maybe(read_minutes),
    )


def _dump(document: dict[str, Any], indent: int | None = None) -> str:
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=indent)
    return _LONE_SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _unless_none(write: Callable[[_Value], Any], value: _Value | None) -> Any:
    return None if value is None else write(value)


def _transcript(transcript: Transcript) -> dict[str, Any]:
    return {"language": transcript.language, "words": write_words(transcript.words)}


def _timeline(timeline: Timeline) -> dict[str, Any]:
    return {"uri": timeline.uri, "segments": [write_span(segment) for segment in timeline]}


def _annotation(annotation: Annotation) -> dict[str, Any]:
    tracks = [
        {
            **write_span(segment),
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


def _read_transcript(node: Node) -> Transcript:
    language, words = node.fields("language", "words")
    return Transcript(language.maybe(Node.text), words.each(read_word))


def _read_timeline(node: Node) -> Timeline:
    uri, segments = node.fields("uri", "segments")
    return Timeline(segments.each(read_segment), uri=uri.maybe(Node.text))


def _read_annotation(node: Node) -> Annotation:
    uri, tracks = node.fields("uri", "tracks")
    annotation = Annotation(uri=uri.maybe(Node.text))
    for segment, track, label in tracks.each(_read_track):
        annotation[segment, track] = label
    return annotation


def _read_track(node: Node) -> tuple[Segment, str | int, str]:
    start, end, track, label = node.fields("start", "end", "track", "label")
    name = track.text() if isinstance(track.value, str) else track.integer()
    return read_span(start, end), name, label.text()
