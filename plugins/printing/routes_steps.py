"""The routes of print jobs: their steps."""

from typing import Any

from fastapi import Request

from hub.plugin import Id, Language, PluginHub, Router, problems
from plugins.printing.jobs.service import Jobs
from plugins.printing.models import ChangeJob, History, JobModel, SendBack
from plugins.printing.routes import FORM, Pupil, Show, Teacher, name_of, parts


def make_steps(hub: PluginHub, jobs: Jobs, show: Show) -> Router:
    """Return the routes by which a job goes on; arguments as `routes.make_router`."""
    router = Router(tags=["Printing"])

    @router.post(
        "/print-jobs/{job}/file",
        operation_id="replacePrintJobFile",
        summary="Hand in another file in its place",
        response_model=JobModel,
        responses=problems(404, 409, 413, 415, 503, 507),
        openapi_extra=FORM,
    )
    async def replace(
        request: Request, job: Id, caller: Pupil, language: Language
    ) -> dict[str, Any]:
        """A new version of a job that was refused or sent back; it is checked anew."""
        await jobs.get(job, by=caller)
        async with hub.uploads.receive(request, caller) as upload:
            file, fields = parts(upload.form)
            changed = await jobs.replace(job, upload.path, name=name_of(file, fields), by=caller)
        return await show(changed, language, caller)

    @router.post(
        "/print-jobs/{job}/repair",
        operation_id="repairPrintJob",
        summary="Mend the model where that is safe",
        response_model=JobModel,
        responses=problems(409, 503, 507),
    )
    async def repair(job: Id, caller: Pupil, language: Language) -> dict[str, Any]:
        """Make a mended version; the file that was handed in stays among the `versions`."""
        return await show(await jobs.repair(job, by=caller), language, caller)

    @router.post(
        "/print-jobs/{job}/change",
        operation_id="changePrintJob",
        summary="Scale or turn the model",
        response_model=JobModel,
        responses=problems(409, 503, 507),
    )
    async def change(job: Id, body: ChangeJob, caller: Pupil, language: Language) -> dict[str, Any]:
        """Make a version of another size, or turned; take what the verdict offers."""
        changed = await jobs.change(job, by=caller, factor=body.factor, rotation=body.rotation)
        return await show(changed, language, caller)

    @router.post(
        "/print-jobs/{job}/send-back",
        operation_id="sendBackPrintJob",
        summary="Give it back to its owner with a note",
        response_model=JobModel,
        responses=problems(409),
    )
    async def send_back(
        job: Id, body: SendBack, caller: Teacher, language: Language
    ) -> dict[str, Any]:
        """The owner sees the note, and can hand in a new version."""
        changed = await jobs.send_back(job, by=caller, note=body.note)
        return await show(changed, language, caller)

    @router.get(
        "/print-jobs/{job}/history",
        operation_id="getPrintJobHistory",
        summary="The steps of a job",
        response_model=History,
    )
    async def history(job: Id, caller: Pupil) -> dict[str, Any]:
        """What became of it, and who did what."""
        await jobs.get(job, by=caller)
        return {"items": await jobs.register.history(job)}

    return router
