"""Things, and the service log of each."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "inventory_item",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("device", sa.String(), nullable=True, unique=True),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("kind", "name", "number", "serial", "maker", "model", "firmware")
        ),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("purchased", sa.Date(), nullable=True),
        sa.Column("price", sa.Float(), nullable=True),
        sa.Column("warranty", sa.Date(), nullable=True),
        sa.Column("room", sa.String(), nullable=False),
        sa.Column("responsible", sa.String(), nullable=False),
        sa.Column("notes", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Float(), nullable=False),
    )
    op.create_table(
        "inventory_entry",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("cost", sa.Float(), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("ended", sa.Date(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("made", sa.Float(), nullable=False),
        sa.Column("told", sa.Float(), nullable=False),
    )
    op.create_index("inventory_entry_item", "inventory_entry", ["item", "id"])
