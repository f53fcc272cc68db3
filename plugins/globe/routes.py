"""The routes of places and touches."""

import datetime as dt
from typing import Annotated, Any

from fastapi import Path

from hub.clock import now
from hub.errors import NotFound
from hub.plugin import Language, Principal, Requires, Role, Router, Translator, problems
from plugins.globe.atlas.atlas import Atlas
from plugins.globe.atlas.place import PLACE_ID, Place, PlaceKind
from plugins.globe.atlas.telling import Telling
from plugins.globe.models import PlaceModel, PlacesModel, TapBody, TapModel
from plugins.globe.shown import Shown

Display = Annotated[Principal, Requires(Role.DISPLAY)]
Pupil = Annotated[Principal, Requires(Role.PUPIL)]
PlacePath = Annotated[str, Path(pattern=PLACE_ID)]


def make_router(atlas: Atlas, shown: Shown, say: Translator) -> Router:
    """Return the routes."""
    router = Router(tags=["Globe"])

    @router.get(
        "/globe/places",
        operation_id="listPlaces",
        summary="The places of the atlas",
        response_model=PlacesModel,
    )
    async def places(caller: Display, language: Language) -> dict[str, Any]:  # noqa: ARG001
        """Countries, regions of Kazakhstan and constellations, by name in the caller's language."""
        telling = Telling(atlas, say, language)
        items = [short(telling, place) for place in atlas.places.values()]
        return {"items": items}

    @router.get(
        "/globe/places/{place}",
        operation_id="getPlace",
        summary="What is known of a place",
        response_model=PlaceModel,
        responses=problems(404),
    )
    async def one(place: PlacePath, caller: Display, language: Language) -> dict[str, Any]:  # noqa: ARG001
        """Each fact with its source; what is not known is said as not known."""
        known = found(atlas, place)
        telling = Telling(atlas, say, language)
        time = dt.datetime.fromtimestamp(now(), dt.UTC)
        told = telling.facts(known, time)
        facts = [
            {
                "name": fact.name,
                "label": fact.label,
                "text": fact.text,
                "year": fact.year,
                "source": fact.source,
                "by": fact.by,
                "note": fact.note,
                "places": [short(telling, atlas.places[one]) for one in fact.places],
            }
            for fact in told
        ]
        within = atlas.places.get(known.within)
        sources = sorted({fact.source for fact in told if fact.source})
        return {
            **short(telling, known),
            "names": known.names._asdict(),
            "flag": known.kind is PlaceKind.COUNTRY,
            "within": None if within is None else short(telling, within),
            "facts": facts,
            "sentences": telling.sentences(known),
            "sources": [
                {field: getattr(atlas.sources[one], field) for field in _SOURCE} for one in sources
            ],
        }

    @router.post(
        "/globe/taps",
        operation_id="tapPlace",
        summary="Touch a place on a page",
        status_code=201,
        response_model=TapModel,
        responses=problems(404),
    )
    async def tap(body: TapBody, caller: Pupil) -> dict[str, Any]:  # noqa: ARG001
        """As a pen would; it is shown wherever the globe is."""
        return shown.show(body.place)

    return router


_SOURCE = ("id", "title", "version", "date", "licence", "url")


def found(atlas: Atlas, place: str) -> Place:
    """Return a place. Raises `NotFound`."""
    known = atlas.places.get(place)
    if known is None:
        raise NotFound(f"no place {place}")
    return known


def short(telling: Telling, place: Place) -> dict[str, Any]:
    """Return a place by its name, JSON-ready."""
    return {
        "id": place.id,
        "kind": place.kind,
        "name": telling.name(place),
        "centre": place.centre,
        "numeric": place.numeric,
    }
