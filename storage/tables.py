"""The tables, as SQLAlchemy knows them; nothing outside ``storage`` sees a row."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# Named constraints, because a later migration can only change what has a name.
_NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time: aware and in UTC for Python, naive in the database, which has no zones."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Towards the database."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database."""
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """What all tables share."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own way to configure
        datetime: UtcDateTime,
        float: Double,
        list[Any]: JSON,
        bytes: LargeBinary,
    }


class RecordingRow(Base):
    """The bytes of a media file, once, however often and under whatever names it came."""

    __tablename__ = "recordings"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    num_bytes: Mapped[int] = mapped_column(BigInteger)
    container: Mapped[str]
    codec: Mapped[str]
    duration: Mapped[float | None]  # seconds


class JobRow(Base):
    """A request, from submission until its meeting is deleted."""

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="state"
        ),
        Index("ix_jobs_state_created_at", "state", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    meeting_id: Mapped[str] = mapped_column(String(32), unique=True)
    recording_sha256: Mapped[str] = mapped_column(ForeignKey("recordings.sha256"), index=True)
    filename: Mapped[str]
    title: Mapped[str]
    language: Mapped[str | None]
    min_speakers: Mapped[int]
    max_speakers: Mapped[int]
    expected_speakers: Mapped[int | None]
    asr_model: Mapped[str | None]
    hotwords: Mapped[list[Any]]  # of str
    folder: Mapped[str | None] = mapped_column(index=True)  # where its meeting is put
    trashed_at: Mapped[datetime | None] = mapped_column(index=True)  # its meeting, by the user
    state: Mapped[str]
    stage: Mapped[str | None]
    stage_fraction: Mapped[float | None]
    fraction: Mapped[float | None]
    eta: Mapped[float | None]  # seconds
    notices: Mapped[list[Any] | None]  # of str
    error: Mapped[str | None]
    num_attempts: Mapped[int]
    is_cancel_requested: Mapped[bool]
    lease_token: Mapped[str | None]  # whose claim it is, while running
    lease_until: Mapped[float | None]  # seconds since 1970, UTC
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class JobDraftRow(Base):
    """The last checkpoint of a job that is not done."""

    __tablename__ = "job_drafts"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    body: Mapped[str] = mapped_column(Text)


class TagRow(Base):
    """A word under which the user keeps a meeting, from submission on."""

    __tablename__ = "tags"

    meeting_id: Mapped[str] = mapped_column(
        ForeignKey("jobs.meeting_id", ondelete="CASCADE"), primary_key=True
    )
    tag: Mapped[str] = mapped_column(primary_key=True, index=True)


class MeetingRow(Base):
    """A finished meeting."""

    __tablename__ = "meetings"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    recording_sha256: Mapped[str] = mapped_column(ForeignKey("recordings.sha256"), index=True)
    filename: Mapped[str]
    title: Mapped[str]
    duration: Mapped[float]  # seconds
    language: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(index=True)
    revision: Mapped[int] = mapped_column(server_default="0")  # grows with every change
    next_turn: Mapped[int | None]  # number of the next new turn; None before any correction
    next_speaker: Mapped[int | None]  # of the next new label; None before any correction


class BaseRow(Base):
    """What the pipeline made of a meeting that was corrected since."""

    __tablename__ = "meeting_bases"

    meeting_id: Mapped[str] = mapped_column(
        ForeignKey("meetings.id", ondelete="CASCADE"), primary_key=True
    )
    body: Mapped[str] = mapped_column(Text)


class CorrectionRow(Base):
    """What somebody corrected."""

    __tablename__ = "corrections"

    meeting_id: Mapped[str] = mapped_column(
        ForeignKey("meetings.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)  # in its meeting, from 1
    body: Mapped[str] = mapped_column(Text)
    author: Mapped[str]
    made_at: Mapped[datetime]
    is_undone: Mapped[bool]
    is_dropped: Mapped[bool]  # undone, and something else was corrected since
    undone_by: Mapped[str | None]
    problem: Mapped[str | None]  # why it has no effect since a later run


class SpeakerRow(Base):
    """A voice of a meeting."""

    __tablename__ = "speakers"
    __table_args__ = (Index("ix_speakers_name", "name"),)

    meeting_id: Mapped[str] = mapped_column(
        ForeignKey("meetings.id", ondelete="CASCADE"), primary_key=True
    )
    label: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    name: Mapped[str | None]


class PersonRow(Base):
    """Somebody whom a user has named; speakers of that name are this person."""

    __tablename__ = "people"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class VoiceprintRow(Base):
    """What a person sounded like in one meeting, encrypted; see ``storage.sealing``."""

    __tablename__ = "voiceprints"
    __table_args__ = (UniqueConstraint("person_id", "meeting_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    meeting_id: Mapped[str | None] = mapped_column(
        ForeignKey("meetings.id", ondelete="SET NULL"), index=True
    )
    model: Mapped[str]
    seconds: Mapped[float]  # of speech behind it
    sealed: Mapped[bytes]  # little-endian float32 values, encrypted
    created_at: Mapped[datetime]


class VoiceConsentRow(Base):
    """That the user wants voices to be remembered; there is one row, or none."""

    __tablename__ = "voice_consent"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    given_at: Mapped[datetime]


class SpeakerSegmentRow(Base):
    """A stretch in which one voice is heard."""

    __tablename__ = "speaker_segments"

    meeting_id: Mapped[str] = mapped_column(
        ForeignKey("meetings.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    start: Mapped[float]  # seconds
    end: Mapped[float]  # seconds
    speaker: Mapped[str]


class TurnRow(Base):
    """A turn; its words are one value, because they are only ever read together.

    A row for each of the 40,000 words of a long meeting would take ten times as long to load.
    """

    __tablename__ = "turns"
    __table_args__ = (
        UniqueConstraint("meeting_id", "number"),
        Index("ix_turns_meeting_id_speaker", "meeting_id", "speaker"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)  # of the library; the index goes by it
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"))
    position: Mapped[int]
    number: Mapped[int]  # the turn's id inside its meeting
    speaker: Mapped[str | None]
    start: Mapped[float]  # seconds
    end: Mapped[float]  # seconds
    words: Mapped[list[Any]]  # starts, ends, probabilities, texts; a list each


class ChapterRow(Base):
    """A topic."""

    __tablename__ = "chapters"

    meeting_id: Mapped[str] = mapped_column(
        ForeignKey("meetings.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    start: Mapped[float]  # seconds
    end: Mapped[float]  # seconds
    title: Mapped[str]
    keywords: Mapped[list[Any]]  # of str


class StatementRow(Base):
    """A line of the minutes."""

    __tablename__ = "statements"
    __table_args__ = (CheckConstraint("kind IN ('summary', 'decision', 'action')", name="kind"),)

    meeting_id: Mapped[str] = mapped_column(
        ForeignKey("meetings.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)  # counted through all kinds
    kind: Mapped[str]
    text: Mapped[str]
    owner: Mapped[str | None]
    due: Mapped[str | None]


class EvidenceRow(Base):
    """That a turn proves a line of the minutes."""

    __tablename__ = "evidence"
    __table_args__ = (
        ForeignKeyConstraint(
            ["meeting_id", "statement"],
            ["statements.meeting_id", "statements.position"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["meeting_id", "turn"],
            ["turns.meeting_id", "turns.number"],
            name="fk_evidence_turn",
            ondelete="CASCADE",
        ),
        Index("ix_evidence_meeting_id_turn", "meeting_id", "turn"),
    )

    meeting_id: Mapped[str] = mapped_column(primary_key=True)
    statement: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    turn: Mapped[int]  # number of the turn


class PassagesRow(Base):
    """What the passages of a meeting mean; one value, because it is only read as a whole."""

    __tablename__ = "passages"

    meeting_id: Mapped[str] = mapped_column(
        ForeignKey("meetings.id", ondelete="CASCADE"), primary_key=True
    )
    is_stale: Mapped[bool]  # words were changed since
    places: Mapped[list[Any]]  # see storage.passages; a list for each kind of value
    vectors: Mapped[bytes]  # (num_passages, dimension) int8, a row's length is arbitrary
