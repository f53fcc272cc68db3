"""A printer as others see it: the API's answer, and what is told on the bus."""

from collections.abc import Mapping
from typing import Any

from hub.clock import rfc3339
from hub.plugin import Principal, may
from plugins.printing.jobs.job import Job
from plugins.printing.queue.values import PrinterNow


def job_on(job: Job | None, by: Principal | None) -> dict[str, Any] | None:
    """Return the job on a printer; name, owner and picture only to those who may see it.

    Args:
        job: the job.
        by: who asks; None for what everybody may know.
    """
    if job is None:
        return None
    found: dict[str, Any] = {"id": job.id, "state": job.state.value, "progress": job.progress}
    if by is not None and may(by, job.access()):
        picture = job.file("thumbnail", current=True)
        found["name"] = job.name
        found["owner"] = {"id": job.owner, "name": job.owner_name}
        found["thumbnail"] = picture and f"/api/v1/assets/{picture.asset}/content"
    return found


def printer_json(
    printer: PrinterNow,
    *,
    job: Job | None,
    plate_job: Job | None,
    by: Principal | None,
    queue_seconds: float | None,
    problem: Mapping[str, Any] | None,
    cleared_by: str = "",
) -> dict[str, Any]:
    """Return a printer as JSON-ready data; arguments as `job_on`.

    Args:
        printer: as it is now.
        job: what it prints.
        plate_job: whose part lies on its plate.
        by: who asks; None for what everybody may know.
        queue_seconds: until all that waits for it is done.
        problem: of the device.
        cleared_by: the name of who said that the plate is clear; for those who ask.
    """
    plate, setup = printer.plate, printer.setup
    known = plate.since > 0
    return {
        "id": printer.id,
        "name": printer.name,
        "state": printer.state.value if printer.state and printer.reachable else None,
        "reachable": printer.reachable,
        "ready": printer.ready,
        "problem": problem,
        "plate": {
            "clear": plate.clear,
            "job": job_on(plate_job, by),
            "since": rfc3339(plate.since) if known else None,
            "unseen_since": rfc3339(plate.seen) if plate.seen and not plate.clear else None,
            "by": {"id": plate.by, "name": cleared_by} if by is not None and plate.by else None,
        },
        "job": job_on(job, by),
        "queue_seconds": queue_seconds,
        "volume": None if printer.volume is None else printer.volume.model_dump(),
        "nozzle": printer.nozzle,
        "materials": None if printer.materials is None else list(printer.materials),
        "gcode_policy": printer.policy,
        **setup.as_json(),
    }
