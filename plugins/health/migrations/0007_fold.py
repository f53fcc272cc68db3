"""How far the folding of an hour came."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "health_fold",
        sa.Column("hour", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("until", sa.Integer(), nullable=False),
        sa.Column("series", sa.Integer(), nullable=False),
    )
