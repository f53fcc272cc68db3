"""Connections to SQLite, set up the same everywhere."""

import os
import sqlite3
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

BUSY = 5.0  # seconds to wait for another process that writes


def connect(
    path: Path, *, create: bool = True, foreign_keys: bool = True, read_only: bool = False
) -> sqlite3.Connection:
    """Open the database so that what is committed survives a power cut.

    Transactions are begun by whoever uses it (`isolation_level=None`): the library's own habit of
    beginning them late would let two writers deadlock, and would leave DDL outside.
    """
    if create and not path.exists():
        # Made by hand, for its mode: names of children are for the hub's user only.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(path, timeout=BUSY, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        connection.execute("PRAGMA cache_size = -4000")
        connection.execute("PRAGMA trusted_schema = OFF")
        # An erased name must not stay readable in pages that are free again.
        connection.execute("PRAGMA secure_delete = ON")
        if read_only:
            connection.execute("PRAGMA query_only = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def engine(
    path: Path, *, foreign_keys: bool = True, read_only: bool = False, connections: int = 1
) -> Engine:
    """Return an engine over such connections; a writer's transactions take the lock at once."""
    made = create_engine(
        "sqlite+pysqlite://",
        creator=lambda: connect(path, foreign_keys=foreign_keys, read_only=read_only),
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=30,
        # What goes wrong is logged and told: without names of children and hashes of secrets.
        hide_parameters=True,
    )
    begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"

    @event.listens_for(made, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return made
