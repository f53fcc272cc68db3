"""Games in which the first answers, a limit of time, and levels by classes."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

LEVELS = {"easy": "1-4", "middle": "5-7", "hard": "8-11"}


def upgrade() -> None:
    """Add the columns; games before were played in turn."""
    turns = sa.Column("mode", sa.String(), nullable=False, server_default="turns")
    op.add_column("globe_game", turns)
    op.add_column(
        "globe_game", sa.Column("seconds", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column("globe_game", sa.Column("tries", sa.JSON(), nullable=False, server_default="[]"))
    game = sa.table("globe_game", sa.column("level"))
    for before, now in LEVELS.items():
        op.execute(game.update().where(game.c.level == before).values(level=now))
