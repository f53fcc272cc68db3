"""The routes of files: pages made of them, boards made into them."""

from pathlib import PurePath
from typing import Annotated, Any

from fastapi import Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.responses import FileResponse, StreamingResponse

from hub.plugin import (
    Id,
    Language,
    OperationModel,
    PluginHub,
    Principal,
    Requires,
    Role,
    Router,
    problems,
)
from plugins.whiteboard.exporting.service import MEDIA_TYPES, Exports, Format
from plugins.whiteboard.importing.service import Imports
from plugins.whiteboard.models import ImportFields, Key

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox"
_BYTES = {"type": "string", "format": "binary"}
_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "additionalProperties": False,
                    "properties": {
                        "file": {**_BYTES, "description": "A PDF, or a JPEG or PNG picture."},
                        "after": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
                    },
                },
            }
        },
    }
}


def make_file_routes(hub: PluginHub, exports: Exports, imports: Imports) -> Router:
    """Return the routes of files."""
    router = Router(tags=["Boards"])

    @router.post(
        "/boards/{board}/pages/import",
        operation_id="importBoardPages",
        summary="Make pages of a file",
        status_code=201,
        response_model=OperationModel,
        responses=problems(404, 413, 415, 422, 429, 503, 507),
        openapi_extra=_FORM,
    )
    async def take_pages(
        request: Request,
        response: Response,
        board: Id,
        caller: Annotated[Principal, Requires(Role.TEACHER)],
    ) -> dict[str, Any]:
        """A picture becomes a page, and so does each page of a PDF: an operation (`pages`).

        They are pictures from then on: nothing in a PDF is run.
        """
        async with hub.uploads.receive(request, caller) as upload:
            file, fields = _parts(upload.form)
            name = PurePath((file.filename or "").replace("\\", "/")).stem
            operation = await imports.begin(board, upload.path, name, fields.after, caller)
        response.headers["Location"] = f"/api/v1/operations/{operation.id}"
        return operation.payload()

    @router.get(
        "/boards/{board}/export",
        operation_id="exportBoard",
        summary="A board as a file",
        response_class=Response,
        responses={
            200: {
                "description": "The file.",
                "content": {kind: {"schema": _BYTES} for kind in MEDIA_TYPES.values()},
            },
            **problems(404, 429, 503, 507),
        },
    )
    async def export(
        board: Id,
        caller: Annotated[Principal, Requires(Role.PUPIL)],
        language: Language,
        format: Annotated[Format, Query(description="Of the file.")] = "pdf",  # noqa: A002
        page: Annotated[Key | None, Query(description="Only this page.")] = None,
    ) -> Response:
        """All pages as PDF or InkML, one page as SVG or PNG; hidden ones for teachers only.

        InkML has the pens' strokes with every sample as it came, and nothing else.
        """
        made = await exports.make(board, format, page, caller, language)
        answer = StreamingResponse(made.chunks(), media_type=made.media_type)
        answer.headers["Content-Length"] = str(made.size)
        answer.headers["Content-Disposition"] = _attachment(made.name)
        return _guarded(answer, "no-store")

    return router


def _guarded(answer: Response, cache: str) -> Response:
    answer.headers["Cache-Control"] = f"private, {cache}"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = _POLICY
    return answer


def _attachment(name: str) -> str:
    """Return the header by which a browser saves a file under its name (RFC 6266, RFC 5987)."""
    return FileResponse("", filename=name).headers["content-disposition"]


def _parts(form: FormData) -> tuple[UploadFile, ImportFields]:
    file = form.get("file")
    if not isinstance(file, UploadFile):
        missing = {"type": "missing", "loc": ("body", "file"), "msg": "A file is needed."}
        raise RequestValidationError([{**missing, "input": None}])
    try:
        fields = ImportFields.model_validate({k: v for k, v in form.items() if k != "file"})
    except ValidationError as error:
        found = [{**one, "loc": ("body", *one["loc"])} for one in error.errors()]
        raise RequestValidationError(found) from None
    return file, fields
