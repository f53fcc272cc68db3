"""The routes: sending what is to be shown, its pages, its parts and their names."""

from pathlib import PurePath
from typing import Annotated, Any, Self

from fastapi import Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, model_validator
from starlette.datastructures import UploadFile

from hub.plugin import (
    UPLOAD,
    AssetModel,
    Audit,
    Body,
    Id,
    Page,
    PluginHub,
    Principal,
    Requires,
    Role,
    Router,
    asset_model,
    check,
    problems,
)
from plugins.panel.show.framing import look
from plugins.panel.show.material import Material
from plugins.panel.show.tasks import TaskName, Tasks

Name = Annotated[str, Field(max_length=80)]
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
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "A PDF, or a 3D model as GLB or STL.",
                        }
                    },
                },
            }
        },
    }
}
_PNG: dict[int | str, dict[str, Any]] = {
    200: {"description": "The page.", "content": {"image/png": {}}}
}


class PartModel(BaseModel):
    """A part of a 3D model: a node of its file that has a mesh."""

    id: str
    name: str = Field(description="As the file says it.")
    names: dict[str, str] = Field(description="By language: as the school says it.")


class MaterialModel(BaseModel):
    """What can be shown of a file."""

    asset: str
    title: str
    media_type: str
    pages: int | None = Field(description="Of a PDF.")
    parts: list[PartModel] = Field(description="Of a 3D model.")


class PartNames(Body):
    """What parts are called: by the part's id, by language."""

    names: dict[Annotated[str, Field(pattern=r"^\d{1,6}$")], dict[str, Name]] = Field(
        max_length=500
    )


class TaskResult(Body):
    """What came of a task with a model."""

    task: TaskName
    token: str = Field(
        min_length=1, max_length=64, pattern=r"^[\w:.-]+$", description="Which; once for each."
    )
    at_once: int = Field(ge=0, le=500, strict=True, description="Parts right at the first try.")
    of: int = Field(ge=1, le=500, strict=True, description="Parts.")
    seconds: int = Field(ge=0, le=86_400, strict=True)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.at_once > self.of:
            raise ValueError("at_once is more than of")
        return self


class WhoModel(BaseModel):
    """Whose result it is; the name is empty once they are erased."""

    id: str
    name: str


class TaskResultModel(TaskResult):
    """A result that is kept with its lesson."""

    id: str
    person: WhoModel | None = Field(description="Null: the class's, at its screen.")
    ended: str


class WebModel(BaseModel):
    """Servers whose pages may be shown."""

    origins: list[str]


class LookModel(BaseModel):
    """Whether a page can be shown."""

    shows: bool | None = Field(
        description="It lets other pages show it; null where it does not answer."
    )


