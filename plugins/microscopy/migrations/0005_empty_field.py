"""The empty field of each objective, by which light is made even."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "microscopy_empty_field",
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("objective", sa.String(), nullable=False),
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("falloff", sa.Float(), nullable=False),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("made", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("device", "objective"),
        sa.ForeignKeyConstraint(["asset"], ["asset.id"], ondelete="CASCADE"),
    )
    op.create_index("ix_microscopy_empty_field_asset", "microscopy_empty_field", ["asset"])
