"""Class work: task sheets in place of the lesson's question, and pictures that are shared."""

import sqlalchemy as sa
from alembic import op

from hub.ids import new_id

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table, and a sheet of each question that was asked; nothing is shared yet."""
    op.create_table(
        "task",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("picture", sa.String(), nullable=True),
        sa.Column("sent", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["picture"], ["asset.id"], name=op.f("fk_task_picture_asset"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    op.create_index(op.f("ix_task_owner"), "task", ["owner"])
    op.create_index(op.f("ix_task_picture"), "task", ["picture"])
    op.add_column("asset", sa.Column("task", sa.String(), nullable=True))
    op.add_column("lesson", sa.Column("task", sa.String(), nullable=True))
    op.add_column(
        "lesson", sa.Column("shared", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    _questions_become_tasks()
    op.drop_column("lesson", "question")


def _questions_become_tasks() -> None:
    lesson = sa.table(
        "lesson",
        *(sa.column(name) for name in ("id", "owner", "started", "question", "task")),
    )
    asset = sa.table("asset", *(sa.column(name) for name in ("lesson", "handed_in", "task")))
    task = sa.table(
        "task",
        *(sa.column(name) for name in ("id", "owner", "title", "text", "sent")),
    )
    connection = op.get_bind()
    asked = sa.select(lesson.c.id, lesson.c.owner, lesson.c.started, lesson.c.question)
    for number, owner, started, question in connection.execute(asked).all():
        if not question:
            continue
        made = new_id()
        row = {"id": made, "owner": owner, "title": "", "text": question, "sent": started}
        connection.execute(task.insert().values(row))
        connection.execute(lesson.update().where(lesson.c.id == number).values(task=made))
        answered = (asset.c.lesson == number) & asset.c.handed_in.is_not(None)
        connection.execute(asset.update().where(answered).values(task=made))
