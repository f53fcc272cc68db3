"""The routes: calibrating, how hard people press, and the pen for this computer's programs."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from drivers.input.values import Fraction
from drivers.tablet.contract import PressureCurve
from hub.plugin import Body, Id, Language, Principal, Requires, Role, Router, Translator, problems
from plugins.tablets.calibrating import Calibrating
from plugins.tablets.curves import Curves
from plugins.tablets.pen_out import PenOut

Pupil = Annotated[Principal, Requires(Role.PUPIL)]
Teacher = Annotated[Principal, Requires(Role.TEACHER)]


class Touched(BaseModel):
    """A place that was shown and touched, in fractions from the left and upper edge."""

    target: tuple[Fraction, Fraction] = Field(description="Where the mark was on the picture.")
    seen: tuple[Fraction, Fraction] = Field(description="What the device told, as it is now.")


class NewCalibration(Body):
    """The places that were touched."""

    points: list[Touched] = Field(min_length=4, max_length=25)


class CalibrationModel(BaseModel):
    """What came of it, in fractions of the area."""

    kind: Literal["affine", "perspective"]
    points: int
    error: float = Field(description="The root of the mean square of what places are off.")
    worst: float = Field(description="What the worst of them is off.")


class VirtualPenModel(BaseModel):
    """The pen of this computer that does what the room's pens do."""

    wanted: bool = Field(description="An engineer has switched it on (`virtual_pen`).")
    on: bool = Field(description="Programs see it.")
    title: str = Field(description="Why it is not there; empty where it is.")
    hint: str = Field(description="What to do now.")


def make_router(
    calibrating: Calibrating, curves: Curves, pen_out: PenOut, say: Translator
) -> Router:
    """Return the routes."""
    router = Router(tags=["Tablets"])

    @router.put(
        "/tablets/{device}/calibration",
        operation_id="calibrateTablet",
        summary="Calibrate a tablet or touch table",
        response_model=CalibrationModel,
        responses=problems(404, 409, 503),
    )
    async def calibrate(device: Id, body: NewCalibration, caller: Teacher) -> dict[str, Any]:
        """By four places or more; it is kept for the device. `touched-elsewhere`: no map fits."""
        made, kind, worst = await calibrating.calibrate(
            device,
            [point.seen for point in body.points],
            [point.target for point in body.points],
            caller,
        )
        return {"kind": kind, "points": made.points, "error": made.error, "worst": worst}

    @router.delete(
        "/tablets/{device}/calibration",
        operation_id="forgetCalibration",
        summary="Take a tablet or touch table as it is",
        status_code=204,
        responses=problems(404, 409, 503),
    )
    async def forget(device: Id, caller: Teacher) -> None:
        """Its own places count again."""
        await calibrating.forget(device, caller)

    @router.get(
        "/tablets/curves/{person}",
        operation_id="getPressureCurve",
        summary="How hard somebody presses",
        response_model=PressureCurve,
        responses=problems(404),
    )
    async def curve(person: Id, caller: Pupil) -> PressureCurve:
        """One's own, and for teachers everybody's."""
        return await curves.of(person, caller)

    @router.put(
        "/tablets/curves/{person}",
        operation_id="setPressureCurve",
        summary="Say how hard somebody presses",
        response_model=PressureCurve,
        responses=problems(404),
    )
    async def set_curve(person: Id, body: PressureCurve, caller: Pupil) -> PressureCurve:
        """Told as `x/tablets/curves/<person>`; whoever draws shapes the measured pressure by it."""
        await curves.set(person, body, caller)
        return body

    @router.get(
        "/tablets/virtual-pen",
        operation_id="getVirtualPen",
        summary="How the pen for this computer's programs is",
        response_model=VirtualPenModel,
    )
    async def virtual_pen(language: Language, caller: Teacher) -> dict[str, Any]:  # noqa: ARG001
        """Told as `x/tablets/virtual-pen` as well."""
        problem = pen_out.problem
        return {
            "wanted": pen_out.wanted,
            "on": pen_out.on,
            "title": "" if problem is None else say.say(problem.title, language),
            "hint": "" if problem is None else say.say(problem.hint, language),
        }

    return router
