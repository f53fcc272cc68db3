"""The routes of processing: make something of pictures, count, look at levels and sharpness."""

from typing import Annotated, Any

from fastapi import Response
from pydantic import BaseModel, Field

from hub.plugin import (
    Asset,
    Body,
    Id,
    OperationModel,
    PluginHub,
    Principal,
    Requires,
    Role,
    Router,
    problems,
    when,
)
from plugins.microscopy.processing.live import LiveScores
from plugins.microscopy.processing.objects import MOST_ADDED, CountedObjects, Kept, table
from plugins.microscopy.processing.service import Processing
from plugins.microscopy.processing.wishes import NewProcess
from plugins.microscopy.scales import scale_of

Caller = Annotated[Principal, Requires(Role.PUPIL)]
_HISTOGRAM_LIMIT = 60.0
_HISTOGRAM_MEMORY = 2 << 30
_MOST_REMOVED = 5000


class Clipped(BaseModel):
    """Parts of all pixels, 0..1, of which a channel is at its end."""

    dark: float
    bright: float


class Histogram(BaseModel):
    """How often each of the 256 levels is there."""

    red: list[int]
    green: list[int]
    blue: list[int]
    grey: list[int]
    clipped: Clipped
    pixels: int


class FocusScore(BaseModel):
    """How sharp the live view is now."""

    frame: int
    time: str
    score: float = Field(description="Comparable between pictures of the same place only.")
    histogram: Histogram = Field(description="Of the frame, made small.")


class CountedObject(BaseModel):
    """An object; lengths are pixels of the picture as it is shown."""

    number: int
    x: float
    y: float
    area: float
    diameter: float = Field(description="Of the circle of the same area.")
    feret: float = Field(description="The greatest length.")
    outline: list[list[float]] = Field(description="Points; empty where it was added by hand.")
    cut: bool = Field(description="The border of the picture cuts it.")
    removed: bool = Field(description="Somebody said that it is none.")
    added: bool = Field(description="Somebody added it.")


class Objects(BaseModel):
    """The objects of a picture."""

    asset: str = Field(description="The picture.")
    mine: bool = Field(description="It is the caller's own count.")
    width: int
    height: int
    scale: float | None = Field(description="Micrometres to a pixel; null: not known.")
    looks: str
    threshold: float
    options: dict[str, Any]
    count: int = Field(description="Without those that were removed.")
    objects: list[CountedObject]


Finite = Annotated[float, Field(ge=0, le=65_000, allow_inf_nan=False)]


class AddedObject(Body):
    """An object that was missed; pixels of the picture."""

    x: Finite
    y: Finite
    diameter: float = Field(ge=1, le=65_000, allow_inf_nan=False)


class Corrections(Body):
    """All corrections of a count; they replace the earlier ones."""

    removed: list[Annotated[int, Field(ge=1, strict=True)]] = Field([], max_length=_MOST_REMOVED)
    added: list[AddedObject] = Field([], max_length=MOST_ADDED)


def make_router(
    hub: PluginHub, processing: Processing, objects: CountedObjects, live: LiveScores
) -> Router:
    """Return the routes."""
    router = Router(tags=["Microscopy"])

    @router.post(
        "/processes",
        operation_id="process",
        summary="Make something of pictures",
        status_code=201,
        response_model=OperationModel,
        responses=problems(404, 409, 415, 429, 507),
    )
    async def process(response: Response, body: NewProcess, caller: Caller) -> dict[str, Any]:
        """Focus stack, mosaic, even light, count. Follow the operation; its result has `asset`."""
        operation = await processing.begin(body, by=caller)
        response.headers["Location"] = f"/api/v1/operations/{operation.id}"
        return operation.payload()

    @router.get(
        "/captures/{asset}/histogram",
        operation_id="getHistogram",
        summary="How brightness is spread over a picture",
        response_model=Histogram,
        responses=problems(404, 503),
    )
    async def histogram(asset: Id, caller: Caller) -> Any:
        """256 counts for each channel, and how much is clipped."""
        picture = await objects.picture(asset, by=caller)
        return await hub.workers.run(
            "plugins.microscopy.imaging.histogram:histogram",
            str(hub.assets.content(picture)),
            timeout=_HISTOGRAM_LIMIT,
            memory=_HISTOGRAM_MEMORY,
            urgent=True,
        )

    @router.get(
        "/captures/{asset}/objects",
        operation_id="getObjects",
        summary="The objects that were counted in a picture",
        response_model=Objects,
        responses=problems(404),
    )
    async def counted(asset: Id, caller: Caller) -> dict[str, Any]:
        """The caller's own count, or the newest that they may see."""
        picture = await objects.picture(asset, by=caller)
        return _objects(await objects.get(picture, by=caller), picture, caller)

    @router.put(
        "/captures/{asset}/objects",
        operation_id="correctObjects",
        summary="Correct a count",
        response_model=Objects,
        responses=problems(404, 409, 507),
    )
    async def correct(asset: Id, body: Corrections, caller: Caller) -> dict[str, Any]:
        """Take objects away and add others; what is kept is the caller's own count."""
        picture = await objects.picture(asset, by=caller)
        added = [(one.x, one.y, one.diameter) for one in body.added]
        kept = await objects.edit(picture, body.removed, added, by=caller)
        return _objects(kept, picture, caller)

    @router.get(
        "/captures/{asset}/objects.csv",
        operation_id="getObjectsTable",
        summary="The counted objects as a table",
        response_class=Response,
        responses={200: {"content": {"text/csv": {}}}, **problems(404)},
    )
    async def as_table(asset: Id, caller: Caller) -> Response:
        """CSV with a line for each object; in micrometres where the scale is known."""
        picture = await objects.picture(asset, by=caller)
        text = table(await objects.get(picture, by=caller), picture)
        head = {"Content-Disposition": 'attachment; filename="objects.csv"'}
        return Response(text, media_type="text/csv; charset=utf-8", headers=head)

    @router.get(
        "/microscopes/{device}/focus-score",
        operation_id="getFocusScore",
        summary="How sharp the live view is",
        response_model=FocusScore,
        responses=problems(404, 503, 504),
    )
    async def focus_score(device: Id, caller: Caller) -> dict[str, Any]:
        """Score and histogram of the newest frame; reckoned twice a second at most for all."""
        found = await live.get(device, by=caller)
        return {**found, "time": when(found["time"])}

    return router


def _objects(kept: Kept, picture: Asset, caller: Principal) -> dict[str, Any]:
    return {
        **kept.document,
        "asset": picture.id,
        "mine": kept.author == caller.owner,
        "scale": scale_of(picture),
        "count": kept.number,
    }
