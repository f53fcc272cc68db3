"""The routes of print jobs: handing in, looking, changing."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse

from hub.errors import Invalid, NotFound
from hub.plugin import (
    UPLOAD,
    Id,
    Language,
    Page,
    Pages,
    PluginHub,
    Principal,
    Requires,
    Role,
    Router,
    problems,
)
from plugins.printing.jobs.job import Job
from plugins.printing.jobs.service import Jobs
from plugins.printing.jobs.settings import settings_of
from plugins.printing.jobs.states import JobState
from plugins.printing.models import (
    EditJob,
    FromAsset,
    JobItem,
    JobModel,
    UploadFields,
)

Show = Callable[[Job, str, Principal], Awaitable[dict[str, Any]]]
Pupil = Annotated[Principal, Requires(Role.PUPIL)]
Teacher = Annotated[Principal, Requires(Role.TEACHER)]

LARGEST = 256 << 20
"""Bytes of an upload; a model may have half of that, G-code is longer."""
FORM: dict[str, Any] = {
    UPLOAD: LARGEST,
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
                            "description": "STL, 3MF, OBJ, PLY or GLB, or finished G-code.",
                        },
                        "name": {"type": "string", "maxLength": 200},
                        "printer": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,62}$"},
                        "settings": {
                            "type": "string",
                            "contentMediaType": "application/json",
                            "description": "A JobSettings as JSON.",
                        },
                    },
                }
            }
        },
    },
}


def make_router(
    hub: PluginHub, jobs: Jobs, show: Show, show_item: Show, expect: Callable[[], None]
) -> Router:
    """Return the routes, served by `jobs`.

    Args:
        hub: of the plugin.
        jobs: the service.
        show: returns a job as the API shows it to somebody in a language.
        show_item: returns it as lists have it.
        expect: told that a model is about to come.
    """
    router = Router(tags=["Printing"])

    @router.post(
        "/print-jobs",
        operation_id="addPrintJob",
        summary="Hand in a model, or finished G-code",
        status_code=201,
        response_model=JobModel,
        responses=problems(404, 409, 413, 415, 429, 503, 507),
        openapi_extra=FORM,
    )
    async def add(
        request: Request, response: Response, caller: Pupil, language: Language
    ) -> dict[str, Any]:
        """Hand in a file as a form; once this answers it survives a power cut.

        It is checked and sliced after that: `GET` the job, or follow `x/printing/jobs/<id>`.
        """
        expect()  # what the check needs is loaded while the file comes
        async with hub.uploads.receive(request, caller) as upload:
            file, fields = parts(upload.form)
            job = await jobs.receive(
                upload.path,
                name=name_of(file, fields),
                by=caller,
                printer=fields.printer,
                settings=settings_of(fields.settings),
            )
        response.headers["Location"] = f"/api/v1/print-jobs/{job.id}"
        return await show(job, language, caller)

    @router.post(
        "/print-jobs/from-asset",
        operation_id="addPrintJobFromAsset",
        summary="Print an asset of the hub",
        status_code=201,
        response_model=JobModel,
        responses=problems(404, 409, 429, 503, 507),
    )
    async def from_asset(
        response: Response, body: FromAsset, caller: Pupil, language: Language
    ) -> dict[str, Any]:
        """Take a model that the hub keeps already as a new job."""
        job = await jobs.from_asset(
            await hub.assets.get(body.asset),
            by=caller,
            name=body.name,
            printer=body.printer,
            settings=body.settings,
        )
        response.headers["Location"] = f"/api/v1/print-jobs/{job.id}"
        return await show(job, language, caller)

    @router.get(
        "/print-jobs",
        operation_id="listPrintJobs",
        summary="Print jobs that the caller may see",
        response_model=Page[JobItem],
    )
    async def listed(
        pages: Pages,
        caller: Pupil,
        language: Language,
        state: Annotated[
            str | None, Query(max_length=200, description="One state or several, by commas.")
        ] = None,
        printer: Annotated[str | None, Query(max_length=80)] = None,
        owner: Annotated[str | None, Query(max_length=80, description="`me`, or an id.")] = None,
        lesson: Annotated[str | None, Query(max_length=80)] = None,
    ) -> dict[str, Any]:
        """Pupils see their own, teachers all; the newest first.

        Items are short: verdict, versions and pictures stand in the single job.
        """
        page = await jobs.list(
            by=caller,
            states=_states(state),
            printer=printer,
            owner=caller.owner if owner == "me" else owner,
            lesson=lesson,
            before=pages.cursor,
            limit=pages.limit,
        )
        items = [await show_item(job, language, caller) for job in page.items]
        return {"items": items, "next": page.next}

    @router.get(
        "/print-jobs/{job}",
        operation_id="getPrintJob",
        summary="A print job",
        response_model=JobModel,
    )
    async def get(job: Id, caller: Pupil, language: Language) -> dict[str, Any]:
        """How it is, what was found, and what the caller may do with it."""
        return await show(await jobs.get(job, by=caller), language, caller)

    @router.patch(
        "/print-jobs/{job}",
        operation_id="editPrintJob",
        summary="Change name, printer or settings",
        response_model=JobModel,
        responses=problems(409),
    )
    async def edit(job: Id, body: EditJob, caller: Pupil, language: Language) -> dict[str, Any]:
        """Until it is approved; another printer or other settings are checked and sliced anew."""
        changed = await jobs.edit(
            job,
            by=caller,
            name=body.name,
            printer=body.printer,
            any_printer=body.any_printer,
            settings=body.settings,
        )
        return await show(changed, language, caller)

    @router.delete(
        "/print-jobs/{job}",
        operation_id="deletePrintJob",
        summary="Delete a print job and its files",
        status_code=204,
        responses=problems(409),
    )
    async def delete(job: Id, caller: Pupil) -> None:
        """Not while it is in the queue or on a printer: cancel it first."""
        await jobs.delete(job, by=caller)

    def part(name: str, role: str, summary: str) -> None:
        @router.get(
            f"/print-jobs/{{job}}/{name}",
            operation_id=f"getPrintJob{name.capitalize()}",
            summary=summary,
            response_class=Response,
            status_code=307,
            responses={307: {"description": "Where its bytes are."}, **problems(404)},
        )
        async def file(job: Id, caller: Pupil) -> Response:
            """Lead to the asset that has it."""
            found = (await jobs.get(job, by=caller)).file(role, current=True)
            if found is None:
                raise NotFound(f"job {job} has no {name}")
            return RedirectResponse(f"/api/v1/assets/{found.asset}/content", 307)

    part("thumbnail", "thumbnail", "Its picture, a PNG")
    part("preview", "preview", "Its shape, a GLB")
    return router


def _states(text: str | None) -> list[JobState]:
    try:
        return [JobState(one.strip()) for one in (text or "").split(",") if one.strip()]
    except ValueError as error:
        raise Invalid(str(error), field="state") from None


def name_of(file: UploadFile, fields: UploadFields) -> str:
    """Return the name that was given, with the ending of the file's own."""
    own = file.filename or ""
    if not fields.name.strip():
        return own
    dot = own.rfind(".")
    ending = own[dot:] if dot > 0 and len(own) - dot <= 8 else ""
    named = fields.name.strip()
    return named if named.lower().endswith(ending.lower()) else named + ending


def parts(form: FormData) -> tuple[UploadFile, UploadFields]:
    """Return the file of a form and what came beside it. Raises what FastAPI raises."""
    file = form.get("file")
    if not isinstance(file, UploadFile):
        missing = {"type": "missing", "loc": ("body", "file"), "msg": "A file is needed."}
        raise RequestValidationError([{**missing, "input": None}])
    try:
        fields = UploadFields.model_validate({k: v for k, v in form.items() if k != "file"})
    except ValidationError as error:
        found = [{**one, "loc": ("body", *one["loc"])} for one in error.errors()]
        raise RequestValidationError(found) from None
    return file, fields
