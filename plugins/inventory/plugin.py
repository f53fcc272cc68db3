"""The plugin as the hub loads it."""

from pathlib import Path
from types import MappingProxyType

from hub.plugin import N_, Plugin, PluginHub, Router
from plugins.inventory.items import Following, Inventory
from plugins.inventory.readiness import Measuring, Reports
from plugins.inventory.routes_items import item_routes, log_routes
from plugins.inventory.routes_labels import label_routes
from plugins.inventory.routes_readiness import readiness_routes
from plugins.inventory.routes_sheets import sheet_routes
from plugins.inventory.tables import MIGRATIONS

HERE = Path(__file__).parent


class InventoryPlugin(Plugin):
    """The inventory of the room, with the service log of each thing.

    Publishes `x/inventory/items/<item>` to teachers when something of an item is otherwise.
    """

    id = "inventory"
    title = N_("Inventory")
    migrations = MIGRATIONS
    web = HERE / "web" / "dist"
    locale = HERE / "locale"
    audited = MappingProxyType(
        {
            "inventory.add": N_("entered a thing into the inventory"),
            "inventory.change": N_("changed a thing in the inventory"),
            "inventory.strike": N_("struck a thing off the inventory"),
            "inventory.fault": N_("reported a fault"),
            "inventory.mended": N_("wrote that a fault is mended"),
            "inventory.not-mended": N_("wrote that a fault is not mended"),
            "inventory.repair": N_("wrote down a repair"),
            "inventory.part": N_("wrote down a new part"),
            "inventory.firmware": N_("wrote down new firmware"),
            "inventory.safety": N_("wrote down that a safety instruction was read"),
            "inventory.fill": N_("filled a form in"),
            "inventory.discard": N_("deleted a filled form"),
            "inventory.note": N_("wrote a note into a service log"),
        }
    )

    def __init__(self, hub: PluginHub) -> None:
        super().__init__(hub)
        self.inventory = Inventory(hub)
        self.following = Following(hub)
        self.router = Router(tags=["Inventory"])
        self.router.include_router(item_routes(hub, self.inventory))
        self.router.include_router(log_routes(hub, self.inventory))
        self.router.include_router(sheet_routes(hub, self.inventory))
        self.router.include_router(label_routes(hub, self.inventory))
        measuring = Measuring(hub, self.inventory)
        self.router.include_router(readiness_routes(hub, Reports(hub), measuring))

    async def start(self) -> None:
        """Follow the hub's devices."""
        await self.following.start()

    async def stop(self) -> None:
        """Leave off."""
        await self.following.stop()
