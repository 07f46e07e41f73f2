"""People whom users have named, their encrypted voiceprints, and the consent to keep them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision; who was named before is a person too."""
    op.create_table(
        "people",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("name", name="uq_people_name"),
    )
    op.create_table(
        "voiceprints",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column(
            "person_id",
            sa.String(32),
            sa.ForeignKey("people.id", name="fk_voiceprints_person_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column(
            "meeting_id",
            sa.String(32),
            sa.ForeignKey("meetings.id", name="fk_voiceprints_meeting_id", ondelete="SET NULL"),
        ),
        sa.Column("model", sa.String, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_voiceprints"),
        sa.UniqueConstraint("person_id", "meeting_id", name="uq_voiceprints_person_id"),
    )
    op.create_index("ix_voiceprints_meeting_id", "voiceprints", ["meeting_id"])
    op.create_table(
        "voice_consent",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("given_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_voice_consent"),
        sa.CheckConstraint("id = 1", name="ck_voice_consent_one"),
    )
    op.create_index("ix_speakers_name", "speakers", ["name"])
    op.execute(
        "INSERT INTO people (id, name) SELECT lower(hex(randomblob(16))), name FROM"
        " (SELECT DISTINCT name FROM speakers WHERE name IS NOT NULL)"
    )


def downgrade() -> None:
    """Back to the one before."""
    op.drop_index("ix_speakers_name", "speakers")
    for table in ("voice_consent", "voiceprints", "people"):
        op.drop_table(table)
