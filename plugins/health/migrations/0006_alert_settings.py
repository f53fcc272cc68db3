"""What is set on the page of alerts: rules that were changed or made there, quiet hours."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "health_alert_setting",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("data", sa.String(), nullable=False),
    )
