"""Statements about people and their names in all meetings; the caller owns the transaction.

A person is whoever has a name that a user gave to a speaker. All speakers of that name are this
person, so nothing but names has to be kept true when a meeting is corrected or run again.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import Select, delete, exists, func, insert, select, text, update
from sqlalchemy.orm import Session

from meeting_app.domain.people import Appearance, Person, PersonEntry
from meeting_app.errors import ConflictError, NotFoundError
from storage import names, search
from storage.tables import (
    JobRow,
    MeetingRow,
    PersonRow,
    SpeakerRow,
    SpeakerSegmentRow,
    StatementRow,
    VoiceprintRow,
)


def settle(session: Session, meeting_id: str) -> None:
    """Makes people and voiceprints agree with the names of a meeting that were just changed.

    New names become people. What was remembered of a voice here is forgotten when the name is
    gone from the meeting; so are people of whom nothing is left anywhere.
    """
    note_names(session, meeting_id)
    present = select(PersonRow.id).where(PersonRow.name.in_(_names_in(meeting_id)))
    session.execute(
        delete(VoiceprintRow).where(
            VoiceprintRow.meeting_id == meeting_id, VoiceprintRow.person_id.not_in(present)
        )
    )
    remove_unused(session)


def note_names(session: Session, meeting_id: str) -> None:
    """Makes people of the names of a meeting, each once."""
    session.flush()
    unknown = _names_in(meeting_id).where(SpeakerRow.name.not_in(select(PersonRow.name)))
    for name in sorted({name for name in session.scalars(unknown) if name is not None}):
        session.execute(insert(PersonRow).values(id=uuid.uuid4().hex, name=name))


def remove_unused(session: Session) -> None:
    """Forgets people without a speaker and without a voice."""
    is_named = exists().where(SpeakerRow.name == PersonRow.name)
    is_heard = exists().where(VoiceprintRow.person_id == PersonRow.id)
    session.execute(delete(PersonRow).where(~is_named, ~is_heard))


def person_row(session: Session, person_id: str) -> PersonRow:
    """One person.

    Raises:
        NotFoundError: there is none with that id.
    """
    row = session.get(PersonRow, person_id)
    if row is None:
        raise NotFoundError(f"{person_id}: no such person; see the list of people")
    return row


def person_named(session: Session, name: str) -> Person | None:
    """The person of that name, if there is one."""
    row = session.scalar(select(PersonRow).where(PersonRow.name == name))
    return None if row is None else Person(row.id, row.name)


def entries(session: Session) -> tuple[PersonEntry, ...]:
    """Everybody with the meetings in which they are named; who was heard latest comes first."""
    voices: dict[str, dict[str | None, float]] = defaultdict(dict)
    columns = (VoiceprintRow.person_id, VoiceprintRow.meeting_id, VoiceprintRow.seconds)
    for person_id, meeting_id, seconds in session.execute(select(*columns)):
        voices[person_id][meeting_id] = voices[person_id].get(meeting_id, 0.0) + seconds
    appearances = _appearances(session, {row.name: row.id for row in _people(session)}, voices)
    people = [
        PersonEntry(
            Person(row.id, row.name), tuple(appearances[row.name]), sum(voices[row.id].values())
        )
        for row in _people(session)
    ]
    people.sort(key=lambda entry: entry.person.name.casefold())
    people.sort(key=lambda e: e.last_heard.timestamp() if e.last_heard else 0.0, reverse=True)
    return tuple(people)


def _people(session: Session) -> Sequence[PersonRow]:
    return session.scalars(select(PersonRow)).all()


def _appearances(
    session: Session, ids: Mapping[str, str], voices: Mapping[str, Mapping[str | None, float]]
) -> dict[str, list[Appearance]]:
    """Name → meetings, latest first, without those in the trash."""
    heard = func.coalesce(func.sum(SpeakerSegmentRow.end - SpeakerSegmentRow.start), 0.0)
    found = (
        select(
            SpeakerRow.name,
            MeetingRow.id,
            MeetingRow.title,
            func.min(SpeakerRow.label),
            heard,
            MeetingRow.created_at,
        )
        .join(MeetingRow, MeetingRow.id == SpeakerRow.meeting_id)
        .join(JobRow, JobRow.meeting_id == MeetingRow.id)
        .outerjoin(
            SpeakerSegmentRow,
            (SpeakerSegmentRow.meeting_id == SpeakerRow.meeting_id)
            & (SpeakerSegmentRow.speaker == SpeakerRow.label),
        )
        .where(SpeakerRow.name.is_not(None), JobRow.trashed_at.is_(None))
        .group_by(SpeakerRow.name, MeetingRow.id)
        .order_by(MeetingRow.created_at.desc(), MeetingRow.id)
    )
    appearances: dict[str, list[Appearance]] = defaultdict(list)
    for name, meeting_id, title, label, seconds, created_at in session.execute(found):
        if name is not None:
            is_remembered = meeting_id in voices.get(ids.get(name, ""), {})
            appearances[name].append(
                Appearance(meeting_id, title, label, is_remembered, float(seconds), created_at)
            )
    return appearances


def names_to_expect(session: Session, meeting_id: str, num_others: int) -> tuple[str, ...]:
    """Names that may be said in a meeting: its own, then as many of the latest other meetings."""
    own = session.scalars(_names_in(meeting_id).order_by(SpeakerRow.position))
    named = [name for name in dict.fromkeys(own) if name is not None]
    others = (
        select(SpeakerRow.name)
        .join(MeetingRow, MeetingRow.id == SpeakerRow.meeting_id)
        .where(SpeakerRow.name.is_not(None), SpeakerRow.name.not_in(named))
        .group_by(SpeakerRow.name)
        .order_by(func.max(MeetingRow.created_at).desc(), SpeakerRow.name)
        .limit(num_others)
    )
    return (*named, *(name for name in session.scalars(others) if name is not None))


def rename(session: Session, person_id: str, name: str) -> None:
    """Gives a person another name, in every meeting.

    Raises:
        NotFoundError: there is no such person.
        ConflictError: somebody else has that name.
    """
    row = person_row(session, person_id)
    other = person_named(session, name)
    if other is not None and other.id != person_id:
        raise ConflictError(f"{name}: somebody else has that name; merge the two, or add a surname")
    _replace_name(session, row.name, name)
    row.name = name


def give_name_of(session: Session, person_id: str, into: str) -> None:
    """The speakers of one person become those of another; the voiceprints stay for now.

    Raises:
        NotFoundError: there is no such person.
    """
    row, kept = person_row(session, person_id), person_row(session, into)
    _replace_name(session, row.name, kept.name)


def forget_name(session: Session, person_id: str) -> None:
    """Takes a person's name away everywhere and forgets the person with the voiceprints.

    Raises:
        NotFoundError: there is no such person.
    """
    row = person_row(session, person_id)
    _replace_name(session, row.name, None)
    # FTS5 only notes that a word is gone; merging all of the index is what drops it.
    session.execute(text("INSERT INTO turns_fts (turns_fts) VALUES ('optimize')"))
    session.execute(text("INSERT INTO names_fts (names_fts) VALUES ('optimize')"))
    session.execute(delete(PersonRow).where(PersonRow.id == person_id))


def _names_in(meeting_id: str) -> Select[str | None]:
    return select(SpeakerRow.name).where(
        SpeakerRow.meeting_id == meeting_id, SpeakerRow.name.is_not(None)
    )


def _replace_name(session: Session, old: str, new: str | None) -> None:
    """In every meeting: its speakers, who took on a task, the index, and what undo goes back to."""
    names.note_change(session, old)
    names.replace_kept_name(session, old, new)
    speakers = select(SpeakerRow).where(SpeakerRow.name == old)
    for row in session.scalars(speakers).all():
        row.name = new
        search.index_speaker(session, row.meeting_id, row.label, new)
    session.execute(update(StatementRow).where(StatementRow.owner == old).values(owner=new))
    session.flush()
