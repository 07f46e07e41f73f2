"""Statements about where meetings stand: the list of them, folders, tags and the trash.

The caller owns the transaction.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, insert, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from meeting_app.domain import (
    Facet,
    Facets,
    LibraryEntry,
    LibraryPlace,
    SearchFilters,
    Speaker,
)
from meeting_app.errors import NotFoundError
from storage import search
from storage.filters import FOLDER_SEPARATOR, conditions
from storage.meetings import any_meeting_row, meeting_row, read_meeting
from storage.tables import JobRow, MeetingRow, SpeakerRow, TagRow, TurnRow

_MEETINGS: Select[*tuple[Any, ...]] = (
    select(MeetingRow, JobRow.folder, JobRow.trashed_at)
    .join(JobRow, JobRow.meeting_id == MeetingRow.id)
    .order_by(MeetingRow.created_at.desc(), MeetingRow.id)
)


def entries(
    session: Session,
    filters: SearchFilters,
    limit: int | None = None,
    after: LibraryPlace | None = None,
) -> tuple[LibraryEntry, ...]:
    """Meetings, newest first; at most ``limit`` of them, from behind ``after`` on."""
    listed = _MEETINGS.where(*conditions(filters)).limit(limit)
    return _entries(session, listed if after is None else listed.where(_is_behind(after)))


def entry(session: Session, meeting_id: str) -> LibraryEntry:
    """The line of one meeting.

    Raises:
        NotFoundError: there is none with that id, or it is in the trash.
    """
    row = meeting_row(session, meeting_id)
    (found,) = _entries(session, _MEETINGS.where(MeetingRow.id == row.id))
    return found


def _entries(session: Session, listed: Select[*tuple[Any, ...]]) -> tuple[LibraryEntry, ...]:
    rows = session.execute(listed).all()
    ids = [row.MeetingRow.id for row in rows]
    names, tags = _names(session, ids), _tags(session, ids)
    return tuple(
        LibraryEntry(
            id=row.MeetingRow.id,
            title=row.MeetingRow.title,
            duration=row.MeetingRow.duration,
            language=row.MeetingRow.language,
            speakers=tuple(names[row.MeetingRow.id]),
            created_at=row.MeetingRow.created_at,
            folder=row.folder,
            tags=tuple(tags[row.MeetingRow.id]),
            trashed_at=row.trashed_at,
        )
        for row in rows
    )


def facets(session: Session) -> Facets:
    """By what the meetings outside the trash can be chosen."""
    folders: Counter[str] = Counter()
    for facet in _counted(session, JobRow.folder):
        for path in accumulate(facet.value.split(FOLDER_SEPARATOR), "{}/{}".format):
            folders[path] += facet.num_meetings
    return Facets(
        speakers=_counted(session, SpeakerRow.name),
        languages=_counted(session, MeetingRow.language),
        tags=_counted(session, TagRow.tag),
        folders=tuple(Facet(path, folders[path]) for path in sorted(folders)),
    )


def tag(session: Session, meeting_ids: Sequence[str], tags: Iterable[str]) -> None:
    """Puts tags on meetings, or on what will become of jobs.

    Raises:
        NotFoundError: one of them is not there.
    """
    _refuse_unknown(session, meeting_ids)
    held = _tags(session, meeting_ids)
    new = [
        {"meeting_id": meeting_id, "tag": name}
        for meeting_id in dict.fromkeys(meeting_ids)
        for name in dict.fromkeys(tags)
        if name not in held[meeting_id]
    ]
    if new:
        session.execute(insert(TagRow), new)


def untag(session: Session, meeting_ids: Sequence[str], tags: Iterable[str]) -> None:
    """Takes tags off meetings. Raises NotFoundError as ``tag`` does."""
    _refuse_unknown(session, meeting_ids)
    session.execute(
        delete(TagRow).where(TagRow.meeting_id.in_(meeting_ids), TagRow.tag.in_(tuple(tags)))
    )


def move(session: Session, meeting_ids: Sequence[str], folder: str | None) -> None:
    """Puts meetings into a folder, or out of any. Raises NotFoundError as ``tag`` does."""
    _refuse_unknown(session, meeting_ids)
    session.execute(update(JobRow).where(JobRow.meeting_id.in_(meeting_ids)).values(folder=folder))


def trash(session: Session, job: JobRow) -> None:
    """Puts the job's meeting into the trash: it is neither listed nor found any more."""
    if job.trashed_at is None:
        job.trashed_at = datetime.now(UTC)
        search.forget_meeting(session, job.meeting_id)


def restore(session: Session, meeting_id: str) -> None:
    """Takes a meeting out of the trash, if it is in there.

    Raises:
        NotFoundError: there is no such meeting.
    """
    any_meeting_row(session, meeting_id)
    job = session.scalars(select(JobRow).where(JobRow.meeting_id == meeting_id)).one()
    if job.trashed_at is None:
        return
    job.trashed_at = None
    session.flush()
    turns = select(TurnRow).filter_by(meeting_id=meeting_id).order_by(TurnRow.position)
    meeting = read_meeting(session, meeting_id).meeting
    search.index_meeting(session, meeting, session.scalars(turns).all())


def trashed_before(session: Session, moment: datetime) -> tuple[str, ...]:
    """Ids of meetings that have been in the trash since before ``moment``."""
    return tuple(session.scalars(select(JobRow.meeting_id).where(JobRow.trashed_at < moment)))


def _is_behind(place: LibraryPlace) -> ColumnElement[bool]:
    return or_(
        MeetingRow.created_at < place.created_at,
        and_(MeetingRow.created_at == place.created_at, MeetingRow.id > place.id),
    )


def _counted(session: Session, column: InstrumentedAttribute[Any]) -> tuple[Facet, ...]:
    """The values of a column of meetings, jobs, speakers or tags, each with its meetings."""
    query: Select[Any] = (
        select(column, func.count(MeetingRow.id.distinct()))
        .select_from(MeetingRow)
        .join(JobRow, JobRow.meeting_id == MeetingRow.id)
        .where(JobRow.trashed_at.is_(None), column.is_not(None))
        .group_by(column)
    )
    if column.class_ in (SpeakerRow, TagRow):
        query = query.join(column.class_, column.class_.meeting_id == MeetingRow.id)
    found = [Facet(value, count) for value, count in session.execute(query)]
    return tuple(sorted(found, key=lambda facet: (facet.value.casefold(), facet.value)))


def _names(session: Session, ids: Sequence[str]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = defaultdict(list)
    query = select(SpeakerRow).where(SpeakerRow.meeting_id.in_(ids)).order_by(SpeakerRow.position)
    for row in session.scalars(query):
        names[row.meeting_id].append(Speaker(row.label, row.name).display_name)
    return names


def _tags(session: Session, ids: Sequence[str]) -> dict[str, list[str]]:
    tags: dict[str, list[str]] = defaultdict(list)
    query = select(TagRow).where(TagRow.meeting_id.in_(ids)).order_by(TagRow.tag)
    for row in session.scalars(query):
        tags[row.meeting_id].append(row.tag)
    return tags


def _refuse_unknown(session: Session, meeting_ids: Sequence[str]) -> None:
    known = set(
        session.scalars(select(JobRow.meeting_id).where(JobRow.meeting_id.in_(meeting_ids)))
    )
    for meeting_id in meeting_ids:
        if meeting_id not in known:
            raise NotFoundError(f"{meeting_id}: no such meeting; see the library for what there is")
