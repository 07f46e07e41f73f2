"""What the page shows: frozen values, ready to be put into markup."""

from dataclasses import dataclass

from meeting_app.domain import JobState

NUM_SPEAKER_COLORS = 8


@dataclass(frozen=True, slots=True)
class SpeakerView:
    """A speaker as a coloured name."""

    label: str | None  # None for a voice nobody was heard with; it cannot be renamed
    name: str
    initials: str
    color: int  # 1..NUM_SPEAKER_COLORS; 0 is colourless
    share: int | None = None  # percent of all speaking time


@dataclass(frozen=True, slots=True)
class LibraryRow:
    """One meeting of the library."""

    id: str
    title: str
    length: str
    language: str | None
    speakers: tuple[SpeakerView, ...]
    created_at: str  # ISO 8601, UTC
    folder: str | None
    tags: tuple[str, ...]
    is_trashed: bool
    place: str  # of this line, to go on behind it


@dataclass(frozen=True, slots=True)
class OptionView:
    """A value to choose."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """A list of values of which one or none is chosen."""

    name: str  # as the page's address has it
    label: str  # says that none is chosen
    options: tuple[OptionView, ...]


@dataclass(frozen=True, slots=True)
class FilterView:
    """By what the library can be narrowed down."""

    choices: tuple[ChoiceView, ...]
    tags: tuple[str, ...]  # all there are, to be offered when one is typed
    folders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HitView:
    """A place where the words looked for were said, or something like them."""

    meeting_id: str
    meeting_title: str
    speaker: str
    start: float  # seconds
    clock: str
    excerpt: tuple[tuple[str, bool], ...]  # True marks a match
    created_at: str  # ISO 8601, UTC; of the meeting


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as a card."""

    id: str
    meeting_id: str
    filename: str
    state: JobState
    status: str
    percent: int
    remaining: str | None
    notices: tuple[str, ...]
    error: str | None
    created_at: str  # ISO 8601, UTC

    @property
    def is_active(self) -> bool:
        """Whether it can still be cancelled."""
        return not self.state.is_final

    @property
    def can_retry(self) -> bool:
        """Whether another try makes sense."""
        return self.state in (JobState.FAILED, JobState.CANCELLED)
