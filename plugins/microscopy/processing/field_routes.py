"""The routes of empty fields: take one, look, forget."""

from typing import Annotated, Any

from fastapi import Response
from pydantic import BaseModel, Field

from hub.plugin import Id, Principal, Requires, Role, Router, problems, when
from plugins.microscopy.processing.emptiness import EmptyField, EmptyFields

Caller = Annotated[Principal, Requires(Role.PUPIL)]
Teacher = Annotated[Principal, Requires(Role.TEACHER)]


class EmptyFieldModel(BaseModel):
    """The picture of an empty place, by which an objective's pictures get even light."""

    objective: str | None = Field(description="Null: not known when it was taken.")
    asset: str
    width: int
    height: int
    falloff: float = Field(description="How much darker its darkest place is than its brightest.")
    by: str = Field(description="The name of who took it.")
    made: str


class EmptyFieldList(BaseModel):
    """Those of a microscope, the newest first."""

    items: list[EmptyFieldModel]


def make_field_router(fields: EmptyFields) -> Router:
    """Return the routes."""
    router = Router(tags=["Microscopy"])

    @router.post(
        "/microscopes/{device}/empty-fields",
        operation_id="takeEmptyField",
        summary="Keep the picture that is seen now as the empty field of the objective in use",
        status_code=201,
        response_model=EmptyFieldModel,
        responses=problems(404, 422, 503, 504, 507),
    )
    async def take(device: Id, caller: Teacher) -> dict[str, Any]:
        """It replaces the earlier one. Refused where it is too bright, too dark or not empty."""
        return _model(await fields.take(device, by=caller))

    @router.get(
        "/microscopes/{device}/empty-fields",
        operation_id="listEmptyFields",
        summary="The empty fields of a microscope",
        response_model=EmptyFieldList,
        responses=problems(404),
    )
    async def listed(device: Id, caller: Caller) -> dict[str, Any]:  # noqa: ARG001 - its role
        """One for each objective; `flat-field` with `kept` uses them."""
        return {"items": [_model(one) for one in await fields.list(device)]}

    @router.delete(
        "/microscopes/{device}/empty-fields/{asset}",
        operation_id="forgetEmptyField",
        summary="Forget an empty field",
        status_code=204,
        responses=problems(404),
    )
    async def forget(device: Id, asset: Id, caller: Teacher) -> Response:  # noqa: ARG001 - its role
        """Its picture is deleted; what was made by it stays."""
        await fields.forget(device, asset)
        return Response(status_code=204)

    return router


def _model(field: EmptyField) -> dict[str, Any]:
    return {
        "objective": field.objective or None,
        "asset": field.asset,
        "width": field.width,
        "height": field.height,
        "falloff": field.falloff,
        "by": field.by_name,
        "made": when(field.made),
    }
