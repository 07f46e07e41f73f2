"""Folders, tags and trash; what passages mean."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0005"
branch_labels = None
depends_on = None


# As the index of the turns has it.
_TOKENIZER = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"


def upgrade() -> None:
    """To this revision."""
    _create_shelves()
    _create_passages()
    _create_names()


def downgrade() -> None:
    """Back to the one before."""
    for table in ("names_fts", "passages", "tags"):
        op.drop_table(table)
    op.drop_index("ix_turns_meeting_id_speaker", "turns")
    for name in ("folder", "trashed_at"):
        op.drop_index(f"ix_jobs_{name}", "jobs")
        op.drop_column("jobs", name)


def _create_shelves() -> None:
    op.add_column("jobs", sa.Column("folder", sa.String))
    op.add_column("jobs", sa.Column("trashed_at", sa.DateTime))
    op.create_index("ix_jobs_folder", "jobs", ["folder"])
    op.create_index("ix_jobs_trashed_at", "jobs", ["trashed_at"])
    op.create_table(
        "tags",
        sa.Column("meeting_id", sa.String, nullable=False),
        sa.Column("tag", sa.String, nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["jobs.meeting_id"], name="fk_tags_meeting_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("meeting_id", "tag", name="pk_tags"),
    )
    op.create_index("ix_tags_tag", "tags", ["tag"])


def _create_passages() -> None:
    op.create_table(
        "passages",
        sa.Column("meeting_id", sa.String, nullable=False),
        sa.Column("is_stale", sa.Boolean, nullable=False),
        sa.Column("places", sa.JSON, nullable=False),
        sa.Column("vectors", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name="fk_passages_meeting_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("meeting_id", name="pk_passages"),
    )


def _create_names() -> None:
    op.create_index("ix_turns_meeting_id_speaker", "turns", ["meeting_id", "speaker"])
    # Written by storage.search; a row for each speaker of a meeting, or one without a label.
    op.execute(
        "CREATE VIRTUAL TABLE names_fts USING fts5(speaker, title, meeting_id UNINDEXED,"
        f' label UNINDEXED, tokenize="{_TOKENIZER}")'
    )
    op.execute(
        "INSERT INTO names_fts (speaker, title, meeting_id, label)"
        " SELECT turns_fts.speaker, turns_fts.title, turns.meeting_id, coalesce(turns.speaker, '')"
        " FROM turns_fts JOIN turns ON turns.id = turns_fts.rowid"
        " GROUP BY turns.meeting_id, turns.speaker"
    )
