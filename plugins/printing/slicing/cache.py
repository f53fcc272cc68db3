"""What was sliced before, so that the same wish need not wait twice.

An entry is `<key>.gcode` and, written after it, `<key>.json`: what has no `.json` is half made and
cleared away. Losing any of it loses only time. Calls block; none is made on the event loop.
"""

import contextlib
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any, Final

MOST_ENTRIES: Final = 50
MOST_BYTES: Final = 1 << 30


def hash_of(path: Path) -> str:
    """Return a file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def key_of(*parts: Any) -> str:
    """Return the key for what decides the result, each JSON-ready."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


class SliceCache:
    """Sliced files in a folder; the longest unused go first.

    Args:
        folder: its own.
        entries, size: so many files, and bytes of them, at most.
    """

    def __init__(
        self, folder: Path, *, entries: int = MOST_ENTRIES, size: int = MOST_BYTES
    ) -> None:
        self._folder = folder
        self._entries = entries
        self._size = size

    def clear_up(self) -> None:
        """Make the folder; remove what a crash left half made."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for path in self._folder.iterdir():
            if path.suffix == ".new" or not path.with_suffix(".json").exists():
                path.unlink(missing_ok=True)
        self._shrink()

    def get(self, key: str, target: Path) -> dict[str, Any] | None:
        """Copy what is kept under a key to `target` and return its facts; None where there is none.

        What does not hold what its facts say (a disk's fault) is removed.
        """
        gcode, about = self._paths(key)
        try:
            known = json.loads(about.read_bytes())
            shutil.copyfile(gcode, target)
            if hash_of(target) == known["sha256"]:
                os.utime(about)
                return dict(known["facts"])
        except (OSError, ValueError, KeyError, TypeError):
            if not about.exists():
                return None
        self._remove(key)
        target.unlink(missing_ok=True)
        return None

    def put(self, key: str, source: Path, facts: dict[str, Any]) -> None:
        """Keep a copy of `source`. Where the disk has no room for it, it is not kept."""
        gcode, about = self._paths(key)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            new = gcode.with_suffix(".new")
            shutil.copyfile(source, new)
            _sync(new)
            new.replace(gcode)
            text = json.dumps({"sha256": hash_of(gcode), "facts": facts}, allow_nan=False)
            new.write_text(text, "ascii")
            _sync(new)
            new.replace(about)
        except OSError:
            self._remove(key)
            with contextlib.suppress(OSError):
                gcode.with_suffix(".new").unlink(missing_ok=True)
        self._shrink()

    def _paths(self, key: str) -> tuple[Path, Path]:
        return self._folder / f"{key}.gcode", self._folder / f"{key}.json"

    def _remove(self, key: str) -> None:
        gcode, about = self._paths(key)
        for path in (about, gcode):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    def _shrink(self) -> None:
        kept = []
        for about in self._folder.glob("*.json"):
            with contextlib.suppress(OSError):
                size = about.with_suffix(".gcode").stat().st_size
                kept.append((about.stat().st_mtime_ns, size, about.stem))
        total = sum(size for _, size, _ in kept)
        kept.sort()
        while kept and (len(kept) > self._entries or total > self._size):
            _, size, key = kept.pop(0)
            self._remove(key)
            total -= size


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
