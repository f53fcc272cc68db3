"""How long the school lets a class look at a screen, where it has said so itself."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "panel_screen_time",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("minutes", sa.JSON(), nullable=False),
        sa.Column("changed", sa.Float(), nullable=False),
    )
