"""The routes of series: begin, look, stop."""

from typing import Annotated, Any, Self

from fastapi import Response
from pydantic import AwareDatetime, BaseModel, Field, model_validator

from hub.plugin import (
    Body,
    Id,
    IdField,
    Principal,
    Requires,
    Role,
    Router,
    problems,
    when,
)
from plugins.microscopy.captures import TITLE
from plugins.microscopy.series.plan import FEWEST, MOST_HEIGHTS, MOST_PLACES
from plugins.microscopy.series.service import MOST_PICTURES, SeriesService, Wish
from plugins.microscopy.series.values import MOVING, Series

NOTE = 2000
Caller = Annotated[Principal, Requires(Role.PUPIL)]


class NewSeries(Body):
    """What all of them have."""

    title: str | None = Field(
        None, min_length=1, max_length=TITLE, description="The microscope's name if left out."
    )
    note: str = Field("", max_length=NOTE, description="What is to be seen.")
    lesson: IdField | None = Field(
        None, description="The lesson that the caller is in, if left out."
    )

    def wish(self, device: str) -> Wish:
        """Return what is wished of a microscope."""
        return Wish(device, self.title, self.note, self.lesson)


class NewBurst(NewSeries):
    """Several stills in a row."""

    count: int = Field(10, ge=2, le=50, strict=True)
    interval: float = Field(
        0.0, ge=0, le=60, allow_inf_nan=False, description="Seconds; 0: each picture that comes."
    )


class NewClip(NewSeries):
    """A piece of the live view."""

    seconds: float = Field(
        ge=1, le=600, allow_inf_nan=False, description="Pupils may take up to 120."
    )


class NewTimeLapse(NewSeries):
    """A picture at every interval: so many, or until a moment."""

    interval: float = Field(ge=1, le=86_400, allow_inf_nan=False, description="Seconds.")
    count: int | None = Field(
        None, ge=2, le=MOST_PICTURES, strict=True, description="Pupils may take up to 300."
    )
    until: AwareDatetime | None = Field(None, description="When the last one may be taken.")
    rate: int = Field(12, ge=1, le=30, strict=True, description="Pictures a second in the video.")


Settle = Annotated[
    float,
    Field(
        ge=0,
        le=10,
        allow_inf_nan=False,
        description="Seconds that the microscope takes to stand still once it was moved.",
    ),
]
Height = Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False)]


class NewStack(NewSeries):
    """Pictures at several heights of the focus, joined to one that is sharp all over."""

    steps: int = Field(9, ge=FEWEST, le=MOST_HEIGHTS, strict=True, description="How many heights.")
    from_: Height | None = Field(
        None,
        alias="from",
        description="The first height, as `focus` (or `lens`) counts; none: by the objective's"
        " depth of field, around where the focus is.",
    )
    to: Height | None = Field(None, description="The last height.")
    autofocus: bool = Field(default=False, strict=True, description="Focus by itself first.")
    settle: Settle = 0.1

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.from_ is None) != (self.to is None):
            raise ValueError("from and to belong together")
        return self

    @property
    def wanted(self) -> tuple[float, float] | None:
        """The first and the last height."""
        return None if self.from_ is None or self.to is None else (self.from_, self.to)


class NewMosaic(NewSeries):
    """Pictures of neighbouring places, joined to a large one."""

    columns: int = Field(3, ge=1, le=MOST_PLACES, strict=True)
    rows: int = Field(2, ge=1, le=MOST_PLACES, strict=True)
    overlap: float = Field(
        0.3,
        ge=0.15,
        le=0.6,
        allow_inf_nan=False,
        description="Part of a picture that neighbours share.",
    )
    settle: Settle = 0.1


class Gap(BaseModel):
    """When no picture was taken, and why."""

    since: str
    until: str
    missed: int
    problem: dict[str, Any] = Field(description="A problem document.")


class SeriesLinks(BaseModel):
    """Where to go from a series."""

    operation: str | None = Field(description="Where its progress is, while it is under way.")
    pictures: str
    video: str | None
    picture: str | None = Field(description="What a stack or a mosaic was joined to.")


class SeriesModel(BaseModel):
    """A burst, a clip, a time-lapse, a stack or a mosaic."""

    id: str
    kind: str = Field(description="burst, clip, time-lapse, stack or mosaic.")
    state: str = Field(
        description="running; making (the video, or the one picture); waiting (for the hub's next"
        " start); done; failed."
    )
    device: str
    lesson: str | None
    title: str
    started: str
    ended: str | None
    stopped: bool = Field(description="Somebody stopped it before its end.")
    count: int | None = Field(description="How many pictures it is to have; null for a clip.")
    interval: float | None = Field(description="Seconds from picture to picture.")
    seconds: float | None = Field(description="How long a clip is to be.")
    taken: int
    missed: int
    gaps: list[Gap]
    problem: dict[str, Any] | None = Field(description="Why it is not whole: a problem document.")
    asset: str | None = Field(description="The video, or the joined picture.")
    links: SeriesLinks


class SeriesList(BaseModel):
    """The newest series of a microscope."""

    items: list[SeriesModel]


class PictureIds(BaseModel):
    """The assets of a series' pictures, in their order."""

    items: list[str]


BEGUN = problems(404, 409, 422, 429, 503, 507)


