"""Statements about meetings and recordings; the caller owns the transaction."""

from typing import Any, TypeVar

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from meeting_app.domain import Meeting, Recording, StoredMeeting
from meeting_app.errors import NotFoundError
from storage import people, search
from storage.mapping import MeetingParts, meeting_of, parts_of, recording_of
from storage.tables import (
    Base,
    ChapterRow,
    EvidenceRow,
    JobRow,
    MeetingRow,
    RecordingRow,
    SpeakerRow,
    SpeakerSegmentRow,
    StatementRow,
    TurnRow,
)

_AnyRow = TypeVar("_AnyRow", bound=Base)


def add_recording(session: Session, recording: Recording) -> None:
    """Makes the recording known, once."""
    if session.get(RecordingRow, recording.sha256) is None:
        session.add(
            RecordingRow(
                sha256=recording.sha256,
                num_bytes=recording.num_bytes,
                container=recording.container,
                codec=recording.codec,
                duration=recording.duration,
            )
        )
        session.flush()


def remove_recording_if_unused(session: Session, sha256: str) -> bool:
    """Forgets a recording that no job and no meeting refers to; says whether it did."""
    users = (
        exists().where(JobRow.recording_sha256 == sha256),
        exists().where(MeetingRow.recording_sha256 == sha256),
    )
    if any(session.scalar(select(user)) for user in users):
        return False
    session.execute(delete(RecordingRow).where(RecordingRow.sha256 == sha256))
    return True


def write_meeting(session: Session, job: JobRow, meeting: Meeting) -> None:
    """Stores what became of a job, full-text index included."""
    parts = parts_of(job.meeting_id, meeting)
    session.add(
        MeetingRow(
            id=job.meeting_id,
            recording_sha256=job.recording_sha256,
            filename=job.filename,
            title=meeting.title,
            duration=float(meeting.duration),
            language=meeting.language,
            created_at=job.created_at,
        )
    )
    session.flush()  # the parts refer to it
    session.add_all([*parts.speakers, *parts.speaker_segments, *parts.turns, *parts.chapters])
    session.add_all(parts.statements)
    session.flush()
    session.add_all(parts.evidence)
    session.flush()
    search.index_meeting(session, meeting, parts.turns)
    people.note_names(session, job.meeting_id)


def read_meeting(session: Session, meeting_id: str) -> StoredMeeting:
    """The whole meeting.

    Raises:
        NotFoundError: there is none with that id.
    """
    row = meeting_row(session, meeting_id)
    parts = MeetingParts(
        speakers=_rows(session, SpeakerRow, meeting_id, SpeakerRow.position),
        speaker_segments=_rows(session, SpeakerSegmentRow, meeting_id, SpeakerSegmentRow.position),
        turns=_rows(session, TurnRow, meeting_id, TurnRow.position),
        chapters=_rows(session, ChapterRow, meeting_id, ChapterRow.position),
        statements=_rows(session, StatementRow, meeting_id, StatementRow.position),
        evidence=_rows(
            session, EvidenceRow, meeting_id, EvidenceRow.statement, EvidenceRow.position
        ),
    )
    recording = recording_row(session, row.recording_sha256)
    return StoredMeeting(
        id=row.id,
        meeting=meeting_of(row, parts),
        recording=recording_of(recording, row.filename),
        created_at=row.created_at,
        revision=row.revision,
    )


def meeting_row(session: Session, meeting_id: str) -> MeetingRow:
    """The row of a meeting that is not in the trash.

    Raises:
        NotFoundError: there is none with that id, or it is in the trash.
    """
    row = any_meeting_row(session, meeting_id)
    trashed_at = select(JobRow.trashed_at).where(JobRow.meeting_id == meeting_id)
    if session.scalar(trashed_at) is not None:
        raise NotFoundError(f"{row.title}: the meeting is in the trash; restore it from there")
    return row


def any_meeting_row(session: Session, meeting_id: str) -> MeetingRow:
    """The row of a meeting, in the trash or not.

    Raises:
        NotFoundError: there is none with that id.
    """
    row = session.get(MeetingRow, meeting_id)
    if row is None:
        raise NotFoundError(f"{meeting_id}: no such meeting; see the library for what there is")
    return row


def recording_row(session: Session, sha256: str) -> RecordingRow:
    """The row of a recording that a meeting refers to."""
    return session.get_one(RecordingRow, sha256)


def remove_meeting(session: Session, meeting_id: str) -> None:
    """Forgets a meeting with all its parts, if there is one."""
    search.forget_meeting(session, meeting_id)
    session.execute(delete(MeetingRow).where(MeetingRow.id == meeting_id))
    people.remove_unused(session)


def _rows(
    session: Session, kind: type[_AnyRow], meeting_id: str, *order: InstrumentedAttribute[Any]
) -> list[_AnyRow]:
    return list(session.scalars(select(kind).filter_by(meeting_id=meeting_id).order_by(*order)))
