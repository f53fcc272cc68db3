"""The plugin as the hub loads it."""

from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from pydantic import BaseModel, Field

from hub.plugin import N_, Plugin, PluginHub, Program
from plugins.panel.following import Following
from plugins.panel.routes import make_router
from plugins.panel.scenes import Scenes
from plugins.panel.show.material import Material
from plugins.panel.show.routes import make_show_router
from plugins.panel.show.tasks import Tasks
from plugins.panel.tables import MIGRATIONS

ORIGIN = r"^https?://(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]{1,5})?$"
HERE = Path(__file__).parent


class PanelSettings(BaseModel):
    """`[plugins.panel]`.

    `web`: servers whose pages may be shown, such as `https://example.kz`. `results_days`: how long
    results of tasks with models are kept, 0 for ever.
    """

    results_days: int = Field(0, ge=0, le=3650)
    web: tuple[Annotated[str, Field(pattern=ORIGIN)], ...] = Field((), max_length=100)


class PanelPlugin(Plugin):
    """Panels in class: the start and the end of a lesson, timetable, off when nobody is there.

    And what teachers put on the class's screen: messages, timers, PDFs, 3D models, web pages.

    Publishes `x/panel/<device>/scene` and `x/panel/<device>/plan` (retained), and
    `x/panel/screen-time` (retained); to those in the lesson, `x/panel/results`.
    """

    id = "panel"
    title = N_("Interactive panel")
    migrations = MIGRATIONS
    web = HERE / "web" / "dist"
    locale = HERE / "locale"
    programs = (Program("cec-utils", "cec-client", "displays that obey over HDMI-CEC"),)
    audited = MappingProxyType(
        {
            "panel.names": N_("named the parts of a 3D model"),
            "panel.limits": N_("changed how long a class may look at the screen"),
            "panel.plan": N_("changed what is wanted of a panel"),
            "panel.start": N_("started the lesson on a panel"),
            "panel.end": N_("ended the lesson on a panel"),
        }
    )

    def __init__(self, hub: PluginHub) -> None:
        super().__init__(hub)
        self.scenes = Scenes(hub)
        self.following = Following(hub, self.scenes)
        self.material = Material(hub)
        settings = PanelSettings.model_validate(hub.settings)
        self.frames = settings.web
        hub.retention.add(Tasks(hub).rule(settings.results_days))
        self.router = make_router(self.scenes, self.following, hub.audit)
        self.router.include_router(make_show_router(hub, self.material, hub.audit, self.frames))

    async def start(self) -> None:
        """Follow lessons and the clock."""
        await self.material.start()
        await self.following.start()

    async def stop(self) -> None:
        """Leave off."""
        await self.following.stop()
        await self.scenes.stop()
