"""A meeting and a correction make the corrected meeting."""

from dataclasses import replace

from meeting_app.domain.corrections.chapters import (
    chapter_added,
    chapter_moved,
    chapter_removed,
    chapter_renamed,
)
from meeting_app.domain.corrections.commands import (
    AddChapter,
    AddLine,
    Correction,
    EditLine,
    MergeSpeakers,
    MoveChapter,
    MoveTurnBoundary,
    NameSpeakers,
    ReassignWords,
    Relabel,
    RemoveChapter,
    RemoveLine,
    RemoveWords,
    RenameChapter,
    RenameMeeting,
    RenameSpeaker,
    ReplaceWords,
    SplitSpeaker,
)
from meeting_app.domain.corrections.minutes import line_added, line_edited, line_removed
from meeting_app.domain.corrections.moving import merged, moved
from meeting_app.domain.corrections.numbering import Numbering
from meeting_app.domain.corrections.wording import boundary_moved, removed, replaced
from meeting_app.domain.evidence import Relabelling
from meeting_app.domain.meeting import Meeting, Speaker
from meeting_app.errors import ConflictError, NotFoundError


def apply(meeting: Meeting, correction: Correction, numbering: Numbering | None = None) -> Meeting:
    """The meeting once it is corrected.

    Args:
        meeting: as it was.
        correction: what is to change.
        numbering: ids and labels to give next; None takes those after all in ``meeting``.

    Raises:
        ConflictError: the correction does not fit the meeting.
        NotFoundError: it names a speaker whom the meeting does not have.
    """
    numbers = numbering or Numbering.of(meeting)
    match correction:
        case RenameMeeting(title):
            return meeting if title == meeting.title else replace(meeting, title=title)
        case RenameSpeaker(label, name):
            require(meeting, label)
            return meeting.rename_speaker(label, name)
        case NameSpeakers(names):
            require(meeting, *(rename.label for rename in names))
            for rename in names:
                meeting = meeting.rename_speaker(rename.label, rename.name)
            return meeting
        case MergeSpeakers(label, into):
            require(meeting, label, into)
            if label == into:
                raise ConflictError(f"{label}: is one speaker already; choose another to merge")
            return merged(meeting, correction)
        case SplitSpeaker() | ReassignWords() | Relabel():
            return _with_other_speakers(meeting, correction, numbers)
        case _:
            return _with_other_content(meeting, correction)


def require(meeting: Meeting, *labels: str | None) -> None:
    """Raises NotFoundError unless all are speakers of the meeting; None stands for nobody."""
    for label in labels:
        if label is not None and label not in meeting.speaker_by_label:
            raise NotFoundError(f"{label}: no such speaker in this meeting; choose another")


def _with_other_speakers(
    meeting: Meeting, correction: SplitSpeaker | ReassignWords | Relabel, numbers: Numbering
) -> Meeting:
    label = numbers.new_label
    match correction:
        case SplitSpeaker(source, segments):
            require(meeting, source)
            moves = [Relabelling(segment, source, label) for segment in segments]
            split = moved(_with_speaker(meeting, label), moves, numbers)
            if source not in split.speaker_by_label:
                raise ConflictError(
                    f"{source}: no word would be left to this speaker; choose fewer passages"
                )
            return split
        case ReassignWords(passages, None):
            require(meeting, *(passage.speaker for passage in passages))
            moves = [Relabelling(p.segment, p.speaker, label) for p in passages]
            return moved(_with_speaker(meeting, label), moves, numbers)
        case ReassignWords(passages, str(target)):
            require(meeting, target, *(passage.speaker for passage in passages))
            if all(passage.speaker == target for passage in passages):
                return meeting
            moves = [Relabelling(p.segment, p.speaker, target) for p in passages]
            return moved(meeting, moves, numbers)
        case Relabel(changes):
            require(meeting, *(c.before for c in changes), *(c.after for c in changes))
            return moved(meeting, changes, numbers)
    raise AssertionError(correction)


def _with_other_content(meeting: Meeting, correction: Correction) -> Meeting:  # noqa: PLR0911
    match correction:
        case ReplaceWords():
            return replaced(meeting, correction)
        case RemoveWords():
            return removed(meeting, correction)
        case MoveTurnBoundary():
            return boundary_moved(meeting, correction)
        case AddChapter():
            return chapter_added(meeting, correction)
        case MoveChapter():
            return chapter_moved(meeting, correction)
        case RemoveChapter():
            return chapter_removed(meeting, correction)
        case RenameChapter():
            return chapter_renamed(meeting, correction)
        case AddLine():
            return line_added(meeting, correction)
        case EditLine():
            return line_edited(meeting, correction)
        case RemoveLine():
            return line_removed(meeting, correction)
    raise TypeError(f"{type(correction).__name__}: not a correction")


def _with_speaker(meeting: Meeting, label: str) -> Meeting:
    return replace(meeting, speakers=(*meeting.speakers, Speaker(label)))
