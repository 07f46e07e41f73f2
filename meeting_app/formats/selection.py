"""One chapter of a meeting, as a meeting."""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from meeting_app.domain import (
    ActionItem,
    Chapter,
    Decision,
    Meeting,
    Minutes,
    SpeakerSegment,
    Statement,
)
from meeting_app.errors import FormatError

_Line = TypeVar("_Line", Statement, Decision, ActionItem)


def chapter_at(chapters: Sequence[Chapter], seconds: float) -> int:
    """The place among ``chapters`` of the one that a moment belongs to.

    It is the last that begins no later, or the first one: nothing belongs to none.
    """
    return max(0, bisect_right(chapters, seconds, key=lambda c: c.segment.start) - 1)


def only_chapter(meeting: Meeting, number: int) -> Meeting:
    """The meeting without anything that lies outside one chapter.

    Times stay those of the recording, and so does the duration.

    Args:
        meeting: the whole of it.
        number: of the chapter, counted from 1.

    Raises:
        FormatError: there is no such chapter; says how many there are.
    """
    if not 1 <= number <= len(meeting.chapters):
        raise FormatError(
            f"chapter {number}: this meeting has {len(meeting.chapters)}; choose one of them"
        )
    chapter = meeting.chapters[number - 1]
    turns = tuple(
        turn
        for turn in meeting.turns
        if chapter_at(meeting.chapters, turn.segment.start) == number - 1
    )
    segments = tuple(_inside(meeting.speaker_segments, chapter))
    heard = {turn.speaker for turn in turns} | {item.speaker for item in segments}
    return replace(
        meeting,
        speakers=tuple(speaker for speaker in meeting.speakers if speaker.label in heard),
        speaker_segments=segments,
        turns=turns,
        chapters=(chapter,),
        minutes=_proven_in(meeting.minutes, {turn.id for turn in turns}),
    )


def _inside(segments: Sequence[SpeakerSegment], chapter: Chapter) -> Iterator[SpeakerSegment]:
    for item in segments:
        common = item.segment & chapter.segment
        if common:
            yield SpeakerSegment(common, item.speaker)


def _proven_in(minutes: Minutes, turns: Collection[int]) -> Minutes:
    """The lines whose first proof is among ``turns``, and their proofs that are."""

    def kept(lines: Sequence[_Line]) -> tuple[_Line, ...]:
        return tuple(
            replace(line, evidence=tuple(turn for turn in line.evidence if turn in turns))
            for line in lines
            if line.evidence[0] in turns
        )

    return Minutes(kept(minutes.summary), kept(minutes.decisions), kept(minutes.action_items))
