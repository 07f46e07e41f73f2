"""What REST answers and accepts, as OpenAPI documents it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from meeting_app.domain import (
    Filing,
    Job,
    JobState,
    LibraryEntry,
    LibraryPlace,
    ProcessingOptions,
    Progress,
    SearchHit,
    SpeakerCount,
    Stage,
    StoredMeeting,
)
from meeting_app.domain.corrections import MadeCorrection, to_redo, to_undo
from meeting_app.domain.jobs import MAX_SPEAKERS, MOST_SPEAKERS
from meeting_app.domain.live_messages import LiveEntry, LivePhase
from meeting_app.domain.quotes import Quote
from meeting_app.errors import ConfigError
from meeting_app.formats.corrections import correction_to_dict
from meeting_app.formats.options import DEFAULTS, ExportOptions, Part


class _Schema(BaseModel):
    """Unknown fields are an error: a misspelt one would otherwise do nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ErrorSchema(_Schema):
    """Any answer that is not a success."""

    error: str


class DuplicateSchema(ErrorSchema):
    """The library has a meeting of the bytes that were handed in."""

    meeting_id: str


class HealthSchema(_Schema):
    """The server is up."""

    status: str
    version: str


class ProgressSchema(_Schema):
    """How far a job has come."""

    stage: Stage
    stage_fraction: float
    fraction: float
    eta: float | None
    notices: tuple[str, ...]

    @classmethod
    def of(cls, progress: Progress) -> "ProgressSchema":
        """The same in JSON."""
        return cls(
            stage=progress.stage,
            stage_fraction=progress.stage_fraction,
            fraction=progress.fraction,
            eta=progress.eta,
            notices=progress.notices,
        )


class JobSchema(_Schema):
    """A recording on its way to becoming a meeting."""

    id: str
    meeting_id: str
    filename: str
    state: JobState
    progress: ProgressSchema | None
    error: str | None
    num_attempts: int
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, job: Job) -> "JobSchema":
        """The same in JSON."""
        return cls(
            id=job.id,
            meeting_id=job.meeting_id,
            filename=job.filename,
            state=job.state,
            progress=None if job.progress is None else ProgressSchema.of(job.progress),
            error=job.error,
            num_attempts=job.num_attempts,
            created_at=job.created_at,
            finished_at=job.finished_at,
        )


class LibraryEntrySchema(_Schema):
    """One meeting of the library."""

    id: str
    title: str
    duration: float
    language: str | None
    speakers: tuple[str, ...]
    created_at: datetime
    folder: str | None
    tags: tuple[str, ...]
    trashed_at: datetime | None
    place: str = Field(description="Give it as `after` to list what comes behind this one")

    @classmethod
    def of(cls, entry: LibraryEntry) -> "LibraryEntrySchema":
        """The same in JSON."""
        return cls(
            id=entry.id,
            title=entry.title,
            duration=entry.duration,
            language=entry.language,
            speakers=entry.speakers,
            created_at=entry.created_at,
            folder=entry.folder,
            tags=entry.tags,
            trashed_at=entry.trashed_at,
            place=str(LibraryPlace(entry.created_at, entry.id)),
        )


class LiveEntrySchema(_Schema):
    """A live meeting that is not in the library yet."""

    id: str
    phase: LivePhase
    title: str | None
    started_at: datetime
    position: float
    is_recorder_connected: bool

    @classmethod
    def of(cls, entry: LiveEntry) -> "LiveEntrySchema":
        """The same in JSON."""
        return cls(
            id=entry.id,
            phase=entry.phase,
            title=entry.title,
            started_at=datetime.fromtimestamp(entry.started_at, UTC),
            position=entry.position,
            is_recorder_connected=entry.is_recorder_connected,
        )


class PieceSchema(_Schema):
    """A part of an excerpt."""

    text: str
    is_match: bool


class SearchHitSchema(_Schema):
    """A turn that contains the words looked for."""

    meeting_id: str
    meeting_title: str
    turn_id: int
    speaker: str
    start: float
    end: float
    excerpt: tuple[PieceSchema, ...]
    created_at: datetime

    @classmethod
    def of(cls, hit: SearchHit) -> "SearchHitSchema":
        """The same in JSON."""
        return cls(
            meeting_id=hit.meeting_id,
            meeting_title=hit.meeting_title,
            turn_id=hit.turn_id,
            speaker=hit.speaker,
            start=hit.segment.start,
            end=hit.segment.end,
            excerpt=tuple(PieceSchema(text=text, is_match=match) for text, match in hit.excerpt),
            created_at=hit.created_at,
        )


class RenameMeetingSchema(_Schema):
    """A new title."""

    title: str


class RenameSpeakerSchema(_Schema):
    """A new name; null takes it away."""

    name: str | None


class ExportSchema(_Schema):
    """What a document is to hold; `docs/exports.md` says which format honours what."""

    timestamps: bool = Field(DEFAULTS.with_timestamps, description="With times")
    speakers: bool = Field(DEFAULTS.with_speakers, description="With who spoke")
    chapters: bool = Field(DEFAULTS.with_chapters, description="With headings of chapters")
    audio: bool = Field(DEFAULTS.with_audio, description="With the sound, for html and zip")
    history: bool = Field(
        DEFAULTS.with_history,
        description="With what was corrected and by whom, for json and zip",
    )
    voices: bool = Field(
        DEFAULTS.with_voices,
        description="With what the voices sound like, which is biometric data, for json and zip",
    )
    part: Part = Field(DEFAULTS.part, description="Only the minutes, or only what was said")
    chapter: int | None = Field(DEFAULTS.chapter, ge=1, description="Only this one, from 1")
    language: str = Field(DEFAULTS.language, description="Of headings: en or zh")

    def options(self) -> ExportOptions:
        """The same for the service.

        Raises:
            FormatError: there are no headings in that language.
        """
        return ExportOptions(
            with_timestamps=self.timestamps,
            with_speakers=self.speakers,
            with_chapters=self.chapters,
            with_audio=self.audio,
            with_history=self.history,
            with_voices=self.voices,
            part=self.part,
            chapter=self.chapter,
            language=self.language,
        )


