"""The routes of exports."""

import asyncio
from typing import Annotated, Any, Literal, Self

from fastapi import Header, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.responses import FileResponse

from hub.plugin import (
    Body,
    Id,
    IdField,
    OperationModel,
    Principal,
    Requires,
    Role,
    Router,
    problems,
)
from plugins.microscopy.exporting.presets import Preset
from plugins.microscopy.exporting.service import MOST, Exports, Format, Wish
from plugins.microscopy.measuring.words import language_of

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'"


class NewExport(Body):
    """What to take along: some assets, or the album of a lesson."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"lesson": "0192f3c4a5b6", "format": "zip"}]}
    )

    format: Format
    assets: list[IdField] = Field(default=[], max_length=MOST)
    lesson: IdField | None = None
    handed_in: bool = Field(default=False, description="Of a lesson, only what was handed in.")
    preset: str | None = Field(
        None,
        max_length=64,
        description="JPEG and MP4 for this platform: see `GET /exports/presets`.",
    )
    scale_bar: bool = Field(default=True, description="Draw one where the scale is known.")
    annotations: bool = Field(
        default=True, description="Draw what people have drawn on the pictures."
    )
    language: Literal["kk", "ru", "en"] | None = Field(
        None, description="Of units and headings; the caller's if left out."
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if bool(self.assets) == (self.lesson is not None):
            raise ValueError("name either assets or a lesson")
        if self.preset is not None and self.format != "jpeg":
            raise ValueError("a preset is for the format jpeg")
        return self


class Presets(BaseModel):
    """What platforms take."""

    items: dict[str, Preset]


def make_router(exports: Exports) -> Router:
    """Return the routes, served by `exports`."""
    router = Router(tags=["Microscopy"])

    @router.get(
        "/exports/presets",
        operation_id="listExportPresets",
        summary="What platforms take",
        response_model=Presets,
        dependencies=[Requires(Role.PUPIL)],
    )
    async def platforms() -> Any:
        """Settings of the school, with their sources."""
        return {"items": exports.presets}

    @router.post(
        "/exports",
        operation_id="export",
        summary="Make a file of pictures",
        status_code=201,
        response_model=OperationModel,
        responses=problems(404, 409, 413, 422, 429, 507),
    )
    async def begin(
        response: Response,
        caller: Annotated[Principal, Requires(Role.PUPIL)],
        body: NewExport,
        accept_language: Annotated[str | None, Header(include_in_schema=False)] = None,
    ) -> dict[str, Any]:
        """An operation; its result says where the file is, which is kept for an hour."""
        wish = Wish(
            format=body.format,
            language=language_of(body.language, accept_language),
            assets=tuple(body.assets),
            lesson=body.lesson,
            handed_in=body.handed_in,
            preset=body.preset,
            scale_bar=body.scale_bar,
            annotations=body.annotations,
        )
        operation = await exports.begin(wish, by=caller)
        response.headers["Location"] = f"/api/v1/operations/{operation.id}"
        return operation.payload()

    @router.get(
        "/exports/{export}/file",
        operation_id="getExport",
        summary="The file that was made",
        response_class=Response,
        responses={
            200: {
                "description": "The bytes.",
                "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
            },
            **problems(410),
        },
    )
    async def file(export: Id, caller: Annotated[Principal, Requires(Role.PUPIL)]) -> Response:
        """For whoever asked for it, and teachers."""
        ready = await asyncio.to_thread(exports.file, export, by=caller)
        page = ready.media_type == "text/html"
        return FileResponse(
            ready.path,
            media_type=f"{ready.media_type}; charset=utf-8" if page else ready.media_type,
            filename=ready.name,
            content_disposition_type="inline" if page else "attachment",
            headers={
                "Cache-Control": "private, no-store",
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": _POLICY,
            },
        )

    return router
