"""The routes of places and touches."""

import datetime as dt
from typing import Annotated, Any

from fastapi import Path
from geographiclib.geodesic import Geodesic

from hub.clock import now
from hub.errors import Invalid, NotFound
from hub.plugin import Language, Principal, Requires, Role, Router, Translator, problems
from plugins.globe.atlas.atlas import Atlas
from plugins.globe.atlas.evening import Evenings, Sky
from plugins.globe.atlas.place import PLACE_ID, Place, PlaceKind
from plugins.globe.atlas.telling import SKYFIELD, Telling
from plugins.globe.games.levels import Level, said_at
from plugins.globe.maps.file import PlaceId
from plugins.globe.models import (
    DistanceModel,
    PlaceModel,
    PlacesModel,
    SkyModel,
    TapBody,
    TapModel,
)
from plugins.globe.shown import Shown

Display = Annotated[Principal, Requires(Role.DISPLAY)]
Pupil = Annotated[Principal, Requires(Role.PUPIL)]
PlacePath = Annotated[str, Path(pattern=PLACE_ID)]


def make_router(atlas: Atlas, shown: Shown, evenings: Evenings, say: Translator) -> Router:
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
        responses=problems(404, 503),
    )
    async def one(
        place: PlacePath,
        caller: Display,  # noqa: ARG001
        language: Language,
        level: Level | None = None,
    ) -> dict[str, Any]:
        """Each fact with its source; what is not known is said as not known.

        `level`: the sentences are for pupils of these grades; else all that is known is said.
        """
        known = found(atlas, place)
        sky = await sky_for(known, evenings)
        telling = Telling(atlas, say, language, sky, said_at(level))
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
            "parts": [
                short(telling, one) for one in atlas.places.values() if one.within == known.id
            ],
            "facts": facts,
            "sentences": telling.sentences(known),
            "sources": [
                {
                    field: getattr(SKYFIELD if one == SKYFIELD.id else atlas.sources[one], field)
                    for field in _SOURCE
                }
                for one in sources
            ],
        }

    @router.get(
        "/globe/sky",
        operation_id="getSkyTonight",
        summary="Where the sky stands above the school this evening",
        response_model=SkyModel,
        responses=problems(503),
    )
    async def tonight(caller: Display) -> dict[str, Any]:  # noqa: ARG001
        """At ten in the evening, or the first hour after that at which it is dark.

        Where the school is stands in the settings.
        """
        sky, school = await evenings.tonight(), evenings.school
        heavenly = (PlaceKind.CONSTELLATION, PlaceKind.STAR)
        stands = [
            (place.id, sky.of(*place.centre))
            for place in atlas.places.values()
            if place.kind in heavenly and place.centre is not None
        ]
        return {
            "at": sky.at.isoformat(),
            "latitude": school.latitude,
            "longitude": school.longitude,
            "assumed": school.assumed,
            "sun": round(sky.sun, 1),
            "dark": sky.dark,
            "zenith": sky.zenith(),
            "items": [
                {"id": place, "altitude": round(one.altitude, 1), "azimuth": round(one.azimuth, 1)}
                for place, one in stands
            ],
        }

    @router.get(
        "/globe/distance",
        operation_id="getDistance",
        summary="How far two places are from each other",
        response_model=DistanceModel,
        responses=problems(404, 422),
    )
    async def distance(start: PlaceId, end: PlaceId, caller: Display) -> dict[str, Any]:  # noqa: ARG001
        """The shortest way over the ellipsoid of the Earth (WGS 84), between their middles."""
        ends = [found(atlas, start), found(atlas, end)]
        for place in ends:
            if place.centre is None or place.kind not in (PlaceKind.COUNTRY, PlaceKind.REGION):
                raise Invalid(f"{place.id} is no place of the Earth with a middle")
        (x1, y1), (x2, y2) = (place.centre or (0.0, 0.0) for place in ends)
        metres = Geodesic.WGS84.Inverse(y1, x1, y2, x2, Geodesic.DISTANCE)["s12"]
        return {"start": start, "end": end, "kilometres": round(metres / 1000)}

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


async def sky_for(place: Place, evenings: Evenings) -> Sky | None:
    """Return this evening's sky where a place stands in it."""
    heavenly = place.kind in (PlaceKind.CONSTELLATION, PlaceKind.STAR)
    return await evenings.tonight() if heavenly else None


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
