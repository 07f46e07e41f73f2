"""A correction tells who took it back."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.add_column("corrections", sa.Column("undone_by", sa.String))


def downgrade() -> None:
    """Back to the one before."""
    op.drop_column("corrections", "undone_by")
