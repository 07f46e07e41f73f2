"""Meetings as the library lists, stores and finds them."""

from dataclasses import dataclass
from datetime import datetime

from pyannote.core import Segment

from meeting_app.domain.audio import Recording
from meeting_app.domain.meeting import Meeting

UNDERSTOOD_LANGUAGES = ("en",)
"""Whose passages can be found by meaning: those the sentence encoder was trained on."""


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
    folder: str | None = None  # names with "/" between them
    tags: tuple[str, ...] = ()  # in alphabetical order
    trashed_at: datetime | None = None  # UTC; None while it is not in the trash


@dataclass(frozen=True, slots=True)
class SearchFilters:
    """Which meetings are looked at; what is None or empty leaves nothing out."""

    speaker: str | None = None  # a name; of a search, only what that person said
    since: datetime | None = None  # added then or later
    until: datetime | None = None  # added before
    min_duration: float | None = None  # seconds
    max_duration: float | None = None  # seconds
    language: str | None = None  # ISO 639-1
    tags: tuple[str, ...] = ()  # a meeting has all of them
    folder: str | None = None  # that one and those in it
    is_trashed: bool = False  # the trash instead of the library


EVERYTHING = SearchFilters()
"""All meetings outside the trash."""


@dataclass(frozen=True, slots=True)
class LibraryPlace:
    """A place between two lines of the library, which stays where it is when others come."""

    created_at: datetime  # UTC, of the line before it
    id: str

    def __str__(self) -> str:
        """As an address can hold it."""
        return f"{self.created_at.isoformat()}_{self.id}"

    @classmethod
    def parse(cls, text: str) -> "LibraryPlace":
        """What ``str`` made of a place.

        Raises:
            ValueError: it is none.
        """
        moment, _, meeting_id = text.partition("_")
        created_at = datetime.fromisoformat(moment)
        if created_at.tzinfo is None or not meeting_id:
            raise ValueError(f"{text!r}: no place in the library; take one it has given out")
        return cls(created_at, meeting_id)


@dataclass(frozen=True, slots=True)
class Facet:
    """A value by which meetings can be chosen."""

    value: str
    num_meetings: int


@dataclass(frozen=True, slots=True)
class Facets:
    """All values by which the meetings outside the trash can be chosen, alphabetically."""

    speakers: tuple[Facet, ...]  # who has a name
    languages: tuple[Facet, ...]
    tags: tuple[Facet, ...]
    folders: tuple[Facet, ...]  # with those above them


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A turn that contains the words looked for, or a passage that means the like."""

    meeting_id: str
    meeting_title: str
    turn_id: int  # the passage's first
    speaker: str  # display name; of a passage, who says most of it
    segment: Segment  # seconds
    excerpt: tuple[tuple[str, bool], ...]  # pieces of text; True marks a match
    created_at: datetime  # UTC, of the meeting


@dataclass(frozen=True, slots=True)
class KnownRecording:
    """That the library has a meeting of the same bytes, or will have one."""

    meeting_id: str
    title: str
    is_trashed: bool
