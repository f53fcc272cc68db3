"""Files kept by their content: whole and on the disk, or not there at all.

A file is written under a temporary name, synced, renamed into `ab/cd/<sha256>` and its folder
synced; only then does its row enter the database. Whatever a crash leaves behind is therefore
either a temporary file (removed at start) or a whole one without a row (moved to `lost+found`).
"""

import contextlib
import errno
import fcntl
import hashlib
import logging
import os
import re
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from hub.errors import Invalid
from hub.ids import new_id
from hub.store._errors import HeldAlready
from hub.store._room import storage_error

log = logging.getLogger("classhub.store.files")

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_SHARD = re.compile(r"[0-9a-f]{2}\Z")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that is safely on the disk; `size` in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Staged:
    """A file written under a temporary name, whole and synced, not yet in its place."""

    path: Path
    sha256: str
    size: int


@dataclass(slots=True)
class SweepReport:
    """What was found at start that a crash or a hand had left behind.

    Attributes:
        half_written: temporary files; removed.
        unknown: files of no asset; moved to `lost+found`.
        missing: contents (SHA-256) of assets that are gone or cut; those assets are marked damaged.
    """

    half_written: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


class Files:
    """Content-addressed files below one folder. Blocking: call it from a thread.

    Attributes:
        root: the folder; it and all in it is readable by the hub's user only.
    """

    def __init__(self, root: Path, *, room: Callable[[int], None] | None = None) -> None:
        """Keep files below `root`.

        Args:
            root: made where it is missing.
            room: called with the number of bytes before they are written; raises `StorageFull`
                where they must not be.
        """
        self.root = root
        self._room = room or (lambda _size: None)
        self._staging = root / "staging"
        self._lost = root / "lost+found"
        self._held = root / "held"

    def open(self) -> list[str]:
        """Make the folders and remove half-written files; returns the names of those."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._staging.mkdir(exist_ok=True, mode=0o700)
        found = sorted(entry.name for entry in self._staging.iterdir())
        for name in found:
            (self._staging / name).unlink()
        with contextlib.suppress(HeldAlready), self.hold():
            pass  # what an interrupted backup has held is let go
        sync_folder(self.root)
        if found:
            log.warning("removed %d half-written file(s) of the last run", len(found))
        return found

    def put(self, data: bytes) -> StoredFile:
        """Keep `data`; on return it survives a power cut. Raises `StorageFull`."""
        return self.commit(self.stage(data))

    def adopt(self, file: Path) -> StoredFile:
        """Keep a file that was written elsewhere; it is moved, and gone from there.

        Raises:
            StorageFull: there is no room for it.
            Invalid: it is no regular file.
        """
        return self.commit(self.stage(file))

    def stage(self, content: bytes | Path) -> Staged:
        """Write (or move) `content` to a temporary name, synced; finish it with `commit`."""
        target = self._staging / new_id()
        try:
            if isinstance(content, Path):
                return self._stage_file(content, target)
            return self._stage_bytes(content, target)
        except OSError as error:
            target.unlink(missing_ok=True)
            raise storage_error(error) from error

    def scratch(self, size: int = 0) -> tuple[Path, BinaryIO]:
        """Return a new file to write to and `stage`; it does not outlive a start of the hub.

        Args:
            size: how many bytes are expected. Raises `StorageFull` where they have no room.
        """
        try:
            self._room(size)
            path = self._staging / new_id()
            return path, _create(path)
        except OSError as error:
            raise storage_error(error) from error

    def commit(self, staged: Staged) -> StoredFile:
        """Give a staged file its place. The same content is kept once, however often it comes."""
        target = self.path(staged.sha256)
        if _size(target) == staged.size:
            staged.path.unlink()
            return StoredFile(staged.sha256, staged.size)
        try:
            self._make_shard(target.parent)
            staged.path.replace(target)
            sync_folder(target.parent)
        except OSError as error:
            raise storage_error(error) from error
        return StoredFile(staged.sha256, staged.size)

    def discard(self, staged: Staged) -> None:
        """Give a staged file up; nothing happens where it is already gone or committed."""
        staged.path.unlink(missing_ok=True)

    def path(self, sha256: str) -> Path:
        """Return where the content with this hash is, or would be. Raises `Invalid` for no hash."""
        if not _SHA256.match(sha256):
            raise Invalid(f"{sha256!r} is no SHA-256")
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def whole(self, sha256: str, size: int) -> bool:
        """Tell whether a content is there with all its bytes (by its length; see `verify`)."""
        return _size(self.path(sha256)) == size

    def verify(self, sha256: str) -> bool:
        """Tell whether a content is there and is what it was, by reading all of it."""
        try:
            with self.path(sha256).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == sha256
        except FileNotFoundError:
            return False

    def remove(self, sha256: str) -> None:
        """Forget a content; nothing happens where it is already gone."""
        path = self.path(sha256)
        try:
            path.replace(self._held / sha256)
        except FileNotFoundError:  # the usual: nobody holds files back
            path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Hold back what is removed meanwhile, also by another process, so that `read` finds it.

        Raises:
            HeldAlready: somebody else does so just now.
        """
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise HeldAlready("another process makes a backup") from None
            self._let_go()
            self._held.mkdir(mode=0o700)
            if os.geteuid() == 0:  # the engineer's command line, beside the service's own user
                about = self.root.stat()
                os.chown(self._held, about.st_uid, about.st_gid)
            try:
                yield
            finally:
                self._let_go()
        finally:
            os.close(folder)  # and the lock with it

    def _let_go(self) -> None:
        # Renamed first, so that nothing comes in while it is emptied.
        gone = self._held.with_name("held.gone")
        shutil.rmtree(gone, ignore_errors=True)
        with contextlib.suppress(FileNotFoundError):
            self._held.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

    def read(self, sha256: str) -> BinaryIO:
        """Open a content, also one that is held back. Raises `FileNotFoundError`."""
        path = self.path(sha256)
        with contextlib.suppress(FileNotFoundError):
            return path.open("rb")
        with contextlib.suppress(FileNotFoundError):
            return (self._held / sha256).open("rb")
        return path.open("rb")  # it was kept anew while we looked

    def shards(self) -> Iterator[str]:
        """Yield the first two letters of every hash that may be here, in order."""
        for entry in sorted(self.root.iterdir()):
            if _SHARD.match(entry.name) and entry.is_dir():
                yield entry.name

    def stored(self, shard: str) -> dict[str, int]:
        """Return hash and size in bytes of every file whose hash starts with `shard`."""
        found: dict[str, int] = {}
        folder = self.root / shard
        if folder.is_dir():
            for entry in folder.glob("??/*"):
                if _SHA256.match(entry.name) and entry.is_file():
                    found[entry.name] = entry.stat().st_size
        return found

    def set_aside(self, sha256: str) -> None:
        """Move a file that belongs to nothing to `lost+found`, for somebody to look at."""
        self._lost.mkdir(exist_ok=True, mode=0o700)
        with contextlib.suppress(FileNotFoundError):
            self.path(sha256).replace(self._lost / sha256)

    def _stage_bytes(self, data: bytes, target: Path) -> Staged:
        self._room(len(data))
        with _create(target) as file:
            file.write(data)
            _sync(file)
        return Staged(target, hashlib.sha256(data).hexdigest(), len(data))

    def _stage_file(self, source: Path, target: Path) -> Staged:
        descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            about = os.fstat(descriptor)
            if not stat.S_ISREG(about.st_mode):
                raise Invalid(f"{source} is no regular file")
            try:
                source.rename(target)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                self._room(about.st_size)
                with _create(target) as copy:
                    shutil.copyfileobj(file, copy, _CHUNK)
                    _sync(copy)
                source.unlink()
            else:
                os.fchmod(descriptor, 0o600)
                os.fsync(descriptor)
        with target.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return Staged(target, digest, os.fstat(file.fileno()).st_size)

    def _make_shard(self, folder: Path) -> None:
        if folder.is_dir():
            return
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        sync_folder(folder.parent)
        sync_folder(self.root)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _create(path: Path) -> BinaryIO:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    return os.fdopen(descriptor, "wb")


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None
