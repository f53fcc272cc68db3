"""Migration sets: the kernel's tables and each plugin's, every one with a version of its own.

At start only the names of the scripts and the version table are looked at; Alembic is imported
when there is something to do. All scripts of a set run in one transaction, so a failure leaves the
database as it was; a copy is made before all the same.
"""

import contextlib
import fcntl
import logging
import os
import re
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData

from hub.store import _sqlite as sqlite
from hub.store._errors import MigrationFailed
from hub.store._files import sync_folder

log = logging.getLogger("classhub.store.migrations")

_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}\Z")
_REVISION = re.compile(
    r"^(down_revision|revision)\b[^=\n]*=\s*(None|[\"']([\w.-]+)[\"'])", re.MULTILINE
)
_ENVIRONMENT = Path(__file__).parent / "environment"
_COPIES = 3
_LOCK_WAIT = 30.0
Schema = dict[tuple[str, str], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Migrations:
    """The tables of one owner (the kernel or a plugin) and the scripts that make them.

    Attributes:
        name: of the owner: lower-case letters, digits, `_`. Its version table is
            `<name>_alembic_version`.
        folder: holds Alembic's revision scripts, a plain line of them, and nothing else.
        metadata: the tables as this version of the code has them.
        prefix: every table of the owner starts with it; empty for the kernel, `<name>_` otherwise.
    """

    name: str
    folder: Path
    metadata: MetaData
    prefix: str = ""

    @classmethod
    def of_plugin(cls, plugin: str, folder: Path, metadata: MetaData) -> "Migrations":
        """Return the migration set of a plugin, whose tables start with `<plugin>_`."""
        name = plugin.replace("-", "_")
        return cls(name, folder, metadata, f"{name}_")

    @property
    def version_table(self) -> str:
        """The table that holds the revision this owner's tables have."""
        return f"{self.name}_alembic_version"

    def head(self) -> str:
        """Return the newest revision, by reading the scripts' first lines, without running them.

        Raises:
            MigrationFailed: the scripts are no single line of revisions.
        """
        revisions = _revisions(self.folder)
        heads = set(revisions) - set(revisions.values())
        if len(heads) != 1:
            raise MigrationFailed(f"{self.folder} has {len(heads)} newest revisions, not one")
        return heads.pop()

    def check(self, kernel: "Migrations") -> None:
        """Raise `MigrationFailed` where a table stands outside the owner's prefix."""
        if self.name == kernel.name:
            return
        if not _NAME.match(self.name) or self.prefix != f"{self.name}_":
            raise MigrationFailed(f"{self.name!r} with prefix {self.prefix!r} is no plugin's name")
        taken = [t for t in kernel.metadata.tables if t.startswith(self.prefix)]
        foreign = [t for t in self.metadata.tables if not t.startswith(self.prefix)]
        if taken:
            raise MigrationFailed(f"the prefix {self.prefix} is the hub's own ({taken[0]})")
        if foreign:
            raise MigrationFailed(f"table {foreign[0]} does not start with {self.prefix}")


def migrate(database: Path, migrations: Migrations, *, copy: bool) -> bool:
    """Bring one owner's tables to their newest form; returns whether anything was to be done.

    Args:
        database: the file.
        migrations: whose tables.
        copy: keep a copy `<database>.before-<name>-<revision>` before anything is changed.

    Raises:
        MigrationFailed: nothing was changed.
    """
    head = migrations.head()
    if _current(database, migrations) == head:
        return False
    with _alone(database):
        current = _current(database, migrations)
        if current == head:
            return False
        if current is not None and current not in _revisions(migrations.folder):
            raise MigrationFailed(f"{migrations.name}: {current} is of a newer version", to=head)
        kept = _keep_copy(database, migrations.name, current or "none") if copy else None
        started = time.monotonic()
        try:
            _run(database, migrations)
        except Exception as error:
            _restore(database, kept)
            detail = f"{migrations.name}: {current} to {head}: {type(error).__name__}: {error}"
            raise MigrationFailed(detail) from error
        took = time.monotonic() - started
        log.info("%s: tables brought from %s to %s in %.2f s", migrations.name, current, head, took)
        return True


def _run(database: Path, migrations: Migrations) -> None:
    from alembic import command  # noqa: PLC0415 - 10 MB and 0.2 s, needed once in a version
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", _plain(_ENVIRONMENT))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", _plain(migrations.folder))
    # Foreign keys are off while tables may be rebuilt (dropping one would cascade), checked after.
    engine = sqlite.engine(database, foreign_keys=False)
    try:
        with engine.begin() as connection:
            before = _schema(connection)
            config.attributes.update(connection=connection, version_table=migrations.version_table)
            command.upgrade(config, "head")
            _check_changes(migrations, before, _schema(connection))
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            if broken is not None:
                raise MigrationFailed(f"a row of {broken[0]} names one of {broken[2]} that is gone")
    finally:
        engine.dispose()


