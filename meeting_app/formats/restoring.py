"""Whether a meeting that was read from a file can be put into a library."""

from collections.abc import Iterable, Sequence

from pyannote.core import Segment

from meeting_app.domain import ActionItem, Decision, Meeting, Statement
from meeting_app.errors import FormatError
from meeting_app.formats.json import Archived, archived_from_json

LARGEST_DOCUMENT = 256 << 20  # bytes; a meeting of four hours has five million
_LARGEST_ID = (1 << 63) - 1  # that a database counts with
_ADVICE = "correct it or export the meeting again"


def restored_from_json(content: bytes) -> Archived:
    """A meeting that holds together, from a document that anybody may have written.

    Raises:
        FormatError: it is too large, no document of ours, or contradicts itself; says where.
    """
    if len(content) > LARGEST_DOCUMENT:
        raise FormatError(
            f"{len(content)} bytes: larger than any meeting; give at most {LARGEST_DOCUMENT}"
        )
    try:
        archived = archived_from_json(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise FormatError(f"byte {error.start}: not UTF-8; {_ADVICE}") from error
    _check_texts(archived)
    _check_times(archived.meeting)
    _check_labels(archived.meeting)
    _check_proofs(archived.meeting)
    return archived


def _check_texts(archived: Archived) -> None:
    """JSON can spell halves of characters, which no database keeps."""
    for text in _texts(archived):
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise FormatError(f"{text[:40]!a}: holds half a character; {_ADVICE}") from error


def _texts(archived: Archived) -> Iterable[str]:
    meeting, recording = archived.meeting, archived.recording
    minutes = meeting.minutes
    yield meeting.title
    yield meeting.language or ""
    yield from (archived.filing.folder or "", *archived.filing.tags)
    if recording is not None:
        yield from (recording.filename, recording.container, recording.codec)
    for speaker in meeting.speakers:
        yield from (speaker.label, speaker.name or "")
    for turn in meeting.turns:
        yield turn.speaker or ""
        yield from (word.text for word in turn.words)
    yield from (item.speaker for item in meeting.speaker_segments)
    for chapter in meeting.chapters:
        yield from (chapter.title, *chapter.keywords)
    yield from (line.text for line in minutes.summary)
    yield from (line.text for line in minutes.decisions)
    for item in minutes.action_items:
        yield from (item.text, item.owner or "", item.due or "")


def _check_times(meeting: Meeting) -> None:
    if meeting.duration < 0:
        raise FormatError(f"$.duration: {meeting.duration} is before the beginning; {_ADVICE}")
    for index, turn in enumerate(meeting.turns):
        for number, word in enumerate(turn.words):
            _check_span(word.segment, f"$.turns[{index}].words[{number}]")
    for index, item in enumerate(meeting.speaker_segments):
        _check_span(item.segment, f"$.speaker_segments[{index}]")
    for index, chapter in enumerate(meeting.chapters):
        _check_span(chapter.segment, f"$.chapters[{index}]")


def _check_span(segment: Segment, path: str) -> None:
    if not 0 <= segment.start <= segment.end:
        raise FormatError(
            f"{path}: from {segment.start} to {segment.end} is no stretch of time; {_ADVICE}"
        )


def _check_labels(meeting: Meeting) -> None:
    seen: set[str] = set()
    for index, speaker in enumerate(meeting.speakers):
        if speaker.label in seen:
            raise FormatError(
                f"$.speakers[{index}].label: {speaker.label!r} is taken by an earlier speaker; "
                "make it unique"
            )
        seen.add(speaker.label)
    for index, turn in enumerate(meeting.turns):
        if turn.speaker is not None and turn.speaker not in seen:
            raise FormatError(
                f"$.turns[{index}].speaker: nobody has the label {turn.speaker!r}; {_ADVICE}"
            )


def _check_proofs(meeting: Meeting) -> None:
    for index, turn in enumerate(meeting.turns):
        if not 0 <= turn.id <= _LARGEST_ID:
            raise FormatError(f"$.turns[{index}].id: {turn.id} is out of range; {_ADVICE}")
    minutes = meeting.minutes
    kinds: dict[str, Sequence[Statement | Decision | ActionItem]] = {
        "summary": minutes.summary,
        "decisions": minutes.decisions,
        "action_items": minutes.action_items,
    }
    for kind, lines in kinds.items():
        for index, line in enumerate(lines):
            for turn_id in line.evidence:
                if turn_id not in meeting.turn_by_id:
                    raise FormatError(
                        f"$.minutes.{kind}[{index}].evidence: there is no turn {turn_id}; {_ADVICE}"
                    )
