"""When each printer with a clear plate was in sight last."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column."""
    op.add_column("printing_printer", sa.Column("plate_seen", sa.Double()))
