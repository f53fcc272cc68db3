"""Assets that a plugin keeps for itself, in no album."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the column; what is there already is in albums."""
    op.add_column("asset", sa.Column("keeper", sa.String(), nullable=True))
