"""Alerts, what waits to be told of them, and to whom."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "health_alert",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("fired", sa.Float(), nullable=False),
        sa.Column("cleared", sa.Float(), nullable=True, index=True),
        sa.Column("data", sa.String(), nullable=False),
    )
    op.create_table(
        "health_outbox",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("destination", sa.String(), nullable=False, index=True),
        sa.Column("alert", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("made", sa.Float(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
    )
    op.create_table(
        "health_destination",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("data", sa.String(), nullable=False),
    )
