"""The routes of measuring: what is drawn on a picture, what it measures, and the table of it."""

import asyncio
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import Header, Query, Response
from pydantic import BaseModel, Field

from hub.plugin import (
    Asset,
    Body,
    Id,
    IdField,
    Principal,
    Requires,
    Role,
    Router,
    may,
    problems,
    when,
)
from plugins.microscopy.measuring.layers import Layer, Layers, editable
from plugins.microscopy.measuring.on_screen import OnScreen
from plugins.microscopy.measuring.shapes import MOST_SHAPES, Kind, ShapeModel
from plugins.microscopy.measuring.sheet import Decimal, sheet
from plugins.microscopy.measuring.values import measured, summed_up
from plugins.microscopy.measuring.words import language_of
from plugins.microscopy.scales import scale_of

MOST_REVISION = 2**31
Unit = Literal["um", "um2", "px", "px2", "deg", "1", ""]


class MeasuredShape(ShapeModel):
    """A shape and what it measures."""

    value: float | None = Field(description="Null where nothing is measured, or nothing sure.")
    unit: Unit
    perimeter: float | None = Field(description="Of an area, in um or px.")
    crossing: bool = Field(description="The outline crosses itself, so its area is not known.")


class StatisticsModel(BaseModel):
    """What the values of one kind have in common."""

    kind: Kind
    unit: Unit
    n: int
    mean: float
    deviation: float | None = Field(description="The sample's; null for a single value.")
    least: float
    most: float


class AuthorModel(BaseModel):
    """Whose layer it is; the name is empty once they are erased."""

    id: str
    name: str


class LayerModel(BaseModel):
    """What one person has drawn on a picture."""

    author: AuthorModel
    revision: int = Field(description="0 while nothing was kept.")
    changed: str | None
    editable: bool = Field(description="The caller may change it.")
    shared: bool = Field(description="For all who may see the picture.")
    items: list[MeasuredShape]
    statistics: list[StatisticsModel]


class AnnotationsModel(BaseModel):
    """All that the caller may see of what is drawn on a picture; the caller's own layer first."""

    asset: str
    width: int
    height: int
    scale: float | None = Field(
        description="Micrometres to a pixel; null where it is not known: values are in pixels."
    )
    items: list[LayerModel]


class ShownModel(BaseModel):
    """A layer as the class's screen draws it."""

    width: int
    height: int
    scale: float | None
    items: list[ShapeModel]


class Whose(Body):
    """Whose layer is meant."""

    author: IdField | None = Field(None, description="The caller's own if left out.")


class NewShapes(Body):
    """What a layer is to be from now on."""

    revision: int = Field(
        ge=0, le=MOST_REVISION, strict=True, description="Of the layer that was changed."
    )
    author: IdField | None = Field(None, description="Whose layer; the caller's own if left out.")
    shapes: list[ShapeModel] = Field(max_length=MOST_SHAPES * 10)


