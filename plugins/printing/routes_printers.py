"""The routes of the printers, and the steps that need one."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Body as FromBody
from fastapi import Query, Response

from hub.plugin import (
    Id,
    Language,
    Page,
    Pages,
    Principal,
    Requires,
    Role,
    Router,
    problems,
)
from plugins.printing.models import (
    Approve,
    JobModel,
    MoveJob,
    PrinterModel,
    SetUpPrinter,
    TemperaturesModel,
)
from plugins.printing.queue.printers import Printers
from plugins.printing.queue.service import Queue
from plugins.printing.queue.temperatures import TemperatureLog
from plugins.printing.routes import Pupil, Show, Teacher

ShowPrinter = Callable[[str, str, Principal], Awaitable[dict[str, Any]]]
Display = Annotated[Principal, Requires(Role.DISPLAY)]


def make_queue_routes(queue: Queue, show: Show) -> Router:
    """Return the steps of approved jobs, served by `queue`."""
    router = Router(tags=["Printing"])

    @router.post(
        "/print-jobs/{job}/approve",
        operation_id="approvePrintJob",
        summary="Let it be printed, once",
        response_model=JobModel,
        responses=problems(404, 409),
    )
    async def approve(
        job: Id,
        caller: Teacher,
        language: Language,
        body: Annotated[Approve | None, FromBody()] = None,
    ) -> dict[str, Any]:
        """Put the job into the queue; it is printed in its turn, on a plate that is clear."""
        asked = body or Approve()
        done = await queue.approve(job, by=caller, printer=asked.printer, mark=asked.mark)
        return await show(done, language, caller)

    @router.post(
        "/print-jobs/{job}/cancel",
        operation_id="cancelPrintJob",
        summary="Withdraw it, or give its print up",
        response_model=JobModel,
        responses=problems(409, 503),
    )
    async def cancel(job: Id, caller: Pupil, language: Language) -> dict[str, Any]:
        """Its owner and teachers may; a print that runs is ended by the printer."""
        return await show(await queue.cancel(job, by=caller), language, caller)

    @router.post(
        "/print-jobs/{job}/pause",
        operation_id="pausePrintJob",
        summary="Pause its print",
        response_model=JobModel,
        responses=problems(409, 503),
    )
    async def pause(job: Id, caller: Teacher, language: Language) -> dict[str, Any]:
        """The nozzle lifts and parks; the heaters stay on."""
        return await show(await queue.pause(job, by=caller), language, caller)

    @router.post(
        "/print-jobs/{job}/resume",
        operation_id="resumePrintJob",
        summary="Go on with its print",
        response_model=JobModel,
        responses=problems(409, 503),
    )
    async def resume(job: Id, caller: Teacher, language: Language) -> dict[str, Any]:
        """Only what was paused goes on; what was interrupted is printed again."""
        return await show(await queue.resume(job, by=caller), language, caller)

    @router.post(
        "/print-jobs/{job}/reprint",
        operation_id="reprintPrintJob",
        summary="Print it once more, as a new job",
        status_code=201,
        response_model=JobModel,
        responses=problems(409, 429),
    )
    async def reprint(
        response: Response, job: Id, caller: Pupil, language: Language
    ) -> dict[str, Any]:
        """Make a new job of the same G-code; it waits for approval unless a teacher asks."""
        made = await queue.reprint(job, by=caller)
        response.headers["Location"] = f"/api/v1/print-jobs/{made.id}"
        return await show(made, language, caller)

    @router.post(
        "/print-jobs/{job}/move",
        operation_id="movePrintJob",
        summary="Give it another place in the queue",
        response_model=JobModel,
        responses=problems(409),
    )
    async def move(job: Id, body: MoveJob, caller: Teacher, language: Language) -> dict[str, Any]:
        """Before another queued job, or at the end."""
        return await show(await queue.move(job, before=body.before, by=caller), language, caller)

    return router


def make_printer_routes(
    printers: Printers,
    log: TemperatureLog,
    show: ShowPrinter,
    cleared: Callable[[str, Principal], Awaitable[None]],
    put_up: Callable[[str], None],
) -> Router:
    """Return the routes of the printers.

    Args:
        printers: serve them.
        log: of their temperatures.
        show: returns a printer as the API shows it to somebody in a language.
        cleared: notes that somebody says that a plate is clear.
        put_up: shows how a printer's print goes on the class's screen.
    """
    router = Router(tags=["Printing"])

    @router.get(
        "/printers",
        operation_id="listPrinters",
        summary="The printers of the class",
        response_model=Page[PrinterModel],
    )
    async def listed(pages: Pages, caller: Display, language: Language) -> dict[str, Any]:
        """All printers, also those that are not reachable now."""
        known = sorted(handle.id for handle in printers.handles())
        items, following = pages.of(known, lambda printer: printer)
        shown = [await show(printer, language, caller) for printer in items]
        return {"items": shown, "next": following}

    @router.get(
        "/printers/{printer}",
        operation_id="getPrinter",
        summary="A printer",
        response_model=PrinterModel,
    )
    async def get(printer: Id, caller: Display, language: Language) -> dict[str, Any]:
        """How it is, what it prints, whether its plate is clear."""
        return await show(printer, language, caller)

    @router.patch(
        "/printers/{printer}",
        operation_id="setUpPrinter",
        summary="Set profile, camera, spool, time-lapse",
        response_model=PrinterModel,
        responses=problems(404, 422),
    )
    async def set_up(
        printer: Id, body: SetUpPrinter, caller: Teacher, language: Language
    ) -> dict[str, Any]:
        """Fields that are left out stay as they are."""
        given = {name: value for name, value in body if name in body.model_fields_set}
        if body.policy is not None:
            given["policy"] = body.policy.model_dump()
        nullable = ("camera", "spool")
        changes = {k: v for k, v in given.items() if v is not None or k in nullable}
        await printers.set_up(printer, changes, by=caller)
        return await show(printer, language, caller)

    @router.post(
        "/printers/{printer}/plate-cleared",
        operation_id="plateCleared",
        summary="Say that the plate is clear",
        response_model=PrinterModel,
        responses=problems(409),
    )
    async def plate_cleared(printer: Id, caller: Pupil, language: Language) -> dict[str, Any]:
        """Teachers may, and whose part lay on it; then the next job is started."""
        await cleared(printer, caller)
        return await show(printer, language, caller)

    @router.post(
        "/printers/{printer}/show",
        operation_id="showPrinter",
        summary="Show its print on the class's screen",
        status_code=204,
        responses=problems(404),
    )
    async def put_up_(printer: Id, caller: Teacher) -> None:  # noqa: ARG001 - who may call it
        """How far it is and how long it takes; whose it is, the screen does not say."""
        printers.handle(printer)
        put_up(printer)

    @router.get(
        "/printers/{printer}/temperatures",
        operation_id="getPrinterTemperatures",
        summary="How warm it was",
        response_model=TemperaturesModel,
    )
    async def temperatures(
        printer: Id,
        caller: Display,  # noqa: ARG001 - who may call it
        seconds: Annotated[float, Query(gt=0, le=7200)] = 900.0,
    ) -> dict[str, Any]:
        """Of the last seconds, the oldest row first."""
        printers.handle(printer)
        return {"items": log.of(printer, seconds)}

    return router
