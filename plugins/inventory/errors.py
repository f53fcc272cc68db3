"""What the inventory refuses."""

from hub.plugin import N_, HubError


class UnknownItem(HubError):
    """There is no such thing in the inventory."""

    code = "unknown-item"
    status = 404
    title = N_("There is no such thing in the inventory.")
    hint = N_("Look for it in the list; it may have been struck off.")


class UnknownEntry(HubError):
    """The log of this item has no such line."""

    code = "unknown-entry"
    status = 404
    title = N_("The service log has no such line.")
    hint = N_("Reload the page and look at the log again.")


class ChangedMeanwhile(HubError):
    """Somebody else has changed it since it was read."""

    code = "changed-meanwhile"
    status = 409
    title = N_("Somebody else has changed this meanwhile.")
    hint = N_("Reload the page, look at what is there now, and change it again.")


class ItemInUse(HubError):
    """The device of the item is in use: the hub would add it again at once."""

    code = "item-in-use"
    status = 409
    title = N_("This device is in use.")
    hint = N_("Take the device out of use first, then strike it off.")


class InventoryFull(HubError):
    """As many things as are kept are kept."""

    code = "inventory-full"
    status = 409
    title = N_("The inventory is full.")
    hint = N_(
        "Strike off what is no longer there; things that are alike can be one line with a number."
    )


class LogFull(HubError):
    """As many lines as an item's log keeps are kept."""

    code = "service-log-full"
    status = 409
    title = N_("The service log of this thing is full.")
    hint = N_("Write it into the notes, or enter the thing anew.")
