"""The plugin as the hub loads it."""

from pathlib import Path
from types import MappingProxyType

from hub.plugin import N_, Plugin, PluginHub
from plugins.panel.following import Following
from plugins.panel.routes import make_router
from plugins.panel.scenes import Scenes
from plugins.panel.tables import MIGRATIONS

HERE = Path(__file__).parent


class PanelPlugin(Plugin):
    """Panels in class: the start and the end of a lesson, timetable, off when nobody is there.

    Publishes `x/panel/<device>/scene` and `x/panel/<device>/plan` (retained).
    """

    id = "panel"
    title = N_("Interactive panel")
    migrations = MIGRATIONS
    web = HERE / "web" / "dist"
    locale = HERE / "locale"
    audited = MappingProxyType(
        {
            "panel.plan": N_("changed what is wanted of a panel"),
            "panel.start": N_("started the lesson on a panel"),
            "panel.end": N_("ended the lesson on a panel"),
        }
    )

    def __init__(self, hub: PluginHub) -> None:
        super().__init__(hub)
        self.scenes = Scenes(hub)
        self.following = Following(hub, self.scenes)
        self.router = make_router(self.scenes, self.following, hub.audit)

    async def start(self) -> None:
        """Follow lessons and the clock."""
        await self.following.start()

    async def stop(self) -> None:
        """Leave off."""
        await self.following.stop()
        await self.scenes.stop()
