"""Annotations: what is drawn on pictures, a layer for each author."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "microscopy_annotation",
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Float(), nullable=False),
        sa.Column("shapes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("asset", "author"),
        sa.ForeignKeyConstraint(["asset"], ["asset.id"], ondelete="CASCADE"),
    )
