"""Topics begin elsewhere, or are called otherwise; they never leave a gap and never cut a turn."""

from collections.abc import Sequence
from dataclasses import replace

from pyannote.core import Segment

from meeting_app.domain.corrections.commands import (
    AddChapter,
    MoveChapter,
    RemoveChapter,
    RenameChapter,
)
from meeting_app.domain.meeting import Chapter, Meeting
from meeting_app.errors import ConflictError

_SAME_CHAPTER = 2.0  # seconds; a chapter of a later run may begin so far away


def chapter_added(meeting: Meeting, correction: AddChapter) -> Meeting:
    """The chapter there is cut in two; the second part gets the title.

    Raises:
        ConflictError: a chapter begins there already.
    """
    start = _turn_start(meeting, correction.start)
    if not meeting.chapters:
        whole = Segment(0.0, meeting.duration)
        return replace(meeting, chapters=(Chapter(whole, correction.title, ()),))
    index = max((i for i, c in enumerate(meeting.chapters) if c.segment.start <= start), default=0)
    cut = meeting.chapters[index]
    _require_inside(start, cut.segment)
    first = replace(cut, segment=Segment(cut.segment.start, start))
    second = Chapter(Segment(start, cut.segment.end), correction.title, ())
    return _with(
        meeting, [*meeting.chapters[:index], first, second, *meeting.chapters[index + 1 :]]
    )


def chapter_moved(meeting: Meeting, correction: MoveChapter) -> Meeting:
    """The chapter begins elsewhere, between its neighbours' beginnings.

    Raises:
        ConflictError: there is no such chapter, it is the first, or it would pass a neighbour.
    """
    index = _index(meeting, correction.start)
    if index == 0:
        raise ConflictError("the first chapter begins with the recording; move another one")
    before, chapter = meeting.chapters[index - 1], meeting.chapters[index]
    start = _turn_start(meeting, correction.to)
    _require_inside(start, before.segment | chapter.segment)
    chapters = list(meeting.chapters)
    chapters[index - 1] = replace(before, segment=Segment(before.segment.start, start))
    chapters[index] = replace(chapter, segment=Segment(start, chapter.segment.end))
    return _with(meeting, chapters)


def chapter_removed(meeting: Meeting, correction: RemoveChapter) -> Meeting:
    """The chapter before takes its time over, or for the first the chapter after it.

    Raises:
        ConflictError: there is no such chapter, or no other.
    """
    index = _index(meeting, correction.start)
    if len(meeting.chapters) == 1:
        raise ConflictError("it is the only chapter; give it another title instead")
    chapters = list(meeting.chapters)
    gone = chapters.pop(index)
    heir = max(0, index - 1)
    chapters[heir] = replace(chapters[heir], segment=chapters[heir].segment | gone.segment)
    return _with(meeting, chapters)


def chapter_renamed(meeting: Meeting, correction: RenameChapter) -> Meeting:
    """The chapter gets another title.

    Raises:
        ConflictError: there is no such chapter.
    """
    index = _index(meeting, correction.start)
    chapters = list(meeting.chapters)
    chapters[index] = replace(chapters[index], title=correction.title)
    return _with(meeting, chapters)


def _with(meeting: Meeting, chapters: Sequence[Chapter]) -> Meeting:
    return replace(meeting, chapters=tuple(chapters))


def _index(meeting: Meeting, start: float) -> int:
    def distance(index: int) -> float:
        return abs(float(meeting.chapters[index].segment.start) - start)

    nearest = min(range(len(meeting.chapters)), key=distance, default=None)
    if nearest is None or distance(nearest) > _SAME_CHAPTER:
        raise ConflictError(
            f"{start:.2f} s: no chapter begins there; look at the meeting as it is now"
        )
    return nearest


def _turn_start(meeting: Meeting, start: float) -> float:
    """The beginning of a turn that is nearest; there is one to every chapter."""
    starts = (float(turn.segment.start) for turn in meeting.turns)
    return min(starts, key=lambda found: abs(found - start), default=start)


def _require_inside(start: float, segment: Segment) -> None:
    if not segment.start < start < segment.end:
        raise ConflictError(
            f"{start:.2f} s: a chapter there would be without a turn; choose a turn between "
            f"{segment.start:.2f} s and {segment.end:.2f} s"
        )
