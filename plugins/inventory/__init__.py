"""What stands in the room: the inventory, the service log, labels, and the readiness report."""

from plugins.inventory.plugin import InventoryPlugin

__all__ = ["InventoryPlugin"]
