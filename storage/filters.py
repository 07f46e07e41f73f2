"""What the user narrows library and search down to, as conditions on meetings."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Select, exists, or_, select

from meeting_app.domain import SearchFilters
from storage.tables import JobRow, MeetingRow, SpeakerRow, TagRow

FOLDER_SEPARATOR = "/"


def chosen_meetings(filters: SearchFilters) -> Select[str]:
    """The ids of the meetings that ``filters`` leaves over, in no order."""
    return (
        select(MeetingRow.id)
        .join(JobRow, JobRow.meeting_id == MeetingRow.id)
        .where(*conditions(filters))
    )


def conditions(filters: SearchFilters) -> Iterator[ColumnElement[bool]]:
    """What a meeting and its job must fulfil; both tables are in the statement."""
    yield JobRow.trashed_at.is_not(None) if filters.is_trashed else JobRow.trashed_at.is_(None)
    if filters.since is not None:
        yield MeetingRow.created_at >= filters.since
    if filters.until is not None:
        yield MeetingRow.created_at < filters.until
    if filters.min_duration is not None:
        yield MeetingRow.duration >= filters.min_duration
    if filters.max_duration is not None:
        yield MeetingRow.duration <= filters.max_duration
    if filters.language is not None:
        yield MeetingRow.language == filters.language
    if filters.folder is not None:
        below = JobRow.folder.startswith(filters.folder + FOLDER_SEPARATOR, autoescape=True)
        yield or_(JobRow.folder == filters.folder, below)
    for tag in filters.tags:
        yield exists().where(TagRow.meeting_id == MeetingRow.id, TagRow.tag == tag)
    if filters.speaker is not None:
        yield exists().where(
            SpeakerRow.meeting_id == MeetingRow.id, SpeakerRow.name == filters.speaker
        )
