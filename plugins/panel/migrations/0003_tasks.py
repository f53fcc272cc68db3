"""What came of tasks with 3D models."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "panel_task",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("lesson", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("at_once", sa.Integer(), nullable=False),
        sa.Column("all", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("ended", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["asset"], ["asset.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["lesson"], ["lesson.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person"], ["person.id"], ondelete="SET NULL"),
        sa.UniqueConstraint("token", "owner"),
    )
    op.create_index("ix_panel_task_asset", "panel_task", ["asset"])
    op.create_index("ix_panel_task_lesson", "panel_task", ["lesson"])
