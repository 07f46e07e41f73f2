"""Meetings keep what was corrected in them, and what the pipeline had made of them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.add_column("meetings", sa.Column("revision", sa.Integer, nullable=False, server_default="0"))
    op.add_column("meetings", sa.Column("next_turn", sa.Integer))
    op.add_column("meetings", sa.Column("next_speaker", sa.Integer))
    op.create_table(
        "meeting_bases",
        sa.Column("meeting_id", sa.String(32), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        _meeting_key("meeting_bases"),
        sa.PrimaryKeyConstraint("meeting_id", name="pk_meeting_bases"),
    )
    op.create_table(
        "corrections",
        sa.Column("meeting_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("made_at", sa.DateTime, nullable=False),
        sa.Column("is_undone", sa.Boolean, nullable=False),
        sa.Column("is_dropped", sa.Boolean, nullable=False),
        sa.Column("problem", sa.String),
        _meeting_key("corrections"),
        sa.PrimaryKeyConstraint("meeting_id", "number", name="pk_corrections"),
    )


def downgrade() -> None:
    """Back to the one before; meetings stay as they were corrected."""
    op.drop_table("corrections")
    op.drop_table("meeting_bases")
    for column in ("next_speaker", "next_turn", "revision"):
        op.drop_column("meetings", column)


def _meeting_key(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["meeting_id"], ["meetings.id"], name=f"fk_{table}_meeting_id", ondelete="CASCADE"
    )
