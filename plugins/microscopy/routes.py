"""The routes of microscopy: which microscopes there are, and keeping what they show."""

from typing import Annotated, Any, Self

from fastapi import Body as FromBody
from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from drivers.microscope.contract import Microscope
from hub.plugin import (
    AssetModel,
    Body,
    DeviceHandle,
    Id,
    IdField,
    Page,
    Pages,
    Principal,
    Requires,
    Role,
    Router,
    asset_model,
    problems,
    when,
)
from plugins.microscopy.captures import TITLE, Capture, Captures

MOST_FRAME = 2**53 - 1
NOTE = 2000


class MicroscopeLinks(BaseModel):
    """Where to go from a microscope."""

    device: str
    captures: str
    live: str = Field(description="POST here for addresses of the live view.")


class MicroscopeModel(BaseModel):
    """A microscope, in short; `links.device` says all of it."""

    id: str
    name: str
    seat: str | None
    reachable: bool
    objective: str | None = Field(description="In use now; null where it is not known.")
    scale: float | None = Field(description="Micrometres of the specimen to one pixel.")
    focus: float | None = Field(description="Micrometres above the middle of its travel.")
    links: MicroscopeLinks


class HowTaken(BaseModel):
    """How a picture was taken; null is what was not known."""

    device: str
    frame: int = Field(description="The id of the frame in the live view.")
    frame_sha256: str = Field(description="Of the camera's own bytes, before metadata were added.")
    taken: str = Field(description="When the frame was taken.")
    objective: str | None
    scale: float | None = Field(description="Micrometres of the specimen to one pixel.")
    focus: float | None = Field(description="Micrometres above the middle of its travel.")


class CaptureModel(AssetModel):
    """A capture: the asset, and how it was taken."""

    capture: HowTaken


class NewCapture(Body):
    """What to keep. Everything may be left out: then it is the next frame that comes."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"frame": 1_788_235_507_042, "note": "Onion skin, iodine"}]}
    )

    frame: int | None = Field(
        None,
        ge=0,
        le=MOST_FRAME,
        strict=True,
        description="The id of the very frame that was seen; frames are kept for some seconds.",
    )
    still: bool = Field(
        default=False,
        strict=True,
        description="At the camera's full size, which stops the live view for a moment; the next "
        "frame where the microscope has no such stills. Not together with `frame`.",
    )
    title: str | None = Field(
        None, min_length=1, max_length=TITLE, description="The microscope's name if left out."
    )
    note: str = Field("", max_length=NOTE, description="What is to be seen.")
    lesson: IdField | None = Field(
        None, description="The lesson that the caller is in, if left out."
    )

    @model_validator(mode="after")
    def _one_picture(self) -> Self:
        if self.still and self.frame is not None:
            raise ValueError("either the very frame that was seen, or a still that is taken now")
        return self


EXAMPLES = {
    "seen": {
        "summary": "The very frame on the screen",
        "value": {"frame": 1_788_235_507_042, "note": "Onion skin, iodine"},
    },
    "next": {"summary": "The next frame that comes", "value": {}},
}


def make_router(captures: Captures) -> Router:
    """Return the routes, served by `captures`."""
    router = Router(tags=["Microscopy"])

    @router.get(
        "/microscopes",
        operation_id="listMicroscopes",
        summary="The microscopes of the class",
        response_model=Page[MicroscopeModel],
        dependencies=[Requires(Role.DISPLAY)],
    )
    async def microscopes(pages: Pages) -> dict[str, Any]:
        """All microscopes, also those that are not reachable now."""
        known = sorted(captures.microscopes(), key=lambda handle: handle.id)
        items, following = pages.of(known, lambda handle: handle.id)
        shown = [microscope_model(handle) for handle in items]
        return {"items": shown, "next": following}

    @router.post(
        "/microscopes/{device}/captures",
        operation_id="capture",
        summary="Keep what a microscope shows",
        status_code=201,
        response_model=AssetModel,
        responses=problems(404, 409, 410, 502, 503, 504, 507),
    )
    async def capture(
        response: Response,
        device: Id,
        caller: Annotated[Principal, Requires(Role.PUPIL)],
        body: Annotated[NewCapture | None, FromBody(openapi_examples=EXAMPLES)] = None,
    ) -> dict[str, Any]:
        """Keep a picture of the live view as an asset of the lesson.

        Its file holds the camera's own bytes, never encoded again, with EXIF and XMP in front. What
        this answers survives a power cut.
        """
        wanted = body or NewCapture()
        kept = await captures.take(
            device,
            by=caller,
            frame=wanted.frame,
            still=wanted.still,
            title=wanted.title,
            note=wanted.note,
            lesson=wanted.lesson,
        )
        response.headers["Location"] = f"/api/v1/assets/{kept.asset.id}"
        return asset_model(kept.asset)

    @router.get(
        "/microscopes/{device}/captures",
        operation_id="listCaptures",
        summary="What was kept of a microscope, newest first",
        response_model=Page[CaptureModel],
        responses=problems(404),
    )
    async def of_microscope(
        device: Id, pages: Pages, caller: Annotated[Principal, Requires(Role.PUPIL)]
    ) -> dict[str, Any]:
        """The captures that the caller may see: their own and those of their lesson."""
        page = await captures.of(device, by=caller, cursor=pages.cursor, limit=pages.limit)
        return {"items": [capture_model(each) for each in page.items], "next": page.next}

    @router.get(
        "/captures/{asset}",
        operation_id="getCapture",
        summary="One capture and how it was taken",
        response_model=CaptureModel,
        responses=problems(404),
    )
    async def one(asset: Id, caller: Annotated[Principal, Requires(Role.PUPIL)]) -> dict[str, Any]:
        """A capture by its asset's id."""
        return capture_model(await captures.get(asset, by=caller))

    return router


def microscope_model(handle: DeviceHandle) -> dict[str, Any]:
    """Return a microscope as JSON-ready data."""
    address = f"/api/v1/devices/{handle.id}"

    def value(name: str) -> Any:
        reading = handle.readings.get(name)
        return None if reading is None or reading.quality != "good" else reading.value

    return {
        "id": handle.id,
        "name": handle.name,
        "seat": handle.seat,
        "reachable": handle.state.reachable,
        "objective": value(Microscope.objective.name),
        "scale": value(Microscope.scale.name),
        "focus": value(Microscope.focus.name),
        "links": {
            "device": address,
            "captures": f"/api/v1/microscopes/{handle.id}/captures",
            "live": f"{address}/streams/{Microscope.view.name}/links",
        },
    }


def capture_model(capture: Capture) -> dict[str, Any]:
    """Return a capture as JSON-ready data."""
    return {
        **asset_model(capture.asset),
        "capture": {
            "device": capture.device,
            "frame": capture.frame,
            "frame_sha256": capture.frame_sha256,
            "taken": when(capture.taken),
            "objective": capture.optics.objective,
            "scale": capture.optics.scale,
            "focus": capture.optics.focus,
        },
    }
