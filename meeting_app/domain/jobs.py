"""Work that was asked for, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from meeting_app.domain.progress import Progress

MAX_SPEAKERS = 8  # the design is measured for 2 to 8; more is allowed and warned about
MOST_SPEAKERS = 32  # beyond this a hint is taken for a mistake


@dataclass(frozen=True, slots=True)
class SpeakerCount:
    """What the user knows about the number of speakers; inclusive bounds."""

    minimum: int = 1
    maximum: int = MAX_SPEAKERS
    expected: int | None = None  # the number the user believes in; a wish, not a bound

    def __post_init__(self) -> None:
        if not 1 <= self.minimum <= self.maximum <= MOST_SPEAKERS:
            raise ValueError(
                f"speakers {self.minimum} to {self.maximum}: "
                f"give bounds with 1 ≤ minimum ≤ maximum ≤ {MOST_SPEAKERS}"
            )
        if self.expected is not None and not self.minimum <= self.expected <= self.maximum:
            raise ValueError(
                f"about {self.expected} speakers: "
                f"give a number within the bounds {self.minimum} to {self.maximum}"
            )

    @classmethod
    def exactly(cls, count: int) -> "SpeakerCount":
        """The number is known."""
        return cls(count, count)

    @classmethod
    def about(cls, count: int) -> "SpeakerCount":
        """The number is believed; the bounds leave room for a wrong guess."""
        return cls(1, max(MAX_SPEAKERS, min(count + 2, MOST_SPEAKERS)), count)

    @property
    def is_exact(self) -> bool:
        """Whether there is nothing left to find out."""
        return self.minimum == self.maximum


@dataclass(frozen=True, slots=True)
class ProcessingOptions:
    """What the user asked for with one recording; the rest is configuration."""

    language: str | None = None  # ISO 639-1; None detects it
    speakers: SpeakerCount = SpeakerCount()
    asr_model: str | None = None  # a name of the catalogue; None takes the configured one
    hotwords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filing:
    """Where the meeting of a new recording is to be kept."""

    folder: str | None = None  # names with "/" between them
    tags: tuple[str, ...] = ()
    allows_duplicate: bool = False  # even if there is a meeting of the same bytes


UNFILED = Filing()
"""In no folder and without tags."""


class JobState(StrEnum):
    """Where a job stands; the last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen."""
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Job:
    """One request to turn a recording into a meeting."""

    id: str
    meeting_id: str  # known from submission on; the meeting is readable once the job is done
    filename: str  # of the recording
    options: ProcessingOptions
    state: JobState
    progress: Progress | None  # None until a worker has begun
    error: str | None  # why it failed, for the user's eyes
    num_attempts: int  # how often a worker took it up
    created_at: datetime  # UTC
    finished_at: datetime | None  # UTC
