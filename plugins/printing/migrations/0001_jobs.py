"""Print jobs with their files and steps, printers, spools, the filament account, quotas."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "printing_job",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("owner_name", sa.String(), nullable=False),
        sa.Column("lesson", sa.String()),
        sa.Column("group", sa.String()),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("printer_wanted", sa.String()),
        sa.Column("printer", sa.String()),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.JSON()),
        sa.Column("estimate", sa.JSON()),
        sa.Column("facts", sa.JSON()),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("problem", sa.JSON()),
        sa.Column("progress", sa.JSON()),
        sa.Column("ending", sa.JSON()),
        sa.Column("approval", sa.String()),
        sa.Column("place", sa.Double()),
        sa.Column("reprint_of", sa.String()),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("updated", sa.Double(), nullable=False),
        sa.Column("started", sa.Double()),
        sa.Column("ended", sa.Double()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_printing_job_lesson", "printing_job", ["lesson"])
    op.create_index("ix_printing_job_owner", "printing_job", ["owner"])
    op.create_index("ix_printing_job_printer", "printing_job", ["printer"])
    op.create_index("ix_printing_job_state", "printing_job", ["state"])
    op.create_table(
        "printing_job_file",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("made", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("info", sa.JSON(), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.ForeignKeyConstraint(["job"], ["printing_job.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["asset"], ["asset.id"]),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_printing_job_file_asset", "printing_job_file", ["asset"])
    op.create_index("ix_printing_job_file_job", "printing_job_file", ["job"])
    op.create_table(
        "printing_picture",
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("layer", sa.Integer()),
        sa.Column("taken", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("asset"),
        sa.ForeignKeyConstraint(["asset"], ["asset.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["job"], ["printing_job.id"], ondelete="CASCADE"),
    )
    op.create_index("ix_printing_picture_job", "printing_picture", ["job"])
    op.create_table(
        "printing_history",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("time", sa.Double(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.ForeignKeyConstraint(["job"], ["printing_job.id"], ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_printing_history_job", "printing_history", ["job"])
    op.create_table(
        "printing_start",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("printer", sa.String(), nullable=False),
        sa.Column("approval", sa.String()),
        sa.Column("time", sa.Double(), nullable=False),
        sa.Column("outcome", sa.String()),
        sa.PrimaryKeyConstraint("seq"),
        sa.ForeignKeyConstraint(["job"], ["printing_job.id"], ondelete="CASCADE"),
        sa.UniqueConstraint("approval"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_printing_start_job", "printing_start", ["job"])
    op.create_table(
        "printing_printer",
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("plate_clear", sa.Boolean(), nullable=False),
        sa.Column("plate_job", sa.String()),
        sa.Column("plate_since", sa.Double(), nullable=False),
        sa.Column("plate_by", sa.String(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("device"),
    )
    op.create_table(
        "printing_spool",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("material", sa.String(), nullable=False),
        sa.Column("colour", sa.String(), nullable=False),
        sa.Column("diameter", sa.Double(), nullable=False),
        sa.Column("density", sa.Double(), nullable=False),
        sa.Column("grams", sa.Double(), nullable=False),
        sa.Column("used", sa.Double(), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("gone", sa.Double()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "printing_use",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("group", sa.String()),
        sa.Column("lesson", sa.String()),
        sa.Column("printer", sa.String(), nullable=False),
        sa.Column("spool", sa.String()),
        sa.Column("material", sa.String(), nullable=False),
        sa.Column("millimetres", sa.Double(), nullable=False),
        sa.Column("grams", sa.Double(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("time", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("job"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_printing_use_group", "printing_use", ["group"])
    op.create_index("ix_printing_use_owner", "printing_use", ["owner"])
    op.create_index("ix_printing_use_spool", "printing_use", ["spool"])
    op.create_index("ix_printing_use_time", "printing_use", ["time"])
    op.create_table(
        "printing_quota",
        sa.Column("group", sa.String(), nullable=False),
        sa.Column("grams", sa.Double()),
        sa.Column("minutes", sa.Double()),
        sa.Column("longest", sa.Double()),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("group"),
    )
