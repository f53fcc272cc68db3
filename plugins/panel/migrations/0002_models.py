"""What the parts of 3D models are called."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "panel_model",
        sa.Column("asset", sa.String(), primary_key=True),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("changed", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["asset"], ["asset.id"], ondelete="CASCADE"),
    )
