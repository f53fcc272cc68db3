"""What people have counted in pictures, a count for each of them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "microscopy_count",
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("changed", sa.Float(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("asset", "author"),
        sa.ForeignKeyConstraint(["asset"], ["asset.id"], ondelete="CASCADE"),
    )
