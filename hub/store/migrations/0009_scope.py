"""Tokens that are good for one purpose only, and those that end with a lesson."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the columns; what was made before may all that its role may, and ends with no lesson."""
    op.add_column("token", sa.Column("scope", sa.String(), nullable=True))
    op.add_column("token", sa.Column("lesson", sa.String(), nullable=True))
