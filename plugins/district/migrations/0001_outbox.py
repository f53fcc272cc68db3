"""What waits for the district, and where its sequence stands."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "district_record",
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
    )
    op.create_index("district_record_rank", "district_record", ["rank", "seq", "size"])
    op.create_table(
        "district_position",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("next", sa.Integer(), nullable=False),
        sa.Column("confirmed", sa.Integer(), nullable=False),
        sa.Column("dropped_samples", sa.Integer(), nullable=False),
        sa.Column("dropped_alerts", sa.Integer(), nullable=False),
    )
