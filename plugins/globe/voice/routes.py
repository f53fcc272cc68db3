"""The route of the voice: a sentence of a place, spoken."""

from typing import Annotated

from fastapi import Path, Query
from fastapi.responses import FileResponse

from hub.errors import NotFound
from hub.plugin import Principal, Requires, Role, Router, Translator, problems
from plugins.globe.atlas.atlas import Atlas
from plugins.globe.atlas.evening import Evenings
from plugins.globe.atlas.place import PLACE_ID
from plugins.globe.atlas.telling import Telling
from plugins.globe.games.levels import Level, said_at
from plugins.globe.routes import found, sky_for
from plugins.globe.voice.speaker import Speaker

Display = Annotated[Principal, Requires(Role.DISPLAY)]


def make_voice_routes(
    atlas: Atlas, speaker: Speaker, evenings: Evenings, say: Translator
) -> Router:
    """Return the route."""
    router = Router(tags=["Globe"])

    @router.get(
        "/globe/places/{place}/voice/{number}",
        operation_id="hearPlace",
        summary="A sentence of a place, spoken",
        response_class=FileResponse,
        responses={
            200: {"content": {"audio/wav": {"schema": {"type": "string", "format": "binary"}}}},
            **problems(404, 503),
        },
    )
    async def voice(
        place: Annotated[str, Path(pattern=PLACE_ID)],
        number: Annotated[int, Path(ge=0, le=100)],
        caller: Display,  # noqa: ARG001 - who may call it
        lang: Annotated[str, Query(pattern="^(kk|ru|en)$")],
        level: Level | None = None,
    ) -> FileResponse:
        """`number` counts `sentences` of the place from 0, in that language and at that `level`."""
        known = found(atlas, place)
        sky = await sky_for(known, evenings)
        sentences = Telling(atlas, say, lang, sky, said_at(level)).sentences(known)
        if number >= len(sentences):
            raise NotFound(f"{place} has {len(sentences)} sentences")
        file = await speaker.speak(sentences[number], lang)
        return FileResponse(file, media_type="audio/wav")

    return router
