"""Which content packs are used; their files are assets, and so in each backup."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "globe_pack",
        sa.Column("asset", sa.String(), sa.ForeignKey("asset.id"), primary_key=True),
        sa.Column("pack", sa.String(), nullable=False, index=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
    )
