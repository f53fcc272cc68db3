"""The database's copy of before an upgrade, and how it is put back.

Only the database: files of pictures are named by their content and never rewritten, so an older
version finds its own again.
"""

import contextlib
import hashlib
import os
import sqlite3
from pathlib import Path

_BESIDE = ("-wal", "-shm", "-journal")


def copy(database: Path, target: Path) -> None:
    """Copy a database whole and flushed; the copy belongs to whom the database belongs to."""
    unfinished = target.with_name(target.name + ".part")
    unfinished.unlink(missing_ok=True)
    with (
        contextlib.closing(sqlite3.connect(database)) as now,
        contextlib.closing(sqlite3.connect(unfinished)) as then,
    ):
        now.backup(then)
    _own_like(database, unfinished)
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.replace(target)
    _sync(target.parent)


def schema(database: Path) -> str:
    """Return what tells two forms of the tables apart: their text and the migrations' versions."""
    found = hashlib.sha256()
    with contextlib.closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        for name, sql in rows:
            found.update(f"{name}\n{sql}\n".encode())
            if name.endswith("version") and sql and "version_num" in sql:
                quoted = '"' + name.replace('"', '""') + '"'
                version = connection.execute(f"SELECT version_num FROM {quoted}").fetchall()  # noqa: S608
                found.update(repr(version).encode())
    return found.hexdigest()


def put_back(kept: Path, database: Path) -> Path:
    """Put a copy in the database's place; return where what stood there is now."""
    aside = database.with_name(f"{database.name}.given-up")
    for name in _BESIDE:
        database.with_name(aside.name + name).unlink(missing_ok=True)
    # A write-ahead log belongs to its own database: it goes along, and never meets the copy.
    for name in _BESIDE:
        log = database.with_name(database.name + name)
        if log.exists():
            log.replace(database.with_name(aside.name + name))
    database.replace(aside)
    copy(kept, database)
    return aside


def _own_like(model: Path, file: Path) -> None:
    about = model.stat()
    file.chmod(about.st_mode & 0o777)
    if os.geteuid() == 0:
        os.chown(file, about.st_uid, about.st_gid)


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
