"""Databases as earlier versions of the hub left them."""

import tempfile
from pathlib import Path

from hub.store import KERNEL, Migrations
from hub.store._migrations import migrate


def scripts_up_to(owner: Migrations, revision: str, folder: Path) -> Migrations:
    """Return the owner's set as it was when this revision was the newest, in a new folder."""
    folder.mkdir()
    for script in owner.folder.glob("[0-9]*.py"):
        if script.name[: len(revision)] <= revision:
            (folder / script.name).write_text(script.read_text())
    return Migrations(owner.name, folder, owner.metadata, owner.prefix)


def earlier(database: Path, revision: str) -> None:
    """Make an empty database of the kernel as it was at a revision."""
    with tempfile.TemporaryDirectory() as name:
        migrate(database, scripts_up_to(KERNEL, revision, Path(name) / "scripts"), copy=False)
