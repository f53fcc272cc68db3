"""The plugin as the hub loads it."""

from pathlib import Path

from hub.plugin import N_, Plugin, PluginHub
from plugins.microscopy.button import CaptureButtons
from plugins.microscopy.captures import Captures
from plugins.microscopy.optics import OpticsLog
from plugins.microscopy.routes import make_router
from plugins.microscopy.tables import MIGRATIONS

HERE = Path(__file__).parent


class MicroscopyPlugin(Plugin):
    """Microscopes: live view, captures with their scale, the button on the microscope.

    Publishes `x/microscopy/<device>/captured` to those who may see the picture, and
    `x/microscopy/<device>/not-captured` where the button on a microscope could keep none.
    """

    id = "microscopy"
    title = N_("Microscopy")
    migrations = MIGRATIONS
    web = HERE / "web" / "dist"
    locale = HERE / "locale"

    def __init__(self, hub: PluginHub) -> None:
        super().__init__(hub)
        self._optics = OpticsLog(hub.bus)
        self._captures = Captures(hub, self._optics)
        self._buttons: CaptureButtons | None = None
        self.router = make_router(self._captures)

    async def start(self) -> None:
        """Listen to the microscopes' buttons."""
        self._buttons = CaptureButtons(self._captures, self.hub)

    async def stop(self) -> None:
        """Listen no more."""
        self._optics.close()
        if self._buttons is not None:
            await self._buttons.close()
