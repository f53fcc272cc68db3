"""What came of an order, in Kazakh and Russian too."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns; what came before is known in English alone."""
    for name in ("result_kk", "result_ru"):
        op.add_column(
            "district_order", sa.Column(name, sa.String(), nullable=False, server_default="")
        )
