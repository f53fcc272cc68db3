"""What is wanted of each panel."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "panel_plan",
        sa.Column("device", sa.String(), primary_key=True),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("changed", sa.Float(), nullable=False),
    )
