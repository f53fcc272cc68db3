"""What Alembic runs for every migration set; the connection and its owner come from the hub."""

from alembic import context

options = context.config.attributes
context.configure(
    connection=options["connection"],
    version_table=options["version_table"],
    # SQLite can undo DDL; the hub has begun the transaction that all scripts run in.
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
