"""Things that somebody answers for, and the service log of each."""

from plugins.inventory.items.following import Following
from plugins.inventory.items.keeper import Inventory, today
from plugins.inventory.items.values import Entry, EntryFields, Item, ItemFields

__all__ = ["Entry", "EntryFields", "Following", "Inventory", "Item", "ItemFields", "today"]
