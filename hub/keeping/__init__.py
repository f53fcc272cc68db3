"""Keeping: backup and restore, retention, operations that outlive a restart, room and clock.

See `docs/keeping.md`.
"""

from hub.keeping._archive import BadBackup, Manifest, NewerBackup
from hub.keeping._backup import Backup, backup, backups, next_name, prune
from hub.keeping._health import BackupFailed, ClockWrong, DiskLow, Health
from hub.keeping._identity import IdentityDamaged, identity
from hub.keeping._journal import OperationJournal
from hub.keeping._keeper import Keeper, Room
from hub.keeping._old_recordings import OldRecordings
from hub.keeping._restore import HubRunning, Restored, finish_restore, restore
from hub.keeping._retention import OldAssets, Retention, Rule

__all__ = [
    "Backup",
    "BackupFailed",
    "BadBackup",
    "ClockWrong",
    "DiskLow",
    "Health",
    "HubRunning",
    "IdentityDamaged",
    "Keeper",
    "Manifest",
    "NewerBackup",
    "OldAssets",
    "OldRecordings",
    "OperationJournal",
    "Restored",
    "Retention",
    "Room",
    "Rule",
    "backup",
    "backups",
    "finish_restore",
    "identity",
    "next_name",
    "prune",
    "restore",
]
