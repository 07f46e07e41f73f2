"""Statements about corrections: what was made of a meeting, and by which of them.

What a correction means is nobody's business here: it is a text that is kept. What it changed is
written row by row, so that one word of four hours costs one row. The caller owns the transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from meeting_app.domain import Meeting, SpeakerSegment, StoredMeeting, Turn
from meeting_app.domain.corrections import Numbering
from meeting_app.errors import StaleError
from storage import people, search
from storage.bases import body_of, meeting_of_body
from storage.mapping import fill_turn, parts_of, span_of, turn_row
from storage.meetings import meeting_row
from storage.positions import with_room
from storage.tables import (
    BaseRow,
    ChapterRow,
    CorrectionRow,
    MeetingRow,
    SpeakerRow,
    SpeakerSegmentRow,
    StatementRow,
    TurnRow,
)

_MOST_PARAMETERS = 500  # of one statement; SQLite takes a thousand


@dataclass(frozen=True, slots=True)
class KeptCorrection:
    """A correction as it is stored."""

    number: int  # in its meeting, from 1
    body: str
    author: str
    made_at: datetime  # UTC
    is_undone: bool
    is_dropped: bool
    undone_by: str | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class Editable:
    """A meeting and what comes next in it."""

    stored: StoredMeeting
    numbering: Numbering


@dataclass(frozen=True, slots=True)
class Change:
    """A meeting as it was read and as it is to be."""

    before: Meeting
    after: Meeting
    revision: int  # of ``before``
    numbering: Numbering  # after it
    kept: tuple[KeptCorrection, ...]  # those that are new or different now
    base: Meeting | None = None  # what the pipeline made; None leaves it, or takes ``before``


@dataclass(frozen=True, slots=True)
class KeptHistory:
    """How a meeting became what it is, as it is stored."""

    base: Meeting  # what the pipeline made
    numbering: Numbering  # after the corrections that count
    kept: tuple[KeptCorrection, ...]  # in order


def history(session: Session, meeting_id: str) -> tuple[KeptCorrection, ...]:
    """All corrections of a meeting, in order; none for an unknown one."""
    rows = session.scalars(
        select(CorrectionRow).filter_by(meeting_id=meeting_id).order_by(CorrectionRow.number)
    )
    return tuple(
        KeptCorrection(
            row.number,
            row.body,
            row.author,
            row.made_at,
            row.is_undone,
            row.is_dropped,
            row.undone_by,
            row.problem,
        )
        for row in rows
    )


def base(session: Session, meeting_id: str) -> Meeting | None:
    """What the pipeline made of a meeting; None while it was never corrected."""
    body = session.scalar(select(BaseRow.body).filter_by(meeting_id=meeting_id))
    return None if body is None else meeting_of_body(body)


def restore(session: Session, meeting_id: str, past: KeptHistory) -> None:
    """Keeps what was corrected in a meeting that has just come from elsewhere."""
    row = meeting_row(session, meeting_id)
    row.next_turn, row.next_speaker = past.numbering.next_turn, past.numbering.next_speaker
    session.add(BaseRow(meeting_id=meeting_id, body=body_of(past.base)))
    _keep_history(session, meeting_id, past.kept)
    session.flush()


def numbering(row: MeetingRow, meeting: Meeting) -> Numbering:
    """What comes next in the meeting of the row."""
    if row.next_turn is None or row.next_speaker is None:
        return Numbering.of(meeting)
    return Numbering(row.next_turn, row.next_speaker)


def write(session: Session, meeting_id: str, change: Change) -> int:
    """Makes the meeting what it is to be, index and history included; returns its revision.

    Raises:
        NotFoundError: there is no such meeting.
        StaleError: it was changed since it was read.
    """
    row = meeting_row(session, meeting_id)
    if row.revision != change.revision:
        raise StaleError(
            f"{row.title}: was changed elsewhere (revision {row.revision}, yours is "
            f"{change.revision}); look at it as it is now, then try again"
        )
    _keep_base(session, meeting_id, change)
    _keep_history(session, meeting_id, change.kept)
    _write_content(session, row, change.before, change.after)
    people.settle(session, meeting_id)
    row.revision += 1
    row.next_turn = change.numbering.next_turn
    row.next_speaker = change.numbering.next_speaker
    session.flush()
    return row.revision


def _keep_base(session: Session, meeting_id: str, change: Change) -> None:
    row = session.get(BaseRow, meeting_id)
    if row is None:
        body = body_of(change.before if change.base is None else change.base)
        session.add(BaseRow(meeting_id=meeting_id, body=body))
    elif change.base is not None:
        row.body = body_of(change.base)


def _keep_history(session: Session, meeting_id: str, kept: Sequence[KeptCorrection]) -> None:
    for item in kept:
        session.merge(
            CorrectionRow(
                meeting_id=meeting_id,
                number=item.number,
                body=item.body,
                author=item.author,
                made_at=item.made_at,
                is_undone=item.is_undone,
                is_dropped=item.is_dropped,
                undone_by=item.undone_by,
                problem=item.problem,
            )
        )


def _write_content(session: Session, row: MeetingRow, before: Meeting, after: Meeting) -> None:
    meeting_id = row.id
    parts = parts_of(meeting_id, replace(after, turns=(), speaker_segments=()))
    is_other_minutes = before.minutes != after.minutes
    if is_other_minutes:  # first, because a proof would go with the row of its turn
        session.execute(delete(StatementRow).filter_by(meeting_id=meeting_id))
    row.duration, row.language = float(after.duration), after.language
    if before.speakers != after.speakers:
        session.execute(delete(SpeakerRow).filter_by(meeting_id=meeting_id))
        session.add_all(parts.speakers)
    if before.chapters != after.chapters:
        session.execute(delete(ChapterRow).filter_by(meeting_id=meeting_id))
        session.add_all(parts.chapters)
    _write_segments(session, meeting_id, before.speaker_segments, after.speaker_segments)
    _write_turns(session, meeting_id, before, after)
    if is_other_minutes:
        session.add_all(parts.statements)
        session.flush()
        session.add_all(parts.evidence)
    _write_names(session, row, before, after)


def _write_names(session: Session, row: MeetingRow, before: Meeting, after: Meeting) -> None:
    if before.title != after.title:
        row.title = after.title
        search.index_title(session, row.id, after.title)
    for speaker in after.speakers:
        known = before.speaker_by_label.get(speaker.label)
        if known is not None and known.name != speaker.name:
            search.index_speaker(session, row.id, speaker.label, speaker.name)


def _write_turns(session: Session, meeting_id: str, before: Meeting, after: Meeting) -> None:
    """Only the rows of turns that differ."""
    changed = {t.id: t for t in after.turns if before.turn_by_id.get(t.id) != t}
    gone = [t.id for t in before.turns if t.id not in after.turn_by_id]
    numbers_now = [turn.id for turn in after.turns]
    if not changed and not gone and numbers_now == [turn.id for turn in before.turns]:
        return
    query = select(TurnRow.number, TurnRow.id, TurnRow.position).filter_by(meeting_id=meeting_id)
    known = {number: (row, position) for number, row, position in session.execute(query)}
    places = with_room([known[n][1] if n in known else None for n in numbers_now])
    moved = [
        {"row": known[number][0], "place": place}
        for number, place in zip(numbers_now, places, strict=True)
        if number in known and known[number][1] != place
    ]
    if moved:
        session.connection().execute(
            update(TurnRow.__table__)  # type: ignore[arg-type]
            .where(TurnRow.__table__.c.id == bindparam("row"))
            .values(position=bindparam("place")),
            moved,
        )
    for row in _turn_rows(session, meeting_id, gone):
        search.forget_turn(session, row)
        session.delete(row)
    rows = {row.number: row for row in _turn_rows(session, meeting_id, [*changed])}
    for row in rows.values():
        search.forget_turn(session, row)
        fill_turn(row, changed[row.number])
    place_of = dict(zip(numbers_now, places, strict=True))
    for number, turn in changed.items():
        if number not in rows:
            rows[number] = turn_row(meeting_id, place_of[number], turn)
            session.add(rows[number])
    session.flush()
    ordered: tuple[Turn, ...] = tuple(changed.values())
    search.index_meeting(
        session, replace(after, turns=ordered), [rows[turn.id] for turn in ordered]
    )


def _turn_rows(session: Session, meeting_id: str, numbers: Sequence[int]) -> list[TurnRow]:
    found: list[TurnRow] = []
    for first in range(0, len(numbers), _MOST_PARAMETERS):
        some = numbers[first : first + _MOST_PARAMETERS]
        query = select(TurnRow).filter_by(meeting_id=meeting_id).where(TurnRow.number.in_(some))
        found += session.scalars(query)
    return found


def _write_segments(
    session: Session,
    meeting_id: str,
    before: Sequence[SpeakerSegment],
    after: Sequence[SpeakerSegment],
) -> None:
    """Only the rows between the first and the last segment that differ."""
    if before == after:
        return
    shorter = min(len(before), len(after))
    first = next((i for i in range(shorter) if before[i] != after[i]), shorter)
    same_end = next(
        (i for i in range(shorter - first) if before[-1 - i] != after[-1 - i]), shorter - first
    )
    table: Any = SpeakerSegmentRow.__table__
    mine = table.c.meeting_id == meeting_id
    query = select(table.c.position).where(mine).order_by(table.c.position)
    positions = list(session.connection().execute(query).scalars())
    old = positions[first : len(before) - same_end]
    new = after[first : len(after) - same_end]
    places = with_room(
        [*positions[:first], *(None for _ in new), *positions[len(before) - same_end :]]
    )
    stay = (*positions[:first], *positions[len(before) - same_end :])
    if (*places[:first], *places[first + len(new) :]) != stay:  # no room: all are numbered anew
        session.connection().execute(delete(table).where(mine))
        _insert_segments(session, meeting_id, after, places)
        return
    if old:
        inside = table.c.position.between(old[0], old[-1])
        session.connection().execute(delete(table).where(mine, inside))
    _insert_segments(session, meeting_id, new, places[first : first + len(new)])


def _insert_segments(
    session: Session,
    meeting_id: str,
    segments: Sequence[SpeakerSegment],
    places: Sequence[int],
) -> None:
    rows = [
        {
            "meeting_id": meeting_id,
            "position": place,
            "speaker": item.speaker,
            **span_of(item.segment),
        }
        for item, place in zip(segments, places, strict=True)
    ]
    if rows:
        session.connection().execute(insert(SpeakerSegmentRow), rows)
