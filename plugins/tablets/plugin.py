"""The plugin as the hub loads it."""

from pathlib import Path
from types import MappingProxyType

from hub.plugin import N_, Plugin, PluginHub
from plugins.tablets.calibrating import Calibrating
from plugins.tablets.curves import Curves
from plugins.tablets.routes import make_router
from plugins.tablets.tables import MIGRATIONS

HERE = Path(__file__).parent


class TabletsPlugin(Plugin):
    """Pens: a page to try one on, calibrating, how hard each person presses."""

    id = "tablets"
    title = N_("Tablets")
    migrations = MIGRATIONS
    web = HERE / "web" / "dist"
    locale = HERE / "locale"
    audited = MappingProxyType(
        {
            "tablet.calibrate": N_("calibrated a pen tablet"),
        }
    )

    def __init__(self, hub: PluginHub) -> None:
        super().__init__(hub)
        self._curves = Curves(hub)
        self.router = make_router(Calibrating(hub), self._curves)

    async def start(self) -> None:
        """Begin to tell."""
        await self._curves.start()

    async def stop(self) -> None:
        """Leave off."""
        await self._curves.stop()
