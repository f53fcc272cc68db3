"""Who sits where in a lesson."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the table; nobody sits anywhere yet."""
    op.create_table(
        "sitting",
        sa.Column("lesson", sa.String(), nullable=False),
        sa.Column("seat", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lesson"], ["lesson.id"], name=op.f("fk_sitting_lesson_lesson"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_sitting_person_person")),
        sa.PrimaryKeyConstraint("lesson", "seat", name=op.f("pk_sitting")),
        sa.UniqueConstraint("lesson", "person", name=op.f("uq_sitting_lesson")),
    )
    op.create_index(op.f("ix_sitting_person"), "sitting", ["person"])
