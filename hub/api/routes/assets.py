"""Assets: what lessons have made, with content and thumbnails."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import Field, ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.responses import FileResponse

from hub.api.context import TheHub
from hub.api.guard import UPLOAD_LIMIT
from hub.api.models import AssetModel, Body, FoundAssetModel, Id, IdField, asset_model
from hub.api.paging import Page, Pages
from hub.api.problems import Malformed
from hub.api.routes.albums import InOrder, Meant, seen
from hub.api.routing import PREFIX, Router, problems
from hub.api.security import Requires
from hub.api.uploads import Uploads
from hub.assets import Asset
from hub.device import Role
from hub.errors import N_, HubError, TooLarge, Unsupported
from hub.rights import Principal, check

if TYPE_CHECKING:
    from hub.app import Hub

router = Router(prefix=PREFIX, tags=["Assets"])

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})$")
PICTURES = frozenset({"image/jpeg", "image/png"})
VIDEOS = frozenset({"video/mp4"})
SOUNDS = frozenset({"audio/webm", "audio/ogg", "audio/wav", "audio/mpeg", "audio/mp4"})
_SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png", "video/mp4": ".mp4"}
_SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'self'"
_BYTES = {"type": "string", "format": "binary"}
UPLOAD_SCHEMA = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "additionalProperties": False,
                    "properties": {
                        "file": {**_BYTES, "description": "A JPEG or PNG picture, up to 64 MiB."},
                        "title": {"type": "string", "maxLength": 200},
                        "note": {"type": "string", "maxLength": 2000},
                        "lesson": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,62}$"},
                    },
                },
                "encoding": {"file": {"contentType": "image/jpeg, image/png"}},
            }
        },
    }
}


class NoSuchRange(HubError):
    """The part of the file that was asked for is beyond its end."""

    code = "no-such-range"
    status = 416
    title = N_("The file has no such part.")
    hint = N_("Ask for the whole file.")


class UploadFields(Body):
    """What comes beside the file of an upload."""

    title: str = Field(default="", max_length=200)
    note: str = Field(default="", max_length=2000)
    lesson: IdField | None = None


class EditAsset(Body):
    """What shall change."""

    title: str | None = Field(default=None, min_length=1, max_length=200)
    note: str | None = Field(default=None, max_length=2000)


@router.get(
    "/assets",
    operation_id="listAssets",
    summary="Assets that the caller may see",
    response_model=Page[FoundAssetModel],
)
async def assets(
    hub: TheHub,
    pages: Pages,
    caller: Annotated[Principal, Requires(Role.PUPIL)],
    which: Meant,
    order: InOrder = "newest",
) -> dict[str, Any]:
    """Pupils see their own and those of their lesson, teachers all."""
    found = await hub.assets.list(
        visible_to=caller, cursor=pages.cursor, limit=pages.limit, order=order, **which
    )
    loved = await hub.assets.favourites(found.items, of=caller)
    items = [{**asset_model(asset), "favourite": asset.id in loved} for asset in found.items]
    return {"items": items, "next": found.next}


@router.post(
    "/assets",
    operation_id="addAsset",
    summary="Add a picture",
    status_code=201,
    response_model=AssetModel,
    responses=problems(404, 409, 413, 415, 503, 507),
    openapi_extra=UPLOAD_SCHEMA,
)
async def add(
    request: Request,
    response: Response,
    hub: TheHub,
    caller: Annotated[Principal, Requires(Role.PUPIL)],
) -> dict[str, Any]:
    """Add a picture as a form with the parts `file`, `title`, `note` and `lesson`."""
    uploads: Uploads = request.app.state.uploads
    async with uploads.receive(request, caller) as upload:
        file, fields = _parts(upload.form)
        media_type = (file.content_type or "").split(";")[0].strip().lower()
        if media_type not in PICTURES | VIDEOS | SOUNDS:
            raise Unsupported(media_type[:100])
        if file.size is not None and file.size > UPLOAD_LIMIT:
            raise TooLarge(f"at most {UPLOAD_LIMIT} bytes")
        asset = await hub.assets.add(
            content=upload.path,
            media_type=media_type,
            title=fields.title.strip() or _title_of(file),
            note=fields.note,
            owner=caller,
            lesson=await _lesson_for(hub, caller, fields.lesson),
        )
    response.headers["Location"] = f"/api/v1/assets/{asset.id}"
    return asset_model(asset)


@router.get(
    "/assets/{asset}", operation_id="getAsset", summary="One asset", response_model=FoundAssetModel
)
async def get(
    hub: TheHub, asset: Id, caller: Annotated[Principal, Requires(Role.PUPIL)]
) -> dict[str, Any]:
    """What is known of it; its bytes are at `links.content`."""
    found = await seen(hub, asset, caller)
    loved = await hub.assets.favourites([found], of=caller)
    return {**asset_model(found), "favourite": found.id in loved}


@router.patch(
    "/assets/{asset}",
    operation_id="editAsset",
    summary="Change title or note",
    response_model=AssetModel,
)
async def edit(
    hub: TheHub, asset: Id, caller: Annotated[Principal, Requires(Role.PUPIL)], body: EditAsset
) -> dict[str, Any]:
    """Its owner and teachers may; fields that are left out stay as they are."""
    check(caller, hub.assets.access(await hub.assets.get(asset), "edit"))
    return asset_model(await hub.assets.edit(asset, title=body.title, note=body.note))


@router.delete(
    "/assets/{asset}", operation_id="deleteAsset", summary="Delete an asset", status_code=204
)
async def delete(
    hub: TheHub, asset: Id, caller: Annotated[Principal, Requires(Role.PUPIL)]
) -> None:
    """Its owner and teachers may; it is gone for good."""
    check(caller, hub.assets.access(await hub.assets.get(asset), "edit"))
    await hub.assets.delete(asset, by=caller)


@router.get(
    "/assets/{asset}/content",
    operation_id="getAssetContent",
    summary="Its bytes",
    response_class=Response,
    responses={
        200: {"description": "The bytes.", "content": {"*/*": {"schema": _BYTES}}},
        206: {"description": "The part that `Range` asks for."},
        304: {"description": "It is what the caller has."},
        **problems(410, 416),
    },
)
async def content(
    request: Request, hub: TheHub, asset: Id, caller: Annotated[Principal, Requires(Role.PUPIL)]
) -> Response:
    """The very bytes that were stored; `Range` is understood."""
    return content_of(hub, request, await seen(hub, asset, caller))


def content_of(hub: "Hub", request: Request, found: Asset) -> Response:
    """Return the bytes of an asset whose caller may have them."""
    path = hub.assets.content(found)
    name = f"{found.title[:80] or found.id}{_SUFFIXES.get(found.media_type, '')}"
    _check_range(request, found.size)
    return _file(request, path, found.media_type, f'"{found.sha256}"', name)


@router.get(
    "/assets/{asset}/thumbnail",
    operation_id="getAssetThumbnail",
    summary="A small picture of it",
    response_class=Response,
    responses={
        200: {"description": "A JPEG.", "content": {"image/jpeg": {"schema": _BYTES}}},
        304: {"description": "It is what the caller has."},
        **problems(410, 413, 415, 503, 504),
    },
)
async def thumbnail(
    request: Request,
    hub: TheHub,
    asset: Id,
    caller: Annotated[Principal, Requires(Role.PUPIL)],
    size: Annotated[
        Literal["320", "640"], Query(description="Pixels of the longer side, at most.")
    ] = "320",
) -> Response:
    """Made at the first call and kept."""
    found = await seen(hub, asset, caller)
    path = await hub.assets.thumbnail(found, int(size))
    _without_range(request)
    # Scrolling back must not ask for hundreds of small pictures again.
    etag, cache = f'"{found.sha256}-{size}"', "private, max-age=300"
    return _file(request, path, "image/jpeg", etag, None, cache)


async def _lesson_for(hub: "Hub", caller: Principal, lesson: str | None) -> str | None:
    """Return the lesson that an upload goes to: the one named, else the pupil's own."""
    if lesson is None:
        return caller.lesson
    check(caller, hub.school.lesson_access(await hub.school.lesson(lesson)))
    return lesson


