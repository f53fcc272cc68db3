"""Making a backup, beside a running hub or without one.

SQLite's own backup gives one state of the database in one step. While the files of its assets are
read, nothing that is deleted meanwhile really goes (`Files.hold`), so the archive is whole whatever
the class does. It is read back and compared before it gets its name.
"""

import contextlib
import os
import re
import shutil
import sqlite3
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hub import __version__
from hub.clock import now, rfc3339, stamp
from hub.errors import HubError
from hub.keeping._archive import (
    DATABASE,
    FORMAT,
    KEPT_BESIDE,
    Manifest,
    Steps,
    Writer,
    check,
    opened,
)
from hub.store import (
    RESERVE,
    Files,
    HeldAlready,
    StorageFull,
    StoreDamaged,
    StoreUnreachable,
    storage_error,
    sync_folder,
)
from hub.store import _sqlite as sqlite

_NUMBERED = re.compile(r"classhub-backup-(\d{6})-\d{8}T\d{6}Z\.zip\Z")
_VERSIONS = re.compile(r"([a-z][a-z0-9_]{0,30})_alembic_version\Z")
_OVERHEAD = 1 << 20
_UNFINISHED = ".classhub-backup-"
_DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made.

    Attributes:
        name: of the file. path: of the file. size: in bytes. made: seconds since the epoch.
        assets: how many files it holds. missing: how many of the database's files were not there.
    """

    name: str
    path: Path
    size: int
    made: float
    assets: int = 0
    missing: int = 0


def backup(
    data: Path,
    target: Path,
    *,
    config: Path | None = None,
    report: Callable[[float], None] = lambda _fraction: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Backup:
    """Make a backup of a data directory, also while a hub works on it. Blocking.

    Args:
        data: the data directory.
        target: the file to make; it must not be there yet.
        config: the settings file, to be copied along.
        report: is told how far it is, 0..1.
        cancelled: asked now and then whether to leave off.

    Raises:
        HeldAlready: a backup is being made already.
        StorageFull: it has no room; nothing was left behind.
        StoreDamaged: the database, or the backup just written, is damaged.
        StoreUnreachable: something cannot be read or written.
        Cancelled: it was.
    """
    database = data / DATABASE
    if not database.is_file():
        raise StoreUnreachable(f"{data} holds no data of a hub")
    files = Files(data / "files")
    part = target.with_name(f".{target.name}.part")
    try:
        if target.exists():
            raise StoreUnreachable(f"{target} is there already")
        target.parent.mkdir(parents=True, exist_ok=True)
        # Held to the end: of two that begin at one moment, neither touches the other's file.
        with files.hold(), _unfinished(part):
            _sweep(target.parent, data)
            with _copied(database, target.parent) as copy:
                found, schemas = _wanted(copy)
                beside = list(_beside(data, config))
                size = copy.stat().st_size + sum(found.values())
                size += sum(path.stat().st_size for _, path in beside)
                _check_room(target.parent, data, size + _OVERHEAD + 512 * len(found))
                steps = Steps(2 * size, report, cancelled)
                manifest = _write(part, copy, beside, files, found, schemas, steps)
            _verify(part, steps)
            part.replace(target)
            sync_folder(target.parent)
    except OSError as error:
        raise storage_error(error) from error
    except sqlite3.DatabaseError as error:
        raise StoreDamaged(str(error)) from error
    held = sum(name.startswith("files/") for name in manifest.members)
    return Backup(target.name, target, target.stat().st_size, now(), held, len(manifest.missing))


def next_name(folder: Path) -> str:
    """Return the name of the next backup in a folder: numbered, so clocks do not confuse them."""
    number = max((_number(path) for path in _numbered(folder)), default=0) + 1
    return f"classhub-backup-{number:06}-{stamp(now())}Z.zip"


def backups(folder: Path) -> list[Backup]:
    """Return the numbered backups of a folder, the newest first. Blocking."""
    found = []
    for path in _numbered(folder):
        with contextlib.suppress(OSError):
            about = path.stat()
            found.append(Backup(path.name, path, about.st_size, about.st_mtime))
    return sorted(found, key=lambda one: _number(one.path), reverse=True)


def prune(folder: Path, keep: int) -> list[str]:
    """Delete all but the newest backups of a folder; returns the names of those. Blocking."""
    gone = []
    for old in backups(folder)[max(keep, 1) :]:
        old.path.unlink(missing_ok=True)
        gone.append(old.name)
    return gone


@contextlib.contextmanager
def _unfinished(part: Path) -> Iterator[None]:
    """Leave nothing of a file behind that did not get its name."""
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def sweep(data: Path, folder: Path) -> None:
    """Delete what a backup that was killed has left in the folder of backups. Blocking.

    Nothing is deleted while one is being made.
    """
    with contextlib.suppress(HeldAlready, OSError), Files(data / "files").hold():
        _sweep(folder, data)


def _sweep(folder: Path, data: Path) -> None:
    # A folder elsewhere may be shared with other hubs, whose backups are under way.
    age = 0.0 if folder.resolve().is_relative_to(data.resolve()) else _DAY
    for left in folder.glob(f"{_UNFINISHED}*"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime < age:
                continue
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left)
            else:
                left.unlink()


def _numbered(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (path for path in folder.iterdir() if _NUMBERED.match(path.name))


def _number(path: Path) -> int:
    match = _NUMBERED.match(path.name)
    return int(match[1]) if match else 0


@contextlib.contextmanager
def _copied(database: Path, folder: Path) -> Iterator[Path]:
    """Yield a copy of the database as it is at one moment; it goes afterwards."""
    _check_room(folder, database.parent, database.stat().st_size + _OVERHEAD)
    with tempfile.TemporaryDirectory(prefix=_UNFINISHED, dir=folder) as made:
        copy = Path(made) / DATABASE
        with (
            contextlib.closing(sqlite.connect(database, create=False)) as source,
            contextlib.closing(sqlite.connect(copy)) as target,
        ):
            # In one step: a writer between two steps would make it start again, for ever.
            source.backup(target, pages=-1)
            said = target.execute("PRAGMA quick_check(1)").fetchone()
            if said != ("ok",):
                raise StoreDamaged(f"the database is damaged: {said[0]}")
        yield copy


def _wanted(copy: Path) -> tuple[dict[str, int], dict[str, str | None]]:
    """Return the hash and size of every asset's file, and the revision of each owner's tables."""
    with contextlib.closing(sqlite.connect(copy, create=False)) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master")]
        found: dict[str, int] = {}
        if "asset" in tables:
            found = dict(connection.execute("SELECT sha256, size FROM asset ORDER BY sha256"))
        schemas: dict[str, str | None] = {}
        for table in tables:
            if match := _VERSIONS.match(table):
                row = connection.execute(f"SELECT version_num FROM {table}").fetchone()  # noqa: S608 - a checked name
                schemas[match[1]] = row[0] if row else None
        return found, schemas


def _beside(data: Path, config: Path | None) -> Iterator[tuple[str, Path]]:
    for name in KEPT_BESIDE:
        if (data / name).is_file():
            yield f"data/{name}", data / name
    if config is not None and config.is_file():
        yield "config/classhub.toml", config


def _write(
    part: Path,
    copy: Path,
    beside: list[tuple[str, Path]],
    files: Files,
    found: dict[str, int],
    schemas: dict[str, str | None],
    steps: Steps,
) -> Manifest:
    missing = []
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w+b") as target:
        with zipfile.ZipFile(target, "w", compresslevel=1) as archive:
            writer = Writer(archive, steps)
            with copy.open("rb") as source:
                writer.add(DATABASE, source, deflate=True)
            for name, path in beside:
                with path.open("rb") as source:
                    writer.add(name, source, deflate=True)
            for sha256 in found:
                try:
                    content = files.read(sha256)
                except FileNotFoundError:
                    missing.append(sha256)
                    continue
                with content:
                    name = f"files/{sha256[:2]}/{sha256[2:4]}/{sha256}"
                    if writer.add(name, content, deflate=False) != sha256:
                        missing.append(sha256)
            manifest = Manifest(
                format=FORMAT,
                hub=_identity(beside),
                version=__version__,
                made=rfc3339(now()),
                schemas=schemas,
                members=writer.members,
                missing=missing,
            )
            writer.finish(manifest)
        target.flush()
        os.fsync(target.fileno())
    return manifest


def _identity(beside: list[tuple[str, Path]]) -> str:
    for name, path in beside:
        if name == "data/hub.id":
            return path.read_text("ascii", "replace").strip()[:100]
    return ""


def _verify(part: Path, steps: Steps) -> None:
    """Read what was written, all of it: a backup that cannot be read back is none."""
    try:
        with opened(part) as (archive, manifest):
            check(archive, manifest, steps)
    except HubError as error:
        if error.code == "bad-backup":
            raise StoreDamaged(f"the backup could not be read back: {error.detail}") from error
        raise


def _check_room(folder: Path, data: Path, size: int) -> None:
    about = os.statvfs(folder)
    # On the hub's own disk the reserve stays free as well.
    reserve = RESERVE if folder.stat().st_dev == data.stat().st_dev else 0
    left = about.f_bavail * about.f_frsize - size
    if left < reserve:
        raise StorageFull(f"the backup needs {size >> 20} MiB; {left} bytes would be left")
