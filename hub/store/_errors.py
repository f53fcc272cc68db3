"""What can go wrong in keeping things."""

from hub.errors import N_, HubError


class StoreBusy(HubError):
    """More is waiting to be written than the hub holds in memory."""

    code = "store-busy"
    status = 503
    title = N_("The hub has too much to write just now.")
    hint = N_("Wait a moment and try again.")
    retryable = True


class StoreClosed(HubError):
    """The hub is stopping or has not started yet."""

    code = "store-closed"
    status = 503
    title = N_("The hub is stopping.")
    hint = N_("Wait until it has started again.")
    retryable = True


class StorageFull(HubError):
    """There is no room left on the disk, or as little as must be kept free."""

    code = "storage-full"
    status = 507
    title = N_("The hub's disk is full.")
    hint = N_("Delete what is no longer needed, or tell the lab engineer.")


class FileDamaged(HubError):
    """The file of an asset is missing or is not what was stored."""

    code = "file-damaged"
    status = 410
    title = N_("The file of this item is damaged or missing.")
    hint = N_("Bring it back from a backup, or delete the item.")


class HeldAlready(HubError):
    """A backup is being made already."""

    code = "backup-running"
    status = 409
    title = N_("A backup is being made already.")
    hint = N_("Wait until it is done.")
    retryable = True


class MigrationFailed(HubError):
    """The tables could not be brought to the form that this version needs; nothing was changed."""

    code = "migration-failed"
    status = 500
    title = N_("The stored data could not be brought to this version.")
    hint = N_("Nothing was changed. Go back to the earlier version and tell the lab engineer.")


class StoreDamaged(HubError):
    """The database file is not one, or is broken."""

    code = "store-damaged"
    status = 500
    title = N_("The hub's database is damaged.")
    hint = N_("Bring it back from a backup, and look after the disk.")


class StoreUnreachable(HubError):
    """The data folder cannot be opened or written to."""

    code = "store-unreachable"
    status = 500
    title = N_("The hub cannot write to its data folder.")
    hint = N_("Check who owns the folder, and that its disk is there and not read-only.")
