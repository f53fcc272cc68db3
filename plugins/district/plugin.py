"""The plugin as the hub loads it."""

from pathlib import Path
from types import MappingProxyType

from hub.plugin import N_, Access, Plugin, PluginHub, Role
from plugins.district.hands import Hands, add_routes
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
    web = HERE / "web" / "dist"
    audited = MappingProxyType(
        {
            "district.consent": N_("changed what the district may do here"),
            "district.key-add": N_("put in a key of the district"),
            "district.key-remove": N_("took away a key of the district"),
            "district.order": N_("asked for something, from the district"),
            "district.agree": N_("agreed to what the district asked for"),
            "district.decline": N_("said no to what the district asked for"),
            "district.refuse": N_("sent something from the district that was refused"),
            "district.ended": N_("had something done here, or not, from the district"),
        }
    )

    def __init__(self, hub: PluginHub) -> None:
        super().__init__(hub)
        self._settings = settings = DistrictSettings.model_validate(dict(hub.settings))
        self._outbox = Outbox(hub.store, hub.work / MARK, settings.keep)
        self._watching = Watching(hub, settings, self._outbox, self._news)
        summary = self._watching.summary if "summary" in settings.send else None
        self._hands = Hands(
            hub, self._outbox, lambda: self._uplink.state.name, on=settings.url is not None
        )
        self._uplink = Uplink(settings, self._outbox, summary, self._tell, self._hands.hear)
        self.router = make_router(settings, self._outbox, self._uplink, self._watching, hub.say)
        add_routes(self.router, self._hands, hub)

    async def start(self) -> None:
        """Begin, where a district is set."""
        if self._settings.url is None:
            return
        await self._outbox.start()
        self._watching.start()
        await self._hands.start()
        self._uplink.start()

    async def stop(self) -> None:
        """Leave off."""
        await self._watching.stop()
        await self._uplink.stop()
        await self._hands.stop()

    def _news(self) -> None:
        self._uplink.news()

    def _tell(self) -> None:
        """Tell the hub's own people; who may know of it is an engineer."""
        told = {"status": self._uplink.state.status}
        self.hub.publish("uplink", told, retained=True, audience=Access(role=Role.ENGINEER))