def make_router(layers: Layers, on_screen: OnScreen) -> Router:
    """Return the routes, served by `layers` and, for the class's screen, by `on_screen`."""
    router = Router(tags=["Microscopy"])

    @router.get(
        "/captures/{asset}/annotations",
        operation_id="getAnnotations",
        summary="What is drawn on a picture, and what it measures",
        response_model=AnnotationsModel,
        responses=problems(404, 415),
    )
    async def annotations(
        asset: Id, caller: Annotated[Principal, Requires(Role.PUPIL)]
    ) -> dict[str, Any]:
        """The layers of a picture; any JPEG or PNG asset has some.

        A value's unit does not change with its size: micrometres, or pixels where the scale is not
        known. Whoever keeps a layer tells it as `x/microscopy/annotations/<asset>`.
        """
        picture = await layers.picture(asset, by=caller)
        found = await layers.of(picture, by=caller)
        return await asyncio.to_thread(annotations_model, picture, found, caller)

    @router.put(
        "/captures/{asset}/annotations",
        operation_id="putAnnotations",
        summary="Draw on a picture",
        response_model=LayerModel,
        responses=problems(404, 409, 415, 507),
    )
    async def keep(
        asset: Id, body: NewShapes, caller: Annotated[Principal, Requires(Role.PUPIL)]
    ) -> dict[str, Any]:
        """Put these shapes in the place of the caller's layer; teachers may change any layer.

        The picture itself stays as it is. What has changed meanwhile is not overwritten: that is
        the problem `layer-changed`.
        """
        picture = await layers.picture(asset, by=caller)
        layer = await layers.keep(
            picture, body.shapes, revision=body.revision, by=caller, author=body.author
        )
        on_screen.changed(picture, layer)
        return await asyncio.to_thread(layer_model, layer, picture, caller)

    @router.put(
        "/captures/{asset}/annotations/screen",
        operation_id="showAnnotations",
        summary="Show a picture with its measurements on the class's screen",
        status_code=204,
        responses=problems(404, 415),
    )
    async def show(
        asset: Id, body: Whose, caller: Annotated[Principal, Requires(Role.TEACHER)]
    ) -> None:
        """What is drawn further is seen there at once."""
        await on_screen.show(asset, body.author, caller)

    @router.get(
        "/captures/{asset}/annotations/screen",
        operation_id="getShownAnnotations",
        summary="What the class's screen draws on a picture",
        response_model=ShownModel,
        responses=problems(404),
        dependencies=[Requires(Role.DISPLAY)],
    )
    async def shown(asset: Id) -> dict[str, Any]:
        """Only while it is shown; nothing of whoever has drawn it."""
        return await on_screen.shown(asset)

    @router.get(
        "/captures/{asset}/annotations.csv",
        operation_id="getAnnotationsTable",
        summary="The measurements as a table",
        response_class=Response,
        responses={200: {"content": {"text/csv": {}}}, **problems(404, 415)},
    )
    async def table(
        asset: Id,
        caller: Annotated[Principal, Requires(Role.PUPIL)],
        decimal: Annotated[
            Decimal,
            Query(description="`comma` opens right in Excel in Russian or Kazakh, `point` is CSV."),
        ] = "point",
        author: Annotated[
            IdField | None, Query(description="Only this layer; all that may be seen if left out.")
        ] = None,
        lang: Annotated[Literal["kk", "ru", "en"] | None, Query()] = None,
        accept_language: Annotated[str | None, Header(include_in_schema=False)] = None,
    ) -> Response:
        """One row for each shape, then mean and deviation of each kind."""
        picture = await layers.picture(asset, by=caller)
        found = await layers.of(picture, by=caller)
        chosen = [one for one in found if author in (None, one.author)]
        language = language_of(lang, accept_language)
        content = await asyncio.to_thread(
            sheet, chosen, scale_of(picture), decimal=decimal, language=language
        )
        name = quote(f"{picture.title}.csv", safe="")
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        return Response(content, media_type="text/csv; charset=utf-8", headers=headers)

    return router


def annotations_model(picture: Asset, layers: list[Layer], caller: Principal) -> dict[str, Any]:
    """Return a picture's layers as JSON-ready data. Measures, so not for the event loop."""
    return {
        "asset": picture.id,
        "width": picture.width,
        "height": picture.height,
        "scale": scale_of(picture),
        "items": [layer_model(layer, picture, caller) for layer in layers],
    }


def layer_model(layer: Layer, picture: Asset, caller: Principal) -> dict[str, Any]:
    """Return a layer as JSON-ready data. Measures, so not for the event loop."""
    scale = scale_of(picture)
    found = [(shape, measured(shape, scale)) for shape in layer.shapes]
    return {
        "author": {"id": layer.author, "name": layer.name},
        "revision": layer.revision,
        "changed": when(layer.changed),
        "editable": may(caller, editable(layer.author)),
        "shared": layer.shared,
        "items": [
            {
                **shape.as_json(),
                "value": each.value,
                "unit": each.unit,
                "perimeter": each.perimeter,
                "crossing": each.crossing,
            }
            for shape, each in found
        ],
        "statistics": [
            {
                "kind": one.kind,
                "unit": one.unit,
                "n": one.n,
                "mean": one.mean,
                "deviation": one.deviation,
                "least": one.least,
                "most": one.most,
            }
            for one in summed_up(found)
        ],
    }
