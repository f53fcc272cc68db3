"""The plugin as the hub loads it."""

from pathlib import Path
from types import MappingProxyType

from hub.plugin import N_, Plugin, PluginHub
from plugins.touch.following import Following
from plugins.touch.quiz.games import Games
from plugins.touch.quiz.quizzes import Quizzes
from plugins.touch.quiz.retention import rule
from plugins.touch.quiz.routes import make_game_routes, make_quiz_routes
from plugins.touch.routes import make_router
from plugins.touch.tables import MIGRATIONS
from plugins.touch.tuio.sender import Sender
from plugins.touch.tuio.settings import TouchSettings
from plugins.touch.zones.zones import Zones

HERE = Path(__file__).parent


class TouchPlugin(Plugin):
    """Touch tables: zones, gestures, TUIO to other programs, activities of groups.

    Publishes `x/touch/<table>/zones` (retained), `…/contacts`, `…/gestures`, see `following`;
    and to those in a lesson `x/touch/games/<id>` and `x/touch/results/<id>`.
    """

    id = "touch"
    title = N_("Touch table")
    migrations = MIGRATIONS
    web = HERE / "web" / "dist"
    locale = HERE / "locale"
    audited = MappingProxyType(
        {
            "touch.delete-quiz": N_("deleted a quiz"),
            "touch.divide": N_("divided a touch table into zones"),
        }
    )

    def __init__(self, hub: PluginHub) -> None:
        super().__init__(hub)
        settings = TouchSettings.model_validate(dict(hub.settings))
        hub.retention.add(rule(hub, settings.results_days))
        self.zones = Zones(hub)
        self.following = Following(hub, self.zones)
        self.sender = Sender(hub, self.following, self.zones, settings.tuio)
        self.router = make_router(self.zones, self.following, self.sender)
        self.router.include_router(make_quiz_routes(Quizzes(hub)))
        self.router.include_router(make_game_routes(Games(hub)))

    async def start(self) -> None:
        """Follow the tables."""
        await self.zones.start()
        self.following.start()
        self.sender.start()

    async def stop(self) -> None:
        """Leave off."""
        await self.sender.stop()
        self.following.stop()
