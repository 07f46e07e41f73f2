"""A job notes what it had to do without."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.add_column("jobs", sa.Column("notices", sa.JSON))


def downgrade() -> None:
    """Back to the one before."""
    op.drop_column("jobs", "notices")
