"""Databases for tests: their tables are made once in a process, not by each test."""

import tempfile
from pathlib import Path

from hub.store import Migrations, Store

_made: dict[tuple[str, ...], bytes] = {}


def laid(path: Path, *migrations: Migrations) -> Path:
    """Lay an empty database at a path, with the kernel's tables and these plugins'; returns the path.

    What lies there already stays.
    """
    names = tuple(one.name for one in migrations)
    if names not in _made:
        with tempfile.TemporaryDirectory() as folder:
            store = Store(Path(folder) / "hub.db")
            store.open()
            for one in migrations:
                store.migrate(one)
            store.close()
            _made[names] = store.path.read_bytes()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_made[names])
    return path
