"""Albums: what is searched, handed in and loved; a lesson's question."""

import sqlalchemy as sa
from alembic import op

from hub.folding import fold

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns, make the table, and note the words of what is there already."""
    op.add_column("asset", sa.Column("words", sa.String(), nullable=False, server_default=""))
    op.add_column("asset", sa.Column("handed_in", sa.Double(), nullable=True))
    op.add_column("asset", sa.Column("answer", sa.String(), nullable=False, server_default=""))
    op.create_index(op.f("ix_asset_handed_in"), "asset", ["handed_in"])
    op.add_column("lesson", sa.Column("question", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "asset_favourite",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("asset", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asset"],
            ["asset.id"],
            name=op.f("fk_asset_favourite_asset_asset"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner", "asset", name=op.f("pk_asset_favourite")),
    )
    op.create_index(op.f("ix_asset_favourite_asset"), "asset_favourite", ["asset"])
    _note_words()


def _note_words() -> None:
    asset = sa.table(
        "asset",
        sa.column("seq", sa.Integer()),
        sa.column("title", sa.String()),
        sa.column("note", sa.String()),
        sa.column("info", sa.JSON()),
        sa.column("words", sa.String()),
    )
    connection = op.get_bind()
    rows = connection.execute(sa.select(asset.c.seq, asset.c.title, asset.c.note, asset.c.info))
    for seq, title, note, info in rows.all():
        said = [info.get(name) for name in ("device_name", "objective")]
        words = fold(title, note, *(text for text in said if isinstance(text, str)))
        connection.execute(asset.update().where(asset.c.seq == seq).values(words=words))
