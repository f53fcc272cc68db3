"""How hard somebody of a name in a class presses: pupils are new persons in each lesson."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "tablets_curve_of_name",
        sa.Column("group", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("used", sa.Float(), nullable=False),
        sa.Column("lightest", sa.Float(), nullable=False),
        sa.Column("hardest", sa.Float(), nullable=False),
        sa.Column("softness", sa.Float(), nullable=False),
    )
