"""How long the class has looked at the screen in a lesson, so that it outlasts the hub."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "panel_screen_seconds",
        sa.Column("lesson", sa.String(), primary_key=True),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("changed", sa.Float(), nullable=False),
    )
