"""The plugin as the hub loads it."""

from pathlib import Path

from hub.plugin import N_, Access, Plugin, PluginHub, Role
from plugins.district.outbox import Outbox
from plugins.district.routes import make_router
from plugins.district.settings import DistrictSettings
from plugins.district.tables import MIGRATIONS
from plugins.district.uplink import Uplink
from plugins.district.watching import Watching

HERE = Path(__file__).parent
MARK = "confirmed.json"


class DistrictPlugin(Plugin):
    """What the school district is told of this hub; nothing unless a district is set."""

    id = "district"
    title = N_("School district")
    migrations = MIGRATIONS
    locale = HERE / "locale"

    def __init__(self, hub: PluginHub) -> None:
        super().__init__(hub)
        self._settings = settings = DistrictSettings.model_validate(dict(hub.settings))
        self._outbox = Outbox(hub.store, hub.work / MARK, settings.keep)
        self._watching = Watching(hub, settings, self._outbox, self._news)
        summary = self._watching.summary if "summary" in settings.send else None
        self._uplink = Uplink(settings, self._outbox, summary, self._tell)
        self.router = make_router(settings, self._outbox, self._uplink, self._watching, hub.say)

    async def start(self) -> None:
        """Begin, where a district is set."""
        if self._settings.url is None:
            return
        await self._outbox.start()
        self._watching.start()
        self._uplink.start()

    async def stop(self) -> None:
        """Leave off."""
        await self._watching.stop()
        await self._uplink.stop()

    def _news(self) -> None:
        self._uplink.news()

    def _tell(self) -> None:
        """Tell the hub's own people; who may know of it is an engineer."""
        told = {"status": self._uplink.state.status}
        self.hub.publish("uplink", told, retained=True, audience=Access(role=Role.ENGINEER))