def make_show_router(
    hub: PluginHub, material: Material, audit: Audit, origins: tuple[str, ...]
) -> Router:
    """Return the routes."""
    router = Router(tags=["Panel"])
    tasks = Tasks(hub)
    Pupil = Annotated[Principal, Requires(Role.PUPIL)]  # noqa: N806 - a type
    Display = Annotated[Principal, Requires(Role.DISPLAY)]  # noqa: N806 - a type
    Teacher = Annotated[Principal, Requires(Role.TEACHER)]  # noqa: N806 - a type

    async def told(asset: str, caller: Principal) -> dict[str, Any]:
        found = await material.seen(asset, caller)
        about = await material.about(found)
        names = await material.names(asset)
        return {
            "asset": found.id,
            "title": found.title,
            "media_type": found.media_type,
            "pages": about.get("pages"),
            "parts": [
                {**part, "names": names.get(part["id"], {})} for part in about.get("parts", [])
            ],
        }

    @router.post(
        "/panel-files",
        operation_id="addPanelFile",
        summary="Send a PDF or a 3D model to be shown",
        status_code=201,
        response_model=AssetModel,
        responses=problems(413, 415, 422, 429, 503, 507),
        openapi_extra={**_FORM, UPLOAD: 256 << 20},
    )
    async def add(request: Request, response: Response, caller: Teacher) -> dict[str, Any]:
        """It is looked at first, and kept with the lesson that runs."""
        async with hub.uploads.receive(request, caller) as upload:
            file = upload.form.get("file")
            if not isinstance(file, UploadFile):
                missing = {"type": "missing", "loc": ("body", "file"), "msg": "A file is needed."}
                raise RequestValidationError([{**missing, "input": None}])
            name = PurePath((file.filename or "").replace("\\", "/")).stem
            title = " ".join(name.split())[:120] or "?"
            lesson = await hub.school.default_lesson(caller)
            kept_with = None if lesson is None else lesson.id
            asset = await material.take(upload.path, title, kept_with, caller)
        response.headers["Location"] = f"/api/v1/assets/{asset.id}"
        return asset_model(asset)

    @router.get(
        "/panel-files/{asset}",
        operation_id="getPanelFile",
        summary="Pages or parts of a file",
        response_model=MaterialModel,
        responses=problems(404, 410, 422, 503, 504),
    )
    async def about(asset: Id, caller: Display) -> dict[str, Any]:
        """The class's screen may ask for what it shows."""
        return await told(asset, caller)

    @router.get(
        "/panel-files/{asset}/pages/{number}",
        operation_id="getPanelPage",
        summary="A page of a PDF as a picture",
        response_class=Response,
        responses={**_PNG, **problems(404, 410, 422, 503, 504)},
    )
    async def page(
        asset: Id, number: Annotated[int, Path(ge=1, le=10_000)], caller: Display
    ) -> Response:
        """PNG, 2560 pixels on its longer side."""
        drawn = await material.page(await material.seen(asset, caller), number)
        headers = {"Cache-Control": "private, max-age=600", "X-Content-Type-Options": "nosniff"}
        return Response(drawn, media_type="image/png", headers=headers)

    @router.put(
        "/panel-files/{asset}/names",
        operation_id="namePanelParts",
        summary="Say what the parts of a 3D model are called",
        response_model=MaterialModel,
        responses=problems(404, 410, 422, 503, 504),
    )
    async def name(asset: Id, body: PartNames, caller: Teacher) -> dict[str, Any]:
        """In the languages of the class; an empty text leaves the name of the file."""
        found = await hub.assets.get(asset)
        check(caller, hub.assets.access(found, "view"))
        known = {part["id"] for part in (await material.about(found)).get("parts", [])}
        names = {
            part: {language: text.strip() for language, text in said.items() if text.strip()}
            for part, said in body.names.items()
            if part in known
        }
        await material.name(asset, names)
        await audit.note(caller, "panel.names", asset)
        return await told(asset, caller)

    @router.get(
        "/panel-files/{asset}/results",
        operation_id="listModelResults",
        summary="What came of tasks with a 3D model in this lesson",
        response_model=Page[TaskResultModel],
        responses=problems(404, 409, 410),
    )
    async def results(asset: Id, caller: Pupil) -> dict[str, Any]:
        """The newest first; a pupil gets their own and those of the class's screen."""
        found = await material.seen(asset, caller)
        return {"items": await tasks.results(found, caller), "next": None}

    @router.post(
        "/panel-files/{asset}/results",
        operation_id="addModelResult",
        summary="Keep what came of a task with a 3D model",
        status_code=201,
        response_model=TaskResultModel,
        responses=problems(404, 409, 410),
    )
    async def keep(asset: Id, body: TaskResult, caller: Display) -> dict[str, Any]:
        """With the lesson that runs. The class's screen may tell of the task that it shows."""
        found = await material.seen(asset, caller)
        return await tasks.keep(found, body.model_dump(), caller)

    @router.get(
        "/panel-web",
        operation_id="getPanelWeb",
        summary="Servers whose pages may be shown",
        response_model=WebModel,
        dependencies=[Requires(Role.DISPLAY)],
    )
    async def web() -> dict[str, Any]:
        """As the settings name them."""
        return {"origins": list(origins)}

    @router.get(
        "/panel-web/look",
        operation_id="lookAtPanelWeb",
        summary="Whether a web page lets the class's screen show it",
        response_model=LookModel,
        responses=problems(403),
        dependencies=[Requires(Role.TEACHER)],
    )
    async def look_at(
        address: Annotated[str, Query(min_length=1, max_length=2000)],
    ) -> dict[str, bool | None]:
        """The hub asks the server; only one that is listed."""
        return {"shows": await look(address, origins)}

    return router
