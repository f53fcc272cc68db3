"""The routes of slicing: how models may be printed, and a print's layers."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import Path as InPath
from fastapi import Response
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse

from hub.errors import NotFound
from hub.plugin import Id, Language, PluginHub, Principal, Requires, Role, Router, problems
from plugins.printing.jobs.service import Jobs
from plugins.printing.slicing import NoSlicer, ProfileFacts, SlicerFacts, Slicing
from plugins.printing.slicing.for_jobs import GENERIC
from plugins.printing.slicing.layers import MOST_LAYERS, read_layer

Pupil = Annotated[Principal, Requires(Role.PUPIL)]
USUAL = "normal"


class WayModel(BaseModel):
    """A way to print that may be chosen as a job's `profile`."""

    id: str
    title: str
    printer: str | None = Field(None, description="For which printer; null for any.")
    materials: list[str]
    layer_height: float = Field(description="mm.")
    nozzle: float = Field(description="mm.")
    usual: bool = Field(description="Taken where nobody chooses.")


class ProblemModel(BaseModel):
    """Why nothing can be sliced, and what to do."""

    code: str
    title: str
    hint: str


class ProfilesModel(BaseModel):
    """How models may be printed."""

    items: list[WayModel]
    printers: list[ProfileFacts] = Field(description="What a printer's `profile` may be.")
    slicer: SlicerFacts | None
    problem: ProblemModel | None


class PathModel(BaseModel):
    """A line of plastic."""

    kind: Literal["wall", "outer", "solid", "infill", "support", "brim"]
    points: list[float] = Field(description="x and y by turns, mm.")


class LayerModel(BaseModel):
    """A layer as the printer draws it."""

    z: float
    height: float
    paths: list[PathModel]


def make_slicing_routes(
    hub: PluginHub, jobs: Jobs, slicing: Slicing, expect: Callable[[], None]
) -> Router:
    """Return the routes, served by `slicing`; `expect` is told that a model may come."""
    router = Router(tags=["Printing"])
    say = hub.say.say

    @router.get(
        "/print-profiles",
        operation_id="listPrintProfiles",
        summary="How models may be printed",
        response_model=ProfilesModel,
    )
    async def profiles(caller: Pupil, language: Language) -> dict[str, Any]:  # noqa: ARG001
        """Ways to print for pupils, printers for whoever sets one up, and the slicer."""
        expect()
        every = slicing.profiles()
        generic = next(one for one in every if one.id == GENERIC)
        ways = [
            {
                "id": one.id,
                "title": say(one.title, language),
                "materials": [material.title for material in generic.materials],
                "layer_height": one.layer_height,
                "nozzle": generic.nozzle,
                "usual": one.id == USUAL,
            }
            for one in generic.qualities
        ]
        for printer in every:
            for quality in printer.qualities:
                quality.title = say(quality.title, language)
        found = await slicing.slicers()
        problem = None
        if not found:
            problem = {
                "code": NoSlicer.code,
                "title": say(NoSlicer.title, language),
                "hint": say(NoSlicer.hint, language),
            }
        slicer = found[0] if found else None
        return {"items": ways, "printers": every, "slicer": slicer, "problem": problem}

    @router.get(
        "/print-jobs/{job}/layers",
        operation_id="getPrintJobLayers",
        summary="The index of its layers",
        response_class=Response,
        status_code=307,
        responses={307: {"description": "Where its bytes are."}, **problems(404)},
    )
    async def layers(job: Id, caller: Pupil) -> Response:
        """Lead to the asset that has it: `count`, `box`, `layers` with `z` and `height`, mm."""
        found = (await jobs.get(job, by=caller)).file("layer-index", current=True)
        if found is None:
            raise NotFound(f"job {job} has no layers")
        return RedirectResponse(f"/api/v1/assets/{found.asset}/content", 307)

    @router.get(
        "/print-jobs/{job}/layers/{number}",
        operation_id="getPrintJobLayer",
        summary="One of its layers",
        response_model=LayerModel,
        responses=problems(404),
    )
    async def layer(
        job: Id, number: Annotated[int, InPath(ge=0, le=MOST_LAYERS)], caller: Pupil
    ) -> Response:
        """From 0; the lines as the printer draws them."""
        found = (await jobs.get(job, by=caller)).file("layers", current=True)
        if found is None:
            raise NotFound(f"job {job} has no layers")
        path = hub.assets.content(await hub.assets.get(found.asset))

        def text() -> bytes | None:
            made = read_layer(path, number)
            if made is None:
                return None
            # Of our own making and long: it is not checked once more.
            return LayerModel.model_construct(**made).model_dump_json(warnings=False).encode()

        content = await asyncio.to_thread(text)
        if content is None:
            raise NotFound(f"job {job} has no layer {number}")
        return Response(content, media_type="application/json")

    return router
