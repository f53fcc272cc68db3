"""The plugin as the hub loads it."""

from pathlib import Path
from types import MappingProxyType

from hub.plugin import N_, Plugin, PluginHub, Role, Socket
from plugins.whiteboard.behind import Pictures
from plugins.whiteboard.boards import Boards
from plugins.whiteboard.exporting.service import Exports
from plugins.whiteboard.importing.service import Imports
from plugins.whiteboard.pens.desk import Desk
from plugins.whiteboard.register import Register
from plugins.whiteboard.retention import BoardSettings, rule
from plugins.whiteboard.routes import make_router
from plugins.whiteboard.routes_files import make_file_routes
from plugins.whiteboard.sync.connection import LARGEST
from plugins.whiteboard.sync.rooms import Rooms
from plugins.whiteboard.tables import MIGRATIONS

HERE = Path(__file__).parent


class WhiteboardPlugin(Plugin):
    """Boards on which a class draws together.

    Publishes `x/whiteboard/boards/<id>` to those in the board's lesson.
    """

    id = "whiteboard"
    title = N_("Board")
    migrations = MIGRATIONS
    web = HERE / "web" / "dist"
    locale = HERE / "locale"
    audited = MappingProxyType(
        {
            "whiteboard.clear": N_("wiped a board"),
            "whiteboard.delete": N_("deleted a board"),
            "whiteboard.edit": N_("changed the settings of a board"),
            "whiteboard.make": N_("made a board"),
            "whiteboard.page.delete": N_("deleted a page of a board"),
        }
    )

    def __init__(self, hub: PluginHub) -> None:
        super().__init__(hub)
        self._register = Register(hub.store)
        self.rooms = Rooms(hub, self._register)
        self._pictures = Pictures(hub)
        self.boards = Boards(hub, self._register, self.rooms, self._pictures)
        self._desk = Desk(hub, self._register, self.rooms)
        self._exports = Exports(hub, self.rooms, self.boards)
        self._imports = Imports(hub, self.rooms, self.boards, self._pictures)
        settings = BoardSettings.model_validate(dict(hub.settings))
        hub.retention.add(rule(self._register, self.boards, settings.boards_days))
        self.router = make_router(hub, self.boards)
        self.router.include_router(make_file_routes(hub, self._exports, self._imports))
        self.sockets = {
            "/boards/{id}/sync": Socket(
                role=Role.DISPLAY, admit=self.rooms.admit, serve=self.rooms.serve, largest=LARGEST
            )
        }

    async def start(self) -> None:
        """Begin to listen."""
        await self._exports.start()
        await self._imports.start()
        await self._pictures.sweep()
        self.rooms.start()
        self._desk.start()

    async def stop(self) -> None:
        """Write what waits."""
        await self._desk.stop()
        await self.rooms.stop()