def _check_changes(migrations: Migrations, before: Schema, after: Schema) -> None:
    """Refuse scripts that touch what belongs to somebody else."""
    if not migrations.prefix:
        return
    for key in before.keys() | after.keys():
        table = (after.get(key) or before[key])[0]
        own = table.startswith(migrations.prefix) or table == migrations.version_table
        if before.get(key) != after.get(key) and not own and not table.startswith("sqlite_"):
            raise MigrationFailed(f"{migrations.name} may not change {table}")


def _schema(connection: Any) -> Schema:
    rows = connection.exec_driver_sql("SELECT type, name, tbl_name, sql FROM sqlite_master")
    return {(kind, name): (table, sql or "") for kind, name, table, sql in rows}


def _revisions(folder: Path) -> dict[str, str | None]:
    """Return every revision of a folder with the one before it."""
    found: dict[str, str | None] = {}
    for script in sorted(folder.glob("*.py")):
        if script.name == "__init__.py":
            continue
        said = {m[1]: m[3] for m in _REVISION.finditer(script.read_text("utf-8"))}
        if said.get("revision") is None or "down_revision" not in said:
            raise MigrationFailed(f"{script} does not name its revision and the one before")
        found[said["revision"]] = said["down_revision"]
    return found


def _current(database: Path, migrations: Migrations) -> str | None:
    with contextlib.closing(sqlite.connect(database)) as connection:
        try:
            row = connection.execute(
                f"SELECT version_num FROM {migrations.version_table}"  # noqa: S608 - a checked name
            ).fetchone()
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):
                raise
            return None
        return row[0] if row else None


def _keep_copy(database: Path, name: str, revision: str) -> Path:
    """Copy the database as it is now, synced, and drop the oldest of many such copies."""
    target = database.with_name(f"{database.name}.before-{name}-{revision}")
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    _copy(database, part)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(target)
    sync_folder(target.parent)
    copies = database.parent.glob(f"{database.name}.before-{name}-*")
    for old in sorted(copies, key=lambda p: p.stat().st_mtime, reverse=True)[_COPIES:]:
        old.unlink()
    return target


def _restore(database: Path, kept: Path | None) -> None:
    """Put the copy back where a script broke out of the transaction that would have undone it."""
    if kept is None:
        return
    with (
        contextlib.closing(sqlite.connect(database)) as now,
        contextlib.closing(sqlite.connect(kept, create=False)) as before,
    ):
        same = all(a == b for a, b in zip_longest(now.iterdump(), before.iterdump()))
        if same:
            return
        log.warning("a migration was not undone by itself; the copy %s is put back", kept.name)
        before.backup(now)


def _copy(source: Path, target: Path) -> None:
    with (
        contextlib.closing(sqlite.connect(source)) as old,
        contextlib.closing(sqlite.connect(target)) as new,
    ):
        old.backup(new)


@contextlib.contextmanager
def _alone(database: Path) -> Iterator[None]:
    """Keep other processes (the command line beside a starting hub) from migrating meanwhile."""
    path = database.with_name(database.name + ".migrating")
    with path.open("w") as file:
        limit = time.monotonic() + _LOCK_WAIT
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > limit:
                    raise MigrationFailed("another process is migrating the database") from None
                time.sleep(0.05)
        yield


def _plain(path: Path) -> str:
    return str(path).replace("%", "%%")
