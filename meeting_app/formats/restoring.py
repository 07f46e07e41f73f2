"""Whether a meeting that was read from a file can be put into a library."""

from collections.abc import Iterable, Sequence

from pyannote.core import Segment

from meeting_app.domain import ActionItem, Decision, Meeting, Statement, VoiceEvidence
from meeting_app.domain.corrections import Corrected, History, to_redo
from meeting_app.errors import ConflictError, FormatError, NotFoundError
from meeting_app.formats.corrections import correction_to_json
from meeting_app.formats.json import Archived, archived_from_json

LARGEST_DOCUMENT = 256 << 20  # bytes; a meeting of four hours has five million
_LARGEST_ID = (1 << 53) - 1  # that a page counts with, and there is room for more
_LONGEST_PROBLEM = 5_000  # characters of why a correction has no effect
_LATEST_WINDOW = 1.0  # seconds after the end, for the middle of a window that reaches over it
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
    _check_texts(_facts(archived))
    _check_meeting(archived.meeting, "$")
    if archived.history is not None:
        _check_history(archived.history)
    if archived.voices is not None:
        _check_voices(archived.voices, archived.meeting)
    return archived


def _check_meeting(meeting: Meeting, path: str) -> None:
    _check_texts(_texts(meeting))
    _check_times(meeting, path)
    _check_labels(meeting, path)
    _check_proofs(meeting, path)


def _check_history(history: History) -> None:
    """Whether each correction that counts, and each that can be repeated, fits what it changes."""
    _check_meeting(history.base, "$.history.base")
    for made in history.made:
        _check_texts((made.author, made.undone_by or "", made.problem or ""))
        _check_texts([correction_to_json(made.correction)])
        if made.problem is not None and len(made.problem) > _LONGEST_PROBLEM:
            raise FormatError(
                f"$.history.corrections[{made.number - 1}]: a problem of {len(made.problem)} "
                f"characters; {_ADVICE}"
            )
    state = Corrected.of(history.base)
    first = to_redo(history.made)
    for made in history.made:
        can_be_repeated = first is not None and made.number >= first.number
        if made.is_active or (can_be_repeated and made.problem is None):
            try:
                state = state.then(made.correction)
            except (ConflictError, NotFoundError) as error:
                raise FormatError(
                    f"$.history.corrections[{made.number - 1}]: does not fit ({error}); correct "
                    "it, or set the history to null"
                ) from error


def _check_voices(voices: VoiceEvidence, meeting: Meeting) -> None:
    if len(voices.times) and voices.times[-1] > meeting.duration + _LATEST_WINDOW:
        raise FormatError(
            f"$.voices.times: up to {voices.times[-1]:.1f} s of a recording of "
            f"{meeting.duration:.1f} s; {_ADVICE}"
        )


def _check_texts(texts: Iterable[str]) -> None:
    """JSON can spell halves of characters, which no database keeps."""
    for text in texts:
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise FormatError(f"{text[:40]!a}: holds half a character; {_ADVICE}") from error


def _facts(archived: Archived) -> Iterable[str]:
    recording = archived.recording
    yield from (archived.filing.folder or "", *archived.filing.tags)
    if recording is not None:
        yield from (recording.filename, recording.container, recording.codec)


def _texts(meeting: Meeting) -> Iterable[str]:
    minutes = meeting.minutes
    yield meeting.title
    yield meeting.language or ""
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


def _check_times(meeting: Meeting, path: str) -> None:
    if meeting.duration < 0:
        raise FormatError(f"{path}.duration: {meeting.duration} is before the beginning; {_ADVICE}")
    for index, turn in enumerate(meeting.turns):
        for number, word in enumerate(turn.words):
            _check_span(word.segment, f"{path}.turns[{index}].words[{number}]")
    for index, item in enumerate(meeting.speaker_segments):
        _check_span(item.segment, f"{path}.speaker_segments[{index}]")
    for index, chapter in enumerate(meeting.chapters):
        _check_span(chapter.segment, f"{path}.chapters[{index}]")


def _check_span(segment: Segment, path: str) -> None:
    if not 0 <= segment.start <= segment.end:
        raise FormatError(
            f"{path}: from {segment.start} to {segment.end} is no stretch of time; {_ADVICE}"
        )


def _check_labels(meeting: Meeting, path: str) -> None:
    seen: set[str] = set()
    for index, speaker in enumerate(meeting.speakers):
        if speaker.label in seen:
            raise FormatError(
                f"{path}.speakers[{index}].label: {speaker.label!r} is taken by an earlier "
                "speaker; make it unique"
            )
        seen.add(speaker.label)
    for index, turn in enumerate(meeting.turns):
        if turn.speaker is not None and turn.speaker not in seen:
            raise FormatError(
                f"{path}.turns[{index}].speaker: nobody has the label {turn.speaker!r}; {_ADVICE}"
            )


def _check_proofs(meeting: Meeting, path: str) -> None:
    for index, turn in enumerate(meeting.turns):
        if not 0 <= turn.id <= _LARGEST_ID:
            raise FormatError(f"{path}.turns[{index}].id: {turn.id} is out of range; {_ADVICE}")
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
                        f"{path}.minutes.{kind}[{index}].evidence: there is no turn {turn_id}; "
                        f"{_ADVICE}"
                    )
