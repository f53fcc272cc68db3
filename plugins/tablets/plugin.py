"""The plugin as the hub loads it."""

from pathlib import Path
from types import MappingProxyType

from hub.plugin import N_, Plugin, PluginHub
from plugins.tablets.calibrating import Calibrating
from plugins.tablets.curves import Curves
from plugins.tablets.pen_out import PenOut, TabletsSettings
from plugins.tablets.routes import make_router
from plugins.tablets.tables import MIGRATIONS

HERE = Path(__file__).parent


class TabletsPlugin(Plugin):
    """Pens: a page to try one on, calibrating, how hard each person presses, a pen for programs."""

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
        wanted = TabletsSettings.model_validate(dict(hub.settings)).virtual_pen
        self._pen_out = PenOut(hub, wanted=wanted)
        self.router = make_router(Calibrating(hub), self._curves, self._pen_out, hub.say)

    async def start(self) -> None:
        """Begin to tell."""
        await self._curves.start()
        await self._pen_out.start()

    async def stop(self) -> None:
        """Leave off."""
        await self._pen_out.stop()
        await self._curves.stop()
