"""Meetings that were read lately, because hours of talk take half a second to read.

A meeting is frozen and known by its revision, so that what is remembered is never out of date.
"""

import threading
from collections import OrderedDict

from sqlalchemy.orm import Session

from meeting_app.domain import Meeting, StoredMeeting
from storage.mapping import recording_of
from storage.meetings import read_meeting, recording_row
from storage.tables import MeetingRow

_MOST = 4  # meetings; one of four hours takes some thirty megabytes


class RecentMeetings:
    """The last few meetings that were read or written. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[int, Meeting]] = OrderedDict()

    def stored(self, session: Session, row: MeetingRow) -> StoredMeeting:
        """The meeting of the row, from memory if it is the same revision."""
        with self._lock:
            revision, meeting = self._known.get(row.id, (None, None))
        if meeting is None or revision != row.revision:
            stored = read_meeting(session, row.id)
            self.keep(row.id, row.revision, stored.meeting)
            return stored
        recording = recording_of(recording_row(session, row.recording_sha256), row.filename)
        return StoredMeeting(row.id, meeting, recording, row.created_at, row.revision)

    def keep(self, meeting_id: str, revision: int, meeting: Meeting) -> None:
        """Remembers a meeting, and forgets the one that was not asked for longest."""
        with self._lock:
            self._known[meeting_id] = (revision, meeting)
            self._known.move_to_end(meeting_id)
            while len(self._known) > _MOST:
                self._known.popitem(last=False)