def _parts(form: FormData) -> tuple[UploadFile, UploadFields]:
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise RequestValidationError(
            [
                {
                    "type": "missing",
                    "loc": ("body", "file"),
                    "msg": "A file is needed.",
                    "input": None,
                }
            ]
        )
    names = [name for name, _ in form.multi_items()]
    if len(names) != len(set(names)):
        raise Malformed("a part stands twice in the form")
    try:
        fields = UploadFields.model_validate({k: v for k, v in form.items() if k != "file"})
    except ValidationError as error:
        found = [{**one, "loc": ("body", *one["loc"])} for one in error.errors()]
        raise RequestValidationError(found) from None
    return file, fields


def _title_of(file: UploadFile) -> str:
    stem = Path((file.filename or "").replace("\\", "/")).stem
    return "".join(c for c in stem if c.isprintable())[:80].strip() or "Picture"


def _check_range(request: Request, size: int) -> None:
    """Refuse a range that the file does not have; pass over what is no single range of bytes."""
    asked = request.headers.get("range")
    if asked is None:
        return
    match = _RANGE.match(asked.strip())
    first, last = (match[1], match[2]) if match else ("", "")
    if not (first or last) or (first and last and int(first) > int(last)):
        _without_range(request)
    elif int(first) >= size if first else int(last) == 0:
        raise NoSuchRange(f"{asked[:40]} of {size} bytes")


def _without_range(request: Request) -> None:
    request.scope["headers"] = [h for h in request.scope["headers"] if h[0] != b"range"]


def _file(
    request: Request,
    path: Path,
    media_type: str,
    etag: str,
    name: str | None,
    cache: str = "private, no-cache",
) -> Response:
    headers = {
        "ETag": etag,
        "Cache-Control": cache,
        "Content-Security-Policy": _SANDBOX,
        "X-Content-Type-Options": "nosniff",
    }
    known = [
        tag.strip().removeprefix("W/")
        for tag in request.headers.get("if-none-match", "").split(",")
    ]
    if etag in known:
        return Response(status_code=304, headers=headers)
    shown = "inline" if media_type in PICTURES or media_type in VIDEOS else "attachment"
    return FileResponse(
        path, media_type=media_type, headers=headers, filename=name, content_disposition_type=shown
    )
