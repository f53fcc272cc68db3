"""Where Alembic starts; see `hub.store._migrations`."""
