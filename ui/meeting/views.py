"""What the page of one meeting shows: frozen values, ready for markup and scripts."""

from dataclasses import dataclass

from meeting_app.domain.corrections import LinePlace
from ui.views import SpeakerView


@dataclass(frozen=True, slots=True)
class ProofView:
    """A link to the turn that proves a line of the minutes."""

    turn_id: int
    start: float  # seconds
    clock: str
    speaker: str


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of the minutes."""

    text: str
    place: LinePlace  # among the minutes, for corrections
    proofs: tuple[ProofView, ...]
    owner: str | None = None
    owner_label: str | None = None  # as it is stored: a label or a name
    due: str | None = None


@dataclass(frozen=True, slots=True)
class ChapterView:
    """A chapter with its summary."""

    number: int
    start: float  # seconds
    end: float  # seconds
    clock: str
    length: str
    title: str
    keywords: tuple[str, ...]
    gist: str | None  # its first statement; None where the minutes are silent
    leader: SpeakerView | None  # who speaks most in it; None when nobody is known to
    summary: tuple[LineView, ...]


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A stretch of the recording to jump to."""

    start: float  # seconds
    clock: str
    length: str


@dataclass(frozen=True, slots=True)
class SpeakerFigures:
    """One speaker's row of the statistics."""

    speaker: SpeakerView
    time: str
    words_per_minute: int | None
    num_turns: int
    num_questions: int
    num_interruptions: int
    num_interrupted: int
    monologue: PlaceView | None


@dataclass(frozen=True, slots=True)
class StatisticsView:
    """The meeting in numbers."""

    speakers: tuple[SpeakerFigures, ...]
    silence: str
    silence_share: int  # percent of the recording
    longest_silence: PlaceView | None
    overlap: str
    overlap_share: int  # percent of the recording
    num_questions: int
    num_interruptions: int


@dataclass(frozen=True, slots=True)
class MeetingView:
    """Everything of the page but the words themselves."""

    id: str
    title: str
    filename: str
    duration: float  # seconds
    length: str
    language: str | None  # its name in the language of the page
    language_code: str | None  # as an attribute `lang` has it
    created_at: str  # ISO 8601, UTC
    speakers: tuple[SpeakerView, ...]
    chapters: tuple[ChapterView, ...]
    decisions: tuple[LineView, ...]
    action_items: tuple[LineView, ...]
    statistics: StatisticsView
    formats: tuple[tuple[str, str], ...]  # (name, what it is)
