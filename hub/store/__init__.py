"""Everything that must survive a power cut: the database, its migrations and the files.

SQLite through SQLAlchemy, one writer; files by their SHA-256. See `Store`, `Files`, `Migrations`.
"""

from hub.store._base import Base, Page
from hub.store._errors import (
    FileDamaged,
    HeldAlready,
    MigrationFailed,
    StorageFull,
    StoreBusy,
    StoreClosed,
    StoreDamaged,
    StoreUnreachable,
)
from hub.store._files import Files, Staged, StoredFile, SweepReport, sync_folder
from hub.store._migrations import Migrations
from hub.store._room import RESERVE, reserving, storage_error
from hub.store._small import write_whole
from hub.store._store import KERNEL, Store

__all__ = [
    "KERNEL",
    "RESERVE",
    "Base",
    "FileDamaged",
    "Files",
    "HeldAlready",
    "MigrationFailed",
    "Migrations",
    "Page",
    "Staged",
    "StorageFull",
    "Store",
    "StoreBusy",
    "StoreClosed",
    "StoreDamaged",
    "StoreUnreachable",
    "StoredFile",
    "SweepReport",
    "reserving",
    "storage_error",
    "sync_folder",
    "write_whole",
]