class ExportManySchema(ExportSchema):
    """The same for several meetings."""

    id: list[str] = Field(max_length=1000, description="Of each meeting")


class RestoredSchema(_Schema):
    """A meeting that was taken in."""

    meeting_id: str
    title: str

    @classmethod
    def of(cls, stored: StoredMeeting) -> "RestoredSchema":
        """The same in JSON."""
        return cls(meeting_id=stored.id, title=stored.meeting.title)


class RevisionSchema(_Schema):
    """The revision of a meeting that the user sees."""

    revision: int


class MadeCorrectionSchema(_Schema):
    """A correction that somebody made."""

    number: int
    correction: dict[str, Any]
    author: str
    made_at: datetime
    is_undone: bool
    undone_by: str | None
    is_dropped: bool = Field(description="Undone for good: something else was corrected since")
    problem: str | None = Field(description="Why a later run left it without effect")

    @classmethod
    def of(cls, made: MadeCorrection) -> "MadeCorrectionSchema":
        """The same in JSON."""
        return cls(
            number=made.number,
            correction=correction_to_dict(made.correction),
            author=made.author,
            made_at=made.made_at,
            is_undone=made.is_undone,
            undone_by=made.undone_by,
            is_dropped=made.is_dropped,
            problem=made.problem,
        )


class CorrectedSchema(_Schema):
    """Where a meeting stands in its corrections."""

    revision: int
    can_undo: bool
    can_redo: bool

    @classmethod
    def of(cls, revision: int, history: Sequence[MadeCorrection]) -> "CorrectedSchema":
        """The same in JSON."""
        can_undo, can_redo = to_undo(history) is not None, to_redo(history) is not None
        return cls(revision=revision, can_undo=can_undo, can_redo=can_redo)


class CorrectionsSchema(_Schema):
    """All corrections of a meeting, in order."""

    state: CorrectedSchema
    corrections: tuple[MadeCorrectionSchema, ...]

    @classmethod
    def of(cls, revision: int, history: Sequence[MadeCorrection]) -> "CorrectionsSchema":
        """The same in JSON."""
        return cls(
            state=CorrectedSchema.of(revision, history),
            corrections=tuple(MadeCorrectionSchema.of(made) for made in history),
        )


class QuoteSchema(_Schema):
    """A sentence to know a speaker by."""

    speaker: str
    start: float
    end: float
    text: str

    @classmethod
    def of(cls, quote: Quote) -> "QuoteSchema":
        """The same in JSON."""
        segment = quote.segment
        return cls(speaker=quote.speaker, start=segment.start, end=segment.end, text=quote.text)


class OptionsSchema(_Schema):
    """What is known about a recording before it is processed."""

    language: str | None = Field(None, pattern="^[a-z]{2,3}$", description="ISO 639; else detected")
    min_speakers: int | None = Field(None, ge=1, le=MOST_SPEAKERS)
    max_speakers: int | None = Field(None, ge=1, le=MOST_SPEAKERS)
    about_speakers: int | None = Field(
        None, ge=1, le=MOST_SPEAKERS, description="A guess that may be wrong; without bounds"
    )
    asr_model: str | None = Field(None, max_length=200)
    hotwords: tuple[str, ...] = Field((), max_length=200)
    folder: str | None = Field(None, max_length=500)
    tag: tuple[str, ...] = Field((), max_length=50)
    allow_duplicate: bool = Field(False, description="Even if there is a meeting of these bytes")

    @field_validator("about_speakers")
    @classmethod
    def _is_alone(cls, count: int | None, info: ValidationInfo) -> int | None:
        # The bounds stand above it, so they are known by now; none of them can be zero.
        if count and (info.data.get("min_speakers") or info.data.get("max_speakers")):
            raise PydanticCustomError(
                "conflict", "give about_speakers, or min_speakers and max_speakers"
            )
        return count

    def options(self) -> ProcessingOptions:
        """The same for the service.

        Raises:
            ConfigError: more speakers at least than at most.
        """
        words = tuple(word.strip() for word in self.hotwords if word.strip())
        return ProcessingOptions(self.language, self._speakers(), self.asr_model, words)

    def filing(self) -> Filing:
        """Where the meeting is to be kept."""
        return Filing(self.folder, self.tag, self.allow_duplicate)

    def _speakers(self) -> SpeakerCount:
        if self.about_speakers is not None:
            return SpeakerCount.about(self.about_speakers)
        minimum = self.min_speakers or 1
        maximum = self.max_speakers or max(MAX_SPEAKERS, minimum)
        try:
            return SpeakerCount(minimum, maximum)
        except ValueError as error:
            raise ConfigError(str(error)) from error


class UploadSchema(OptionsSchema):
    """What a recording is called and what is known about it."""

    filename: str = Field(min_length=1, max_length=500)
    title: str | None = Field(None, max_length=500)
