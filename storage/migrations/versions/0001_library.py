"""The first library: recordings, jobs, meetings and the full-text index."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Letters, digits and the marks that Indic and Thai vowels are; "é" is found as "e".
_TOKENIZER = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"


def upgrade() -> None:
    """To this revision."""
    _create_recordings()
    _create_jobs()
    _create_meetings()
    _create_voices()
    _create_turns()
    _create_minutes()


def downgrade() -> None:
    """Back to nothing."""
    for table in (
        "turns_fts",
        "evidence",
        "statements",
        "chapters",
        "turns",
        "speaker_segments",
        "speakers",
        "meetings",
        "job_drafts",
        "jobs",
        "recordings",
    ):
        op.drop_table(table)


def _create_recordings() -> None:
    op.create_table(
        "recordings",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("num_bytes", sa.BigInteger, nullable=False),
        sa.Column("container", sa.String, nullable=False),
        sa.Column("codec", sa.String, nullable=False),
        sa.Column("duration", sa.Double),
        sa.PrimaryKeyConstraint("sha256", name="pk_recordings"),
    )


def _create_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("meeting_id", sa.String(32), nullable=False),
        sa.Column("recording_sha256", sa.String(64), nullable=False),
        sa.Column("filename", sa.String, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("language", sa.String),
        sa.Column("min_speakers", sa.Integer, nullable=False),
        sa.Column("max_speakers", sa.Integer, nullable=False),
        sa.Column("asr_model", sa.String),
        sa.Column("hotwords", sa.JSON, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("stage", sa.String),
        sa.Column("stage_fraction", sa.Double),
        sa.Column("fraction", sa.Double),
        sa.Column("eta", sa.Double),
        sa.Column("error", sa.String),
        sa.Column("num_attempts", sa.Integer, nullable=False),
        sa.Column("is_cancel_requested", sa.Boolean, nullable=False),
        sa.Column("lease_token", sa.String),
        sa.Column("lease_until", sa.Double),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("finished_at", sa.DateTime),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="ck_jobs_state"
        ),
        _recording_key("jobs"),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.UniqueConstraint("meeting_id", name="uq_jobs_meeting_id"),
    )
    op.create_index("ix_jobs_recording_sha256", "jobs", ["recording_sha256"])
    op.create_index("ix_jobs_state_created_at", "jobs", ["state", "created_at"])
    op.create_table(
        "job_drafts",
        sa.Column("job_id", sa.String(32), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name="fk_job_drafts_job_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", name="pk_job_drafts"),
    )


def _create_meetings() -> None:
    op.create_table(
        "meetings",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("recording_sha256", sa.String(64), nullable=False),
        sa.Column("filename", sa.String, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("duration", sa.Double, nullable=False),
        sa.Column("language", sa.String),
        sa.Column("created_at", sa.DateTime, nullable=False),
        _recording_key("meetings"),
        sa.PrimaryKeyConstraint("id", name="pk_meetings"),
    )
    op.create_index("ix_meetings_created_at", "meetings", ["created_at"])
    op.create_index("ix_meetings_recording_sha256", "meetings", ["recording_sha256"])
    _create_part(
        "chapters",
        sa.Column("start", sa.Double, nullable=False),
        sa.Column("end", sa.Double, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("keywords", sa.JSON, nullable=False),
    )


def _create_voices() -> None:
    op.create_table(
        "speakers",
        sa.Column("meeting_id", sa.String(32), nullable=False),
        sa.Column("label", sa.String, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("name", sa.String),
        _meeting_key("speakers"),
        sa.PrimaryKeyConstraint("meeting_id", "label", name="pk_speakers"),
    )
    _create_part(
        "speaker_segments",
        sa.Column("start", sa.Double, nullable=False),
        sa.Column("end", sa.Double, nullable=False),
        sa.Column("speaker", sa.String, nullable=False),
    )


def _create_turns() -> None:
    op.create_table(
        "turns",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("meeting_id", sa.String(32), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("speaker", sa.String),
        sa.Column("start", sa.Double, nullable=False),
        sa.Column("end", sa.Double, nullable=False),
        sa.Column("words", sa.JSON, nullable=False),
        _meeting_key("turns"),
        sa.PrimaryKeyConstraint("id", name="pk_turns"),
        sa.UniqueConstraint("meeting_id", "number", name="uq_turns_meeting_id"),
    )
    # Written by storage.search; a row has the id of its turn.
    op.execute(
        f'CREATE VIRTUAL TABLE turns_fts USING fts5(text, speaker, title, tokenize="{_TOKENIZER}")'
    )


def _create_minutes() -> None:
    _create_part(
        "statements",
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("owner", sa.String),
        sa.Column("due", sa.String),
        sa.CheckConstraint("kind IN ('summary', 'decision', 'action')", name="ck_statements_kind"),
    )
    op.create_table(
        "evidence",
        sa.Column("meeting_id", sa.String, nullable=False),
        sa.Column("statement", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id", "statement"],
            ["statements.meeting_id", "statements.position"],
            name="fk_evidence_meeting_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id", "turn"],
            ["turns.meeting_id", "turns.number"],
            name="fk_evidence_turn",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("meeting_id", "statement", "position", name="pk_evidence"),
    )
    op.create_index("ix_evidence_meeting_id_turn", "evidence", ["meeting_id", "turn"])


def _create_part(table: str, *columns: Any) -> None:
    """A table of things that a meeting has in an order."""
    op.create_table(
        table,
        sa.Column("meeting_id", sa.String(32), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        *columns,
        _meeting_key(table),
        sa.PrimaryKeyConstraint("meeting_id", "position", name=f"pk_{table}"),
    )


def _meeting_key(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["meeting_id"], ["meetings.id"], name=f"fk_{table}_meeting_id", ondelete="CASCADE"
    )


def _recording_key(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["recording_sha256"], ["recordings.sha256"], name=f"fk_{table}_recording_sha256"
    )
