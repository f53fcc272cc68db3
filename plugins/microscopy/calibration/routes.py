"""The routes of calibration: what is calibrated, calibrating, and which objective is in use."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import Body as FromBody
from fastapi import Path, Response
from pydantic import BaseModel, Field, StringConstraints

from hub.plugin import Body, Id, Principal, Requires, Role, Router, problems, when
from plugins.microscopy.calibration.calibrations import (
    Calibration,
    Calibrations,
    Measured,
    Objective,
    Objectives,
)

MOST_SIDE = 16_384
MOST_NUMBER = 2**53 - 1
How = Literal["two-points", "ruling"]
Name = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f]+$"
    ),
]
Pixel = Annotated[float, Field(ge=0, le=MOST_SIDE, allow_inf_nan=False)]
Side = Annotated[int, Field(ge=16, le=MOST_SIDE, strict=True)]
Micrometres = Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)]


class CalibrationModel(BaseModel):
    """How large a pixel is through an objective."""

    id: int
    objective: str
    width: int = Field(description="Of the picture that it was made on, pixels.")
    height: int
    scale: float = Field(description="Micrometres to a pixel of a picture of that size.")
    how: How
    error: float = Field(description="Relative error, as estimated.")
    length_um: float = Field(description="Micrometres between the two points.")
    points: list[tuple[float, float]]
    by: str = Field(description="The name of who made it.")
    made: str
    counts: bool = Field(description="It is the newest of its objective and size.")


class ObjectiveModel(Body):
    """An objective as the teacher calls it."""

    name: Name
    magnification: float | None = Field(None, gt=0, le=100_000, allow_inf_nan=False)


class ObjectivesModel(BaseModel):
    """The objectives that were listed for a microscope that does not tell its own."""

    revision: int
    items: list[ObjectiveModel]


class CalibrationsModel(BaseModel):
    """All that is known of a microscope's scale."""

    objective: str | None = Field(description="In use now; null where it is not known.")
    tells_objective: bool = Field(description="The microscope itself says which is in use.")
    scale: float | None = Field(description="What the microscope itself tells, um to a pixel.")
    objectives: ObjectivesModel
    items: list[CalibrationModel] = Field(description="The newest first.")


class NewCalibration(Body):
    """Two points of a picture, and how far apart they are in the specimen."""

    objective: Name
    points: tuple[tuple[Pixel, Pixel], tuple[Pixel, Pixel]] = Field(
        description="Pixels from the picture's upper left corner."
    )
    length_um: Micrometres = Field(description="Between the points.")
    width: Side = Field(description="Of the picture in pixels.")
    height: Side
    how: How = "two-points"
    error: float | None = Field(
        None, ge=0, le=1, allow_inf_nan=False, description="Of a ruling, as `detect` estimates it."
    )
    replaces: int | None = Field(
        None,
        ge=0,
        le=MOST_NUMBER,
        description="The newest of this objective that the caller knows; null for none.",
    )


class Detect(Body):
    """Where to look for a ruling."""

    frame: int | None = Field(
        None, ge=0, le=MOST_NUMBER, strict=True, description="The very frame; the next if left out."
    )
    division_um: Micrometres = Field(10.0, description="From line to line of the ruling.")


class RulingModel(BaseModel):
    """A ruling that was found, and the scale that it proposes. Nothing is kept yet."""

    frame: int
    width: int
    height: int
    scale: float = Field(description="Micrometres to a pixel.")
    error: float = Field(description="Relative error, as estimated.")
    sure: float = Field(description="How much of what a ruling shows was seen, 0..1.")
    lines: int
    angle: float = Field(description="Degrees of its axis, clockwise from the x axis.")
    points: list[tuple[float, float]] = Field(description="The first and the last line.")
    length_um: float = Field(description="Between the two.")
    ticks: list[list[tuple[float, float]]] = Field(description="Both ends of each line.")


class NewObjectives(Body):
    """The objectives of a microscope from now on."""

    revision: int = Field(ge=0, le=2**31, strict=True, description="Of the list that was changed.")
    items: list[ObjectiveModel] = Field(max_length=100)


class InUse(Body):
    """Which objective is in use; null: nobody knows."""

    objective: Name | None


