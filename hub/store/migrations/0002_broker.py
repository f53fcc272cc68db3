"""What the MQTT broker knows a token by."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column; of tokens made before, the secret is not known any more."""
    op.add_column("token", sa.Column("broker", sa.String(), nullable=True))
