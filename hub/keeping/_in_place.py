"""Restoring into a data directory that is a mount point: what is in it changes places.

A mount point cannot be renamed, so this takes many steps. A note in the directory says which comes
next; it is written before the first, and whoever opens the directory after a power cut finishes
what it says (`finish`). Before the note is there nothing of the old data has been touched.
"""

import json
import os
import re
import shutil
from pathlib import Path

from hub.store import StoreUnreachable, sync_folder, write_whole

NEW = ".restoring"
NOTE = ".restoring.json"
ASIDE = "before-restore-"
_STAYS = frozenset({"lock", "lost+found", "backups", "drivers", NEW, NOTE, f"{NOTE}.new"})
_ASIDE_NAME = re.compile(rf"{ASIDE}[0-9A-Za-z.:-]+\Z")
_ESCAPED = re.compile(rb"\\([0-7]{3})")
_MOUNTS = Path("/proc/self/mountinfo")


def is_mount(folder: Path) -> bool:
    """Tell whether something is mounted at a folder, or it is bound there from elsewhere."""
    return os.path.ismount(folder) or os.fsencode(folder.resolve()) in _mounts()


def check(data: Path) -> None:
    """Raise `StoreUnreachable` where something else is mounted within, which could not be moved."""
    within = [path for path in _leaving(data) if is_mount(path)]
    if within:
        raise StoreUnreachable(f"{within[0]} is mounted there: unmount it, restore, mount it again")


def swap(data: Path, aside: str) -> Path:
    """Put what is unpacked in `NEW` in the place of what is in `data`; returns where that is now.

    Args:
        data: the directory; nobody else may be using it.
        aside: what the folder for the old data is called.

    Raises:
        OSError: it cannot be done; everything is as it was.
    """
    _note(data, "out", aside)
    finish(data)
    return data / aside


def unfinished(data: Path) -> bool:
    """Tell whether a restore was cut off here, or is under way."""
    return (data / NOTE).exists() or (data / NEW).exists()


def finish(data: Path) -> None:
    """Finish a restore that was cut off; nobody else may be using the directory.

    Raises:
        OSError: it cannot be finished. Where the old data was still leaving, it is back.
    """
    said = _read(data)
    if said is None:
        if (data / NEW).is_dir():
            shutil.rmtree(data / NEW)  # was never whole
        return
    step, aside = said
    if step == "out":
        try:
            _out(data, aside)
        except OSError:
            _back(data, aside)
            raise
        _note(data, "in", aside.name)
    new = data / NEW
    for path in _entries(new):
        path.rename(data / path.name)
    sync_folder(data)
    if new.is_dir():
        new.rmdir()
    (data / NOTE).unlink()
    sync_folder(data)


def _out(data: Path, aside: Path) -> None:
    if not aside.is_dir():
        aside.mkdir(mode=0o700)
    if os.geteuid() == 0:
        about = data.stat()
        os.chown(aside, about.st_uid, about.st_gid)
    for path in _leaving(data):
        path.rename(aside / path.name)
    sync_folder(aside)
    sync_folder(data)


def _back(data: Path, aside: Path) -> None:
    for path in _entries(aside):
        path.rename(data / path.name)
    if aside.is_dir():
        aside.rmdir()
    sync_folder(data)
    (data / NOTE).unlink()
    sync_folder(data)
    shutil.rmtree(data / NEW, ignore_errors=True)


def _leaving(data: Path) -> list[Path]:
    return [
        path
        for path in _entries(data)
        if path.name not in _STAYS and not _ASIDE_NAME.match(path.name)
    ]


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _note(data: Path, step: str, aside: str) -> None:
    write_whole(data / NOTE, json.dumps({"step": step, "aside": aside}).encode())


def _read(data: Path) -> tuple[str, Path] | None:
    try:
        said = json.loads((data / NOTE).read_bytes())
        step, aside = said["step"], said["aside"]
    except FileNotFoundError:
        return None
    except (ValueError, LookupError, TypeError):
        step, aside = "", ""
    if step not in ("out", "in") or not _ASIDE_NAME.match(str(aside)):
        raise OSError(0, "its note of a restore that was cut off is damaged", str(data / NOTE))
    return step, data / aside


def _mounts() -> set[bytes]:
    """Return all places where something is mounted (proc(5), mountinfo, the fifth field)."""
    try:
        lines = _MOUNTS.read_bytes().splitlines()
    except OSError:
        return set()
    fields = [line.split(b" ") for line in lines]
    return {
        _ESCAPED.sub(lambda found: bytes([int(found[1], 8)]), one[4])
        for one in fields
        if len(one) > 4
    }