def make_router(calibrations: Calibrations) -> Router:
    """Return the routes, served by `calibrations`."""
    router = Router(tags=["Microscopy"])

    @router.get(
        "/microscopes/{device}/calibrations",
        operation_id="listCalibrations",
        summary="What is calibrated, and which objective is in use",
        response_model=CalibrationsModel,
        dependencies=[Requires(Role.PUPIL)],
        responses=problems(404),
    )
    async def listed(device: Id) -> dict[str, Any]:
        """All calibrations of a microscope with the newest first; of each size that one counts."""
        return await _all(calibrations, device)

    @router.post(
        "/microscopes/{device}/calibrations",
        operation_id="calibrate",
        summary="Calibrate an objective",
        status_code=201,
        response_model=CalibrationModel,
        responses=problems(404, 409, 422, 507),
    )
    async def add(
        response: Response,
        device: Id,
        body: NewCalibration,
        caller: Annotated[Principal, Requires(Role.TEACHER)],
    ) -> dict[str, Any]:
        """Keep what was measured. It counts from now on, for all pictures of the same shape.

        Where somebody has calibrated the objective since the caller looked (`replaces`), nothing is
        kept: that is the problem `calibrated-meanwhile`.
        """
        measured = Measured(
            body.objective,
            body.points,
            body.length_um,
            body.width,
            body.height,
            body.how,
            body.error if body.how == "ruling" else None,
        )
        made = await calibrations.add(device, measured, replaces=body.replaces, by=caller)
        response.headers["Location"] = f"/api/v1/microscopes/{device}/calibrations/{made.id}"
        return _model(made, counts=True)

    @router.post(
        "/microscopes/{device}/ruling",
        operation_id="detectRuling",
        summary="Find the ruling in the live view",
        response_model=RulingModel,
        responses=problems(404, 410, 415, 422, 502, 503, 504, 507),
    )
    async def detect(
        device: Id,
        caller: Annotated[Principal, Requires(Role.TEACHER)],
        body: Annotated[Detect | None, FromBody()] = None,
    ) -> dict[str, Any]:
        """Look for the ruling of a stage micrometer, at any angle, in the very frame.

        Answers a proposal for `POST …/calibrations`; where there is no ruling, the problem
        `no-ruling`.
        """
        wanted = body or Detect()
        live, found = await calibrations.detect(device, frame=wanted.frame, by=caller)
        return {
            "frame": live.id,
            "width": live.width,
            "height": live.height,
            "scale": wanted.division_um / found["period"],
            "error": found["error"],
            "sure": found["sure"],
            "lines": found["lines"],
            "angle": found["angle"],
            "points": found["ends"],
            "length_um": wanted.division_um * found["divisions"],
            "ticks": found["ticks"],
        }

    @router.delete(
        "/microscopes/{device}/calibrations/{number}",
        operation_id="deleteCalibration",
        summary="Remove a calibration",
        status_code=204,
        responses=problems(404),
    )
    async def remove(
        device: Id,
        number: Annotated[int, Path(ge=1, le=MOST_NUMBER)],
        caller: Annotated[Principal, Requires(Role.TEACHER)],
    ) -> None:
        """Remove a calibration; the one before it counts again."""
        await calibrations.remove(device, number, by=caller)

    @router.put(
        "/microscopes/{device}/objectives",
        operation_id="putObjectives",
        summary="List the objectives of a microscope",
        response_model=ObjectivesModel,
        responses=problems(404, 409, 422, 507),
    )
    async def objectives(
        device: Id, body: NewObjectives, caller: Annotated[Principal, Requires(Role.TEACHER)]
    ) -> dict[str, Any]:
        """Put this list in the place of the microscope's; no calibration is lost by it."""
        wanted = [Objective(each.name, each.magnification) for each in body.items]
        kept = await calibrations.set_objectives(device, wanted, revision=body.revision, by=caller)
        return _objectives(kept)

    @router.put(
        "/microscopes/{device}/objective-in-use",
        operation_id="putObjectiveInUse",
        summary="Say which objective is in use",
        response_model=CalibrationsModel,
        dependencies=[Requires(Role.TEACHER)],
        responses=problems(404, 409, 422),
    )
    async def in_use(device: Id, body: InUse) -> dict[str, Any]:
        """For a microscope that does not tell it. It is forgotten once the microscope is unplugged.

        Nobody knows then what was turned; without an objective there is no scale.
        """
        await calibrations.choose(device, body.objective)
        return await _all(calibrations, device)

    return router


async def _all(calibrations: Calibrations, device: str) -> dict[str, Any]:
    found = await calibrations.of(device)
    listed = await calibrations.objectives(device)
    optics = calibrations.optics
    seen: set[tuple[str, int, int]] = set()
    items = []
    for each in found:
        key = each.objective, each.width, each.height
        items.append(_model(each, counts=key not in seen))
        seen.add(key)
    return {
        "objective": optics.objective(device),
        "tells_objective": optics.tells_objective(device),
        "scale": optics.told_scale(device),
        "objectives": _objectives(listed),
        "items": items,
    }


def _objectives(listed: Objectives) -> dict[str, Any]:
    return {"revision": listed.revision, "items": [asdict(each) for each in listed.items]}


def _model(calibration: Calibration, *, counts: bool) -> dict[str, Any]:
    return {
        "id": calibration.id,
        "objective": calibration.objective,
        "width": calibration.width,
        "height": calibration.height,
        "scale": calibration.scale,
        "how": calibration.how,
        "error": calibration.error,
        "length_um": calibration.length,
        "points": calibration.points,
        "by": calibration.by_name,
        "made": when(calibration.made),
        "counts": counts,
    }
