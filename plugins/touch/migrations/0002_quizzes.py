"""Quizzes, games, and results of activities."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "touch_quiz",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("changed", sa.Float(), nullable=False),
    )
    op.create_table(
        "touch_game",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("lesson", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("teams", sa.JSON(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("started", sa.Float(), nullable=False),
        sa.Column("ended", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["lesson"], ["lesson.id"], ondelete="CASCADE"),
    )
    op.create_index("ix_touch_game_lesson", "touch_game", ["lesson"])
    op.create_table(
        "touch_result",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("lesson", sa.String(), nullable=False),
        sa.Column("activity", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("teams", sa.JSON(), nullable=False),
        sa.Column("ended", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["lesson"], ["lesson.id"], ondelete="CASCADE"),
    )
    op.create_index("ix_touch_result_lesson", "touch_result", ["lesson"])
