"""Games of a lesson."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "globe_game",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column(
            "lesson",
            sa.String(),
            sa.ForeignKey("lesson.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("players", sa.JSON(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("started", sa.Float(), nullable=False),
        sa.Column("ended", sa.Float(), nullable=True),
    )
