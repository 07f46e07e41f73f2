"""A job notes the number of speakers that its user believes in."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.add_column("jobs", sa.Column("expected_speakers", sa.Integer))


def downgrade() -> None:
    """Back to the one before."""
    op.drop_column("jobs", "expected_speakers")
