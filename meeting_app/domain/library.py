"""Meetings as the library lists, stores and finds them."""

from dataclasses import dataclass
from datetime import datetime

from pyannote.core import Segment

from meeting_app.domain.audio import Recording
from meeting_app.domain.meeting import Meeting


@dataclass(frozen=True, slots=True)
class StoredMeeting:
    """A meeting with its place in the library."""

    id: str
    meeting: Meeting
    recording: Recording
    created_at: datetime  # UTC
    revision: int = 0  # grows with every correction, and when one is undone


@dataclass(frozen=True, slots=True)
class LibraryEntry:
    """One line of the library, cheap to list."""

    id: str
    title: str
    duration: float  # seconds
    language: str | None
    speakers: tuple[str, ...]  # display names
    created_at: datetime  # UTC


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A turn that contains the words looked for."""

    meeting_id: str
    meeting_title: str
    turn_id: int
    speaker: str  # display name
    segment: Segment  # seconds
    excerpt: tuple[tuple[str, bool], ...]  # pieces of text; True marks a match
