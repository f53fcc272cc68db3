"""Bringing a hub back from a backup: all of it, or nothing.

The archive is checked while it is unpacked beside the data directory; only when everything is whole
the two directories change places, in one step. The old one stays aside under a name that says so.
Where the data directory is a mount point, their contents do (see `_in_place`).
"""

import contextlib
import ctypes
import errno
import fcntl
import itertools
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from hub.clock import now, stamp
from hub.errors import N_, HubError
from hub.ids import is_id
from hub.keeping import _in_place
from hub.keeping._archive import (
    DATABASE,
    BadBackup,
    Manifest,
    NewerBackup,
    Steps,
    check,
    opened,
)
from hub.store import KERNEL, StorageFull, StoreUnreachable, storage_error, sync_folder
from hub.store import _sqlite as sqlite
from hub.store._migrations import _revisions

_LOCK = "lock"
_MOVED_ON = ("backups", "drivers")
"""What no backup holds, and a restore therefore leaves as it is."""
_SPARE = 16 << 20
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


class HubRunning(HubError):
    """A hub works on the data directory."""

    code = "hub-running"
    status = 409
    title = N_("A hub is running on this data directory.")
    hint = N_("Stop it first: systemctl stop classhub.")


@dataclass(frozen=True, slots=True)
class Restored:
    """What was brought back.

    Attributes:
        manifest: of the archive.
        aside: where the data of before is now; None where there was none.
    """

    manifest: Manifest
    aside: Path | None


def restore(
    file: Path, data: Path, *, report: Callable[[float], None] = lambda _fraction: None
) -> Restored:
    """Put the hub of a backup in place of the one in `data`. Blocking.

    Tokens work as they did when the backup was made; browsers must sign in again.

    Args:
        file: the backup.
        data: the data directory, which no hub may be using; made where it is missing.
        report: is told how far it is, 0..1.

    Raises:
        BadBackup, NewerBackup: nothing was changed.
        HubRunning: a hub uses the directory.
        StorageFull, StoreUnreachable: nothing was changed.
    """
    data = data.absolute()
    mounted = _in_place.is_mount(data)
    new = data / _in_place.NEW if mounted else data.with_name(f".{data.name}.restoring")
    aside = _unused(data / _in_place.ASIDE if mounted else f"{data}.{_in_place.ASIDE}")
    try:
        with _alone(data):
            _in_place.finish(data)
            if mounted:
                _in_place.check(data)
            shutil.rmtree(new, ignore_errors=True)
            try:
                manifest = _unpacked(file, new, report)
                _check_content(new, manifest)
                _note(new / DATABASE, file.name, manifest)
                _like(data, new)
            except BaseException:
                shutil.rmtree(new, ignore_errors=True)
                raise
            kept = _in_place.swap(data, aside.name) if mounted else _switch(new, data, aside)
    except OSError as error:
        place = error.filename or data
        if error.errno in (errno.EACCES, errno.EPERM, errno.EBUSY, errno.EROFS):
            raise StoreUnreachable(f"{place}: {error.strerror}") from error
        if error.errno == errno.ENOENT and not file.exists():
            raise StoreUnreachable(f"{file}: {error.strerror}") from error
        raise storage_error(error) from error
    return Restored(manifest, kept)


def _unused(start: str | Path) -> Path:
    """Return a name for the data of before that nothing has; two restores fit into one second."""
    first = f"{start}{stamp(now())}"
    names = (Path(first if number == 1 else f"{first}-{number}") for number in itertools.count(1))
    return next(path for path in names if not os.path.lexists(path))


def finish_restore(data: Path) -> None:
    """Finish a restore that a power cut left half done, before anybody looks at the data. Blocking.

    Raises:
        HubRunning: it is being restored just now.
        StoreUnreachable: it cannot be finished.
    """
    if not _in_place.unfinished(data):
        return
    try:
        with _alone(data):
            _in_place.finish(data)
    except OSError as error:
        raise StoreUnreachable(f"{error.filename or data}: {error.strerror}") from error


