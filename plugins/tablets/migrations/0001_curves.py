"""How hard each person presses."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "tablets_curve",
        sa.Column("person", sa.String(), primary_key=True),
        sa.Column("lightest", sa.Float(), nullable=False),
        sa.Column("hardest", sa.Float(), nullable=False),
        sa.Column("softness", sa.Float(), nullable=False),
    )
