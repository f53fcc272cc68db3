"""The plugin as the hub loads it."""

from pathlib import Path

from hub.plugin import N_, Plugin, PluginHub, Role, Socket
from plugins.whiteboard.boards import Boards
from plugins.whiteboard.pens.desk import Desk
from plugins.whiteboard.register import Register
from plugins.whiteboard.routes import make_router
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

    def __init__(self, hub: PluginHub) -> None:
        super().__init__(hub)
        self._register = Register(hub.store)
        self.rooms = Rooms(hub, self._register)
        self.boards = Boards(hub, self._register, self.rooms)
        self._desk = Desk(hub, self._register, self.rooms)
        self.router = make_router(hub, self.boards)
        self.sockets = {
            "/boards/{id}/sync": Socket(
                role=Role.DISPLAY, admit=self.rooms.admit, serve=self.rooms.serve, largest=LARGEST
            )
        }

    async def start(self) -> None:
        """Begin to listen."""
        self.rooms.start()
        self._desk.start()

    async def stop(self) -> None:
        """Write what waits."""
        await self._desk.stop()
        await self.rooms.stop()
