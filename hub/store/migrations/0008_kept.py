"""Values of devices' properties that hold for good."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the table; nothing is kept yet."""
    op.create_table(
        "kept",
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("device", "name", name=op.f("pk_kept")),
    )
