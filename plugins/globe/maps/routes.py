"""The routes of globe maps: which code is which place, taught, exported and merged."""

import datetime as dt
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Path, Response

from drivers.globe.contract import MOST_CODE
from hub.clock import now
from hub.plugin import Id, Principal, Requires, Role, Router, problems
from plugins.globe.atlas.atlas import Atlas
from plugins.globe.atlas.place import PlaceKind
from plugins.globe.maps.file import GlobeMap, write_map
from plugins.globe.maps.maps import KnownMap, Maps
from plugins.globe.models import (
    Lesson,
    MapModel,
    MapShort,
    MapsModel,
    MergeBody,
    MergedModel,
    NewMap,
)

Pupil = Annotated[Principal, Requires(Role.PUPIL)]
Teacher = Annotated[Principal, Requires(Role.TEACHER)]
CodePath = Annotated[str, Path(min_length=1, max_length=MOST_CODE, pattern=r"^[!-~]+$")]


def make_map_routes(maps: Maps, atlas: Atlas) -> Router:
    """Return the routes."""
    router = Router(tags=["Globe"])

    def show(globe: KnownMap) -> dict[str, Any]:
        known = set(globe.codes.values())
        coverage = []
        for kind in PlaceKind:
            ids = {place.id for place in atlas.of(kind)}
            coverage.append({"kind": kind, "known": len(ids & known), "of": len(ids)})
        return {
            **{name: getattr(globe, name) for name in ("id", "title", "shipped", "verified")},
            "source": globe.source,
            "count": len(globe.codes),
            "taught": globe.taught,
            "coverage": coverage,
        }

    def whole(globe: KnownMap) -> dict[str, Any]:
        return {**show(globe), "codes": dict(globe.codes)}

    @router.get(
        "/globe/maps",
        operation_id="listGlobeMaps",
        summary="The globe maps",
        response_model=MapsModel,
    )
    async def listed(caller: Pupil) -> dict[str, Any]:  # noqa: ARG001 - who may call it
        """Which of them a globe uses is its property `map`."""
        return {"items": [show(globe) for globe in maps.all()]}

    @router.post(
        "/globe/maps",
        operation_id="makeGlobeMap",
        summary="Make an empty globe map",
        status_code=201,
        response_model=MapShort,
        responses=problems(409),
    )
    async def make(body: NewMap, caller: Teacher) -> dict[str, Any]:
        """It is then taught: touch a place, say which it is."""
        return show(await maps.make(body.title, caller))

    @router.get(
        "/globe/maps/{globe}",
        operation_id="getGlobeMap",
        summary="A globe map with its codes",
        response_model=MapModel,
        responses=problems(404),
    )
    async def one(globe: Id, caller: Pupil) -> dict[str, Any]:  # noqa: ARG001 - who may call it
        """Codes that were taught are among them."""
        return whole(maps.get(globe))

    @router.delete(
        "/globe/maps/{globe}",
        operation_id="deleteGlobeMap",
        summary="Delete a globe map that was made here",
        status_code=204,
        responses=problems(404, 409),
    )
    async def delete(globe: Id, caller: Teacher) -> None:
        """Its codes go with it."""
        await maps.delete(globe, caller)

    @router.put(
        "/globe/maps/{globe}/codes/{code}",
        operation_id="teachGlobeCode",
        summary="Teach which place a code is",
        response_model=MapModel,
        responses=problems(404, 409),
    )
    async def teach(globe: Id, code: CodePath, body: Lesson, caller: Teacher) -> dict[str, Any]:
        """Nothing is guessed from the codes beside it."""
        taught = await maps.teach(globe, code, body.place, replace=body.replace, by=caller)
        return whole(taught)

    @router.delete(
        "/globe/maps/{globe}/codes/{code}",
        operation_id="forgetGlobeCode",
        summary="Forget which place a code is",
        response_model=MapModel,
        responses=problems(404),
    )
    async def forget(globe: Id, code: CodePath, caller: Teacher) -> dict[str, Any]:
        """Also one that came with the hub."""
        return whole(await maps.forget(globe, code, caller))

    @router.get(
        "/globe/maps/{globe}/file",
        operation_id="exportGlobeMap",
        summary="A globe map as a file",
        response_class=Response,
        responses={
            200: {"content": {"application/toml": {"schema": {"type": "string"}}}},
            **problems(404),
        },
    )
    async def export(globe: Id, caller: Teacher) -> Response:  # noqa: ARG001 - who may call it
        """TOML, as in `configs/globes/`; another hub takes it in by `…/merge`."""
        known = maps.get(globe)
        date = dt.datetime.fromtimestamp(now(), dt.UTC).date()
        file = GlobeMap(
            title=known.title,
            source=known.source,
            date=date,
            verified=known.verified,
            codes=dict(known.codes),
        )
        return Response(
            write_map(file),
            media_type="application/toml",
            headers={"Content-Disposition": f'attachment; filename="globe-{globe}.toml"'},
        )

    @router.post(
        "/globe/maps/{globe}/merge",
        operation_id="mergeGlobeMap",
        summary="Take the codes of a file into a globe map",
        response_model=MergedModel,
        responses=problems(404, 409),
    )
    async def merge(globe: Id, body: MergeBody, caller: Teacher) -> dict[str, Any]:
        """Codes that are another place here are told, and replaced only where that is asked."""
        return asdict(await maps.merge(globe, body.file, body.how, caller))

    return router
