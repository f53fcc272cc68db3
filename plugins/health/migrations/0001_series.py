"""Values by series, changes, and runs of the hub."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "health_series",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("sums", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("subject", "name"),
    )
    op.create_table(
        "health_minute",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("hour", sa.Integer(), nullable=False, index=True),
        sa.Column("data", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "health_chunk",
        sa.Column("tier", sa.String(), primary_key=True),
        sa.Column("series", sa.Integer(), primary_key=True),
        sa.Column("start", sa.Integer(), primary_key=True),
        sa.Column("data", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "health_change",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("time", sa.Float(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("presence", sa.String(), nullable=False),
        sa.Column("reachable", sa.Boolean(), nullable=False),
        sa.Column("process", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("severity", sa.String(), nullable=True),
    )
    op.create_index("health_change_subject_time", "health_change", ["subject", "time"])
    op.create_table(
        "health_run",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("began", sa.Float(), nullable=False),
        sa.Column("seen", sa.Float(), nullable=False),
    )
