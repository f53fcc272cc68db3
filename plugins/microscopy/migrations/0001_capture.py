"""Captures: how each picture was taken."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "microscopy_capture",
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("frame", sa.Integer(), nullable=False),
        sa.Column("frame_sha256", sa.String(), nullable=False),
        sa.Column("taken", sa.Float(), nullable=False),
        sa.Column("objective", sa.String()),
        sa.Column("scale", sa.Float()),
        sa.Column("focus", sa.Float()),
        sa.PrimaryKeyConstraint("asset"),
        sa.ForeignKeyConstraint(["asset"], ["asset.id"], ondelete="CASCADE"),
    )
    op.create_index("ix_microscopy_capture_device", "microscopy_capture", ["device"])
