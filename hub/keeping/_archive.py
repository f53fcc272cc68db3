"""The form of a backup: one zip file with a manifest that names every member and its hash.

    manifest.json            what follows here
    hub.sqlite               the database, one state of it
    files/ab/cd/<sha256>     the files of its assets, as they are
    data/…                   what else the data directory holds: the hub's id and keys
    config/…                 a copy of the settings file, for reference; restoring leaves it alone

Pictures are stored as they are, the rest is deflated. What an archive says is believed only where
it was checked: names, sizes and hashes.
"""

import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hub.errors import N_, HubError

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "hub.sqlite"
CHUNK = 1 << 20
MOST_MANIFEST = 256 << 20
KEPT_BESIDE = ("hub.id", "links.key", "twins.json")
"""Of the data directory, what a backup holds beside the database and the files of the assets."""

_NAME = re.compile(
    r"(hub\.sqlite|files/([0-9a-f]{2})/([0-9a-f]{2})/([0-9a-f]{64})"
    rf"|data/({'|'.join(map(re.escape, KEPT_BESIDE))})|config/classhub\.toml)\Z"
)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class BadBackup(HubError):
    """The file is no backup of a hub, or is damaged."""

    code = "bad-backup"
    status = 422
    title = N_("This is not a whole backup of a hub.")
    hint = N_("Nothing was changed. Take another backup.")


class NewerBackup(HubError):
    """The backup was made by a version that came after this one."""

    code = "newer-backup"
    status = 409
    title = N_("This backup was made by a newer version of the hub.")
    hint = N_("Nothing was changed. Install that version first.")


class Cancelled(HubError):
    """Whoever asked for it does not want it any more."""

    code = "cancelled"
    status = 409
    title = N_("This was cancelled.")
    hint = ""


class Member(BaseModel):
    """A file in the archive; `size` in bytes."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    size: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Manifest(BaseModel):
    """What an archive holds.

    Attributes:
        format: of the archive.
        hub: its id. version: of its software. made: when, RFC 3339.
        schemas: of each owner of tables, the revision that they have.
        members: by name.
        missing: contents (SHA-256) of assets whose files were not there, or not what they were.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    format: int
    hub: str = Field(max_length=100)
    version: str = Field(max_length=100)
    made: str = Field(max_length=40)
    schemas: dict[str, str | None]
    members: dict[str, Member]
    missing: list[str] = []


@dataclass(slots=True)
class Steps:
    """Tells how far a long work is, and whether it is still wanted.

    Attributes:
        total: bytes to go through. report: is told a fraction 0..1.
        cancelled: asked at each step.
    """

    total: int = 1
    report: Callable[[float], None] = field(default=lambda _fraction: None)
    cancelled: Callable[[], bool] = field(default=lambda: False)
    _done: int = 0

    def went(self, size: int) -> None:
        """Note that so many bytes are done. Raises `Cancelled`."""
        if self.cancelled():
            raise Cancelled("the backup was cancelled")
        self._done += size
        self.report(min(self._done / max(self.total, 1), 1.0))


class Writer:
    """Writes an archive; `finish` adds the manifest."""

    def __init__(self, archive: zipfile.ZipFile, steps: Steps) -> None:
        self._archive = archive
        self._steps = steps
        self.members: dict[str, Member] = {}

    def add(self, name: str, source: BinaryIO, *, deflate: bool) -> str:
        """Add a file; returns its SHA-256. Raises `OSError`, `Cancelled`."""
        about = zipfile.ZipInfo(name)
        about.compress_type = zipfile.ZIP_DEFLATED if deflate else zipfile.ZIP_STORED
        about.external_attr = 0o600 << 16
        digest, size = hashlib.sha256(), 0
        with self._archive.open(about, "w", force_zip64=True) as target:
            while block := source.read(CHUNK):
                self._steps.went(len(block))
                digest.update(block)
                size += len(block)
                target.write(block)
        self.members[name] = Member(size=size, sha256=digest.hexdigest())
        return digest.hexdigest()

    def finish(self, manifest: Manifest) -> None:
        """Add the manifest."""
        text = json.dumps(manifest.model_dump(mode="json"), separators=(",", ":"))
        self._archive.writestr(MANIFEST, text, zipfile.ZIP_DEFLATED)


@contextmanager
def opened(file: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """Open an archive and read its manifest; the members are not checked yet.

    Raises:
        BadBackup: it is none. NewerBackup: this version cannot read it.
        OSError: it cannot be read.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive, _manifest(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise BadBackup(f"{file.name}: {error}") from error


def check(
    archive: zipfile.ZipFile,
    manifest: Manifest,
    steps: Steps,
    sink: Callable[[str], BinaryIO] | None = None,
) -> None:
    """Read every member and compare it with the manifest.

    Args:
        archive: open.
        manifest: its own.
        steps: told of each step.
        sink: opens what a member is written to; None only checks.

    Raises:
        BadBackup: a member is not what the manifest says.
        OSError: the sink cannot be written.
    """
    for name, member in manifest.members.items():
        target = None if sink is None else sink(name)
        digest, left = hashlib.sha256(), member.size
        try:
            with archive.open(name) as source:
                while block := source.read(min(CHUNK, left + 1)):
                    left -= len(block)
                    if left < 0:
                        raise BadBackup(f"{name} is larger than the manifest says")
                    steps.went(len(block))
                    digest.update(block)
                    if target is not None:
                        target.write(block)
        finally:
            if target is not None:
                target.close()
        if left or digest.hexdigest() != member.sha256:
            raise BadBackup(f"{name} is not what the manifest says")


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if names.count(MANIFEST) != 1:
        raise BadBackup("it has no manifest")
    about = archive.getinfo(MANIFEST)
    if about.file_size > MOST_MANIFEST:
        raise BadBackup("its manifest is too large")
    with archive.open(about) as file:
        text = file.read(MOST_MANIFEST + 1)
    if len(text) > MOST_MANIFEST:
        raise BadBackup("its manifest is too large")
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as error:
        raise BadBackup(f"its manifest is not right: {error.errors()[0]['msg']}") from None
    if manifest.format > FORMAT:
        raise NewerBackup(f"format {manifest.format}")
    if len(names) != len(set(names)) or set(names) - {MANIFEST} != set(manifest.members):
        raise BadBackup("its files are not those of its manifest")
    if DATABASE not in manifest.members:
        raise BadBackup("it has no database")
    for entry in entries:
        if entry.filename != MANIFEST:
            _check_entry(entry, manifest.members[entry.filename])
    return manifest


def _check_entry(entry: zipfile.ZipInfo, member: Member) -> None:
    name = entry.filename
    match = _NAME.match(name)
    if match is None:
        raise BadBackup(f"a file named {name[:80]!r} has no place in a hub")
    if match[4] and (match[4][:2], match[4][2:4]) != (match[2], match[3]):
        raise BadBackup(f"{name} is in the wrong folder")
    if entry.compress_type not in _METHODS or entry.flag_bits & 1:
        raise BadBackup(f"{name} is packed in a way that the hub does not read")
    if entry.file_size != member.size:
        raise BadBackup(f"{name} is not as large as the manifest says")