@contextlib.contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Keep hubs off the directory meanwhile."""
    if not data.exists():
        data.parent.mkdir(parents=True, exist_ok=True)
        yield
        return
    if not data.is_dir():
        raise StoreUnreachable(f"{data} is no directory")
    with (data / _LOCK).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HubRunning(str(data)) from None
        yield


def _unpacked(file: Path, new: Path, report: Callable[[float], None]) -> Manifest:
    with opened(file) as (archive, manifest):
        _check_schema(manifest.schemas)
        size = sum(member.size for member in manifest.members.values())
        about = os.statvfs(new.parent)
        if about.f_bavail * about.f_frsize < size + _SPARE:
            raise StorageFull(f"unpacked, the backup has {size >> 20} MiB")
        new.mkdir(mode=0o700)
        check(archive, manifest, Steps(size, report), lambda name: _target(new, name))
    for folder, _, names in os.walk(new, topdown=False):
        for name in names:
            with (Path(folder) / name).open("rb") as written:
                os.fsync(written.fileno())
        sync_folder(Path(folder))
    return manifest


def _target(new: Path, name: str) -> BinaryIO:
    """Open the place of a member in the new data directory; `data/` is its top."""
    path = new / name.removeprefix("data/")
    if name.startswith("config/"):
        path = new / "restored" / name.removeprefix("config/")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    return os.fdopen(descriptor, "wb")


def _check_schema(schemas: dict[str, str | None]) -> None:
    revision = schemas.get(KERNEL.name)
    if revision is None:
        raise BadBackup("its manifest does not say which tables it has")
    if revision not in _revisions(KERNEL.folder):
        raise NewerBackup(f"its tables have revision {revision}")


def _check_content(new: Path, manifest: Manifest) -> None:
    """Look at what was unpacked as the hub will."""
    try:
        with contextlib.closing(sqlite.connect(new / DATABASE, create=False)) as connection:
            said = connection.execute("PRAGMA quick_check(1)").fetchone()
            row = connection.execute(
                f"SELECT version_num FROM {KERNEL.version_table}"  # noqa: S608 - a constant
            ).fetchone()
            files = set(connection.execute("SELECT sha256 FROM asset"))
    except sqlite3.DatabaseError as error:
        raise BadBackup(f"its database cannot be read: {error}") from error
    if said != ("ok",):
        raise BadBackup(f"its database is damaged: {said[0]}")
    _check_schema({KERNEL.name: row[0] if row else None})
    held = {name.rpartition("/")[2] for name in manifest.members if name.startswith("files/")}
    lost = {sha256 for (sha256,) in files} - held - set(manifest.missing)
    if lost:
        raise BadBackup(f"{len(lost)} file(s) of its assets are not in it")
    for name, member in manifest.members.items():
        content = name.rpartition("/")[2]
        if name.startswith("files/") and content not in (member.sha256, *manifest.missing):
            raise BadBackup(f"{name} is not what its name says")
    with contextlib.suppress(FileNotFoundError):
        if not is_id((new / "hub.id").read_text("ascii", "replace").strip()):
            raise BadBackup("its hub.id is none")


def _note(database: Path, name: str, manifest: Manifest) -> None:
    """End the browsers' sessions, and let the audit log say where this data comes from."""
    at = now()
    detail = f'{{"version": "{_word(manifest.version)}", "made": "{_word(manifest.made)}"}}'
    with contextlib.closing(sqlite.connect(database, create=False)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE session SET revoked = ? WHERE revoked IS NULL", (at,))
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'audit'").fetchone():
            connection.execute(
                "INSERT INTO audit (time, by, name, role, action, subject, detail)"
                " VALUES (?, 'hub', 'hub', 'admin', 'backup.restore', ?, ?)",
                (at, name[:200], detail),
            )
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _word(text: str) -> str:
    return "".join(c for c in text if c.isascii() and (c.isalnum() or c in ".:-+"))


def _like(data: Path, new: Path) -> None:
    """Give what was unpacked the owner and the mode of the directory that it stands in for."""
    if not data.exists():
        return
    about = data.stat()
    new.chmod(about.st_mode & 0o777)
    if os.geteuid() != 0:
        return
    for folder, names, files in os.walk(new):
        for name in [".", *names, *files]:
            os.chown(Path(folder) / name, about.st_uid, about.st_gid, follow_symlinks=False)


def _switch(new: Path, data: Path, aside: Path) -> Path | None:
    """Let the directories change places; returns where the old one is."""
    if not data.exists():
        new.rename(data)
        sync_folder(data.parent)
        return None
    _exchange(new, data)
    new.rename(aside)
    for name in _MOVED_ON:
        if (aside / name).is_dir() and not (data / name).exists():
            (aside / name).rename(data / name)
    sync_folder(data.parent)
    return aside


def _exchange(one: Path, other: Path) -> None:
    """Swap two directories in one step (renameat2(2), RENAME_EXCHANGE)."""
    libc = ctypes.CDLL(None, use_errno=True)
    failed = libc.renameat2(
        _AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE
    )
    if failed:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(other))