def make_router(series: SeriesService) -> Router:
    """Return the routes, served by `series`."""
    router = Router(tags=["Microscopy"])

    def answer(response: Response, begun: Series) -> dict[str, Any]:
        response.headers["Location"] = f"/api/v1/series/{begun.id}"
        return shown(begun)

    def shown(one: Series) -> dict[str, Any]:
        return series_model(one, series.operation(one.id))

    @router.post(
        "/microscopes/{device}/bursts",
        operation_id="takeBurst",
        summary="Take several stills in a row",
        status_code=202,
        response_model=SeriesModel,
        responses=BEGUN,
    )
    async def burst(
        response: Response, device: Id, body: NewBurst, caller: Caller
    ) -> dict[str, Any]:
        """Each is kept as it is taken; `links.operation` is where the progress is."""
        begun = await series.burst(
            body.wish(device), count=body.count, interval=body.interval, by=caller
        )
        return answer(response, begun)

    @router.post(
        "/microscopes/{device}/clips",
        operation_id="takeClip",
        summary="Record a clip",
        status_code=202,
        response_model=SeriesModel,
        responses=BEGUN,
    )
    async def clip(response: Response, device: Id, body: NewClip, caller: Caller) -> dict[str, Any]:
        """An MP4 once it is over. Stopped, or with the camera pulled, it has what came before."""
        begun = await series.clip(body.wish(device), seconds=body.seconds, by=caller)
        return answer(response, begun)

    @router.post(
        "/microscopes/{device}/time-lapses",
        operation_id="takeTimeLapse",
        summary="Take a picture at every interval",
        status_code=202,
        response_model=SeriesModel,
        responses=BEGUN,
    )
    async def time_lapse(
        response: Response, device: Id, body: NewTimeLapse, caller: Caller
    ) -> dict[str, Any]:
        """The pictures are kept as they are taken, and an MP4 of them is made at the end.

        It goes on after a restart of the hub; what was missed meanwhile stands in `gaps`.
        """
        begun = await series.time_lapse(
            body.wish(device),
            interval=body.interval,
            count=body.count,
            until=None if body.until is None else body.until.timestamp(),
            rate=body.rate,
            by=caller,
        )
        return answer(response, begun)

    @router.post(
        "/microscopes/{device}/stacks",
        operation_id="takeStack",
        summary="Take a focus stack: the hub moves the focus",
        status_code=202,
        response_model=SeriesModel,
        responses=BEGUN,
    )
    async def stack(
        response: Response, device: Id, body: NewStack, caller: Caller
    ) -> dict[str, Any]:
        """For whoever may set the focus. It is put back at the end, also when it is stopped."""
        begun = await series.stack(
            body.wish(device),
            count=body.steps,
            wanted=body.wanted,
            autofocus=body.autofocus,
            settle=body.settle,
            by=caller,
        )
        return answer(response, begun)

    @router.post(
        "/microscopes/{device}/mosaics",
        operation_id="takeMosaic",
        summary="Take a mosaic: the hub moves the stage",
        status_code=202,
        response_model=SeriesModel,
        responses=BEGUN,
    )
    async def mosaic(
        response: Response, device: Id, body: NewMosaic, caller: Caller
    ) -> dict[str, Any]:
        """For whoever may move the stage. Around where it is, and back there at the end."""
        begun = await series.mosaic(
            body.wish(device),
            columns=body.columns,
            rows=body.rows,
            overlap=body.overlap,
            settle=body.settle,
            by=caller,
        )
        return answer(response, begun)

    @router.get(
        "/microscopes/{device}/series",
        operation_id="listSeries",
        summary="Bursts, clips, time-lapses, stacks and mosaics of a microscope, newest first",
        response_model=SeriesList,
        responses=problems(404),
    )
    async def of_microscope(device: Id, caller: Caller) -> dict[str, Any]:
        """The newest fifty that the caller may see."""
        return {"items": [shown(one) for one in await series.of(device, by=caller)]}

    @router.get(
        "/series/{series_id}",
        operation_id="getSeries",
        summary="One burst, clip, time-lapse, stack or mosaic",
        response_model=SeriesModel,
        responses=problems(404),
    )
    async def one(series_id: Id, caller: Caller) -> dict[str, Any]:
        """How far it is, and what came of it."""
        return shown(await series.get(series_id, by=caller))

    @router.get(
        "/series/{series_id}/pictures",
        operation_id="getSeriesPictures",
        summary="The pictures of a series, in their order",
        response_model=PictureIds,
        responses=problems(404),
    )
    async def pictures(series_id: Id, caller: Caller) -> dict[str, Any]:
        """The ids of those that are still there."""
        return {"items": await series.pictures(series_id, by=caller)}

    @router.delete(
        "/series/{series_id}",
        operation_id="stopSeries",
        summary="Stop, and keep what is there",
        status_code=202,
        response_model=SeriesModel,
        responses=problems(404),
    )
    async def stop(series_id: Id, caller: Caller) -> dict[str, Any]:
        """Its owner and teachers may. It ends a moment later; nothing that was taken is lost."""
        return shown(await series.stop(series_id, by=caller))

    return router


def series_model(series: Series, operation: str | None) -> dict[str, Any]:
    """Return a series as JSON-ready data."""
    settled = series.settled
    following = None if operation is None else f"/api/v1/operations/{operation}"
    made = None if series.result is None else f"/api/v1/assets/{series.result}"
    one_picture = series.kind in MOVING
    return {
        "id": series.id,
        "kind": series.kind,
        "state": series.state,
        "device": series.device,
        "lesson": series.lesson,
        "title": series.title,
        "started": when(series.started),
        "ended": None if series.ended is None else when(series.ended),
        "stopped": series.stopped,
        "count": settled.get("count"),
        "interval": settled.get("interval"),
        "seconds": settled.get("seconds"),
        "taken": series.taken,
        "missed": series.missed,
        "gaps": series.gaps,
        "problem": series.problem,
        "asset": series.result,
        "links": {
            "operation": following,
            "pictures": f"/api/v1/series/{series.id}/pictures",
            "video": None if one_picture else made,
            "picture": made if one_picture else None,
        },
    }
