"""The plugin as the hub loads it."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from hub.plugin import N_, Plugin, PluginHub, Program
from plugins.globe.atlas.atlas import atlas
from plugins.globe.atlas.evening import Evenings
from plugins.globe.atlas.telling import Telling
from plugins.globe.games.games import Games
from plugins.globe.games.routes import make_game_routes
from plugins.globe.maps.maps import Maps
from plugins.globe.maps.routes import make_map_routes
from plugins.globe.packs.packs import Packs
from plugins.globe.packs.routes import make_pack_routes
from plugins.globe.routes import make_router, sky_for
from plugins.globe.settings import GlobeSettings
from plugins.globe.shown import Shown
from plugins.globe.tables import MIGRATIONS
from plugins.globe.voice.loudspeaker import Loudspeaker
from plugins.globe.voice.routes import make_voice_routes
from plugins.globe.voice.speaker import ESPEAK, Speaker

HERE = Path(__file__).parent


class GlobePlugin(Plugin):
    """Smart globes: what a pen touches is shown and told of.

    Publishes `x/globe/shown` (retained) and `x/globe/taps`, see `shown`, and to those in a
    lesson `x/globe/games/<id>`.
    """

    id = "globe"
    title = N_("Smart globe")
    migrations = MIGRATIONS
    web = HERE / "web" / "dist"
    locale = HERE / "locale"
    programs: ClassVar[tuple[Program, ...]] = (ESPEAK,)
    audited: ClassVar[Mapping[str, str]] = {
        "globe.map": N_("made a globe map"),
        "globe.map.delete": N_("deleted a globe map"),
        "globe.pack": N_("installed a content pack of the globe"),
        "globe.pack.remove": N_("removed a content pack of the globe"),
        "globe.teach": N_("taught a globe which code is which place"),
    }

    def __init__(self, hub: PluginHub) -> None:
        super().__init__(hub)
        known = atlas()
        settings = GlobeSettings.model_validate(dict(hub.settings))
        evenings = Evenings(hub, settings.school)
        self.maps = Maps(hub, known)
        self.shown = Shown(hub, known, self.maps)
        voice = settings.voice
        self.speaker = Speaker(hub.work / "voice", piper=voice.piper, program=voice.program)
        self._loud: Loudspeaker | None = None
        if voice.loudspeaker is not None:

            async def sentences(place: str) -> list[str]:
                about = known.places[place]
                sky = await sky_for(about, evenings)
                return Telling(known, hub.say, hub.say.default, sky).sentences(about)

            self._loud = Loudspeaker(voice.loudspeaker, self.speaker, sentences, hub.say.default)
            self.shown.listeners.append(self._loud.tell)
        self.router = make_router(known, self.shown, evenings, hub.say)
        self.router.include_router(make_map_routes(self.maps, known))
        self.packs = Packs(hub, known, settings.pack_keys)
        self.router.include_router(make_pack_routes(hub, self.packs))
        self.router.include_router(make_game_routes(Games(hub, known), known, hub.say))
        self.router.include_router(make_voice_routes(known, self.speaker, evenings, hub.say))

    async def start(self) -> None:
        """Follow the globes."""
        await self.maps.start()
        await self.packs.start()
        self.shown.start()

    async def stop(self) -> None:
        """Leave off."""
        self.shown.stop()
        if self._loud is not None:
            await self._loud.stop()
        await self.speaker.stop()
