"""Pictures that are kept for a board."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "whiteboard_picture",
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("board", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["asset"], ["asset.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["board"], ["whiteboard_board.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("asset"),
    )
    op.create_index("ix_whiteboard_picture_board", "whiteboard_picture", ["board"])
