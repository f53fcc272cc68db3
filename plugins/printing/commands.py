"""The steps of print jobs by MQTT: `cmd/<user>/x/printing/<step>`, with what the routes take.

Files come by HTTP, or are assets already. Answers are in the hub's own language.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, Field, ValidationError

from hub.errors import Invalid
from hub.plugin import Body, Command, IdField, PluginHub, Principal
from plugins.printing.jobs.job import Job
from plugins.printing.jobs.service import Jobs
from plugins.printing.jobs.states import JobState
from plugins.printing.models import ChangeJob, EditJob, FromAsset
from plugins.printing.queue.service import Queue

T = TypeVar("T", bound=BaseModel)
Show = Callable[[Job, str, Principal], Awaitable[dict[str, Any]]]
ShowPrinter = Callable[[str, str, Principal], Awaitable[dict[str, Any]]]
Cleared = Callable[[str, Principal], Awaitable[None]]
MOST = 50


class OfJob(Body):
    """Which job."""

    job: IdField


class Approving(OfJob):
    """Which job, and on which printer; any that fits if left out."""

    printer: IdField | None = None
    mark: str | None = Field(None, max_length=64)


class SendingBack(OfJob):
    """Which job, and what its owner shall change."""

    note: str = Field("", max_length=2000)


class Editing(EditJob, OfJob):
    """Which job, and what shall be another; what is left out stays."""


class Changing(ChangeJob, OfJob):
    """Which job, and how its model shall be scaled and turned."""


class Moving(OfJob):
    """Which job, and before which one of the queue; null for the end."""

    before: IdField | None = None


class Listing(Body):
    """Which jobs: in one of these states, the newest first."""

    states: list[JobState] = Field([], max_length=12)
    limit: int = Field(20, ge=1, le=MOST)


class OfPrinter(Body):
    """Which printer."""

    printer: IdField


def make_commands(
    hub: PluginHub,
    jobs: Jobs,
    queue: Queue,
    show: Show,
    show_item: Show,
    show_printer: ShowPrinter,
    cleared: Cleared,
) -> Mapping[str, Command]:
    """Return the commands by name; each judges rights as its route does."""

    async def shown(job: Job, by: Principal) -> dict[str, Any]:
        return await show(job, hub.say.default, by)

    def step(take: Callable[..., Awaitable[Job]]) -> Command:
        async def command(given: dict[str, Any], by: Principal) -> Any:
            return await shown(await take(read(OfJob, given).job, by=by), by)

        return command

    async def approve(given: dict[str, Any], by: Principal) -> Any:
        asked = read(Approving, given)
        done = await queue.approve(asked.job, by=by, printer=asked.printer, mark=asked.mark)
        return await shown(done, by)

    async def send_back(given: dict[str, Any], by: Principal) -> Any:
        asked = read(SendingBack, given)
        return await shown(await jobs.send_back(asked.job, by=by, note=asked.note), by)

    async def move(given: dict[str, Any], by: Principal) -> Any:
        asked = read(Moving, given)
        return await shown(await queue.move(asked.job, before=asked.before, by=by), by)

    async def from_asset(given: dict[str, Any], by: Principal) -> Any:
        asked = read(FromAsset, given)
        asset = await hub.assets.get(asked.asset)
        made = await jobs.from_asset(
            asset, by=by, name=asked.name, printer=asked.printer, settings=asked.settings
        )
        return await shown(made, by)

    async def listed(given: dict[str, Any], by: Principal) -> Any:
        asked = read(Listing, given)
        page = await jobs.list(by=by, states=asked.states, limit=asked.limit)
        return {"items": [await show_item(job, hub.say.default, by) for job in page.items]}

    async def plate_cleared(given: dict[str, Any], by: Principal) -> Any:
        printer = read(OfPrinter, given).printer
        await cleared(printer, by)
        return await show_printer(printer, hub.say.default, by)

    return {
        "get": step(jobs.get),
        "list": listed,
        "from-asset": from_asset,
        **_changing(jobs, shown),
        "approve": approve,
        "send-back": send_back,
        "cancel": step(queue.cancel),
        "pause": step(queue.pause),
        "resume": step(queue.resume),
        "reprint": step(queue.reprint),
        "repair": step(jobs.repair),
        "move": move,
        "plate-cleared": plate_cleared,
    }


def _changing(
    jobs: Jobs, shown: Callable[[Job, Principal], Awaitable[dict[str, Any]]]
) -> Mapping[str, Command]:
    """Return the commands by which a job is changed before it is approved, and deleted."""

    async def edit(given: dict[str, Any], by: Principal) -> Any:
        asked = read(Editing, given)
        done = await jobs.edit(
            asked.job,
            by=by,
            name=asked.name,
            printer=asked.printer,
            any_printer=asked.any_printer,
            settings=asked.settings,
        )
        return await shown(done, by)

    async def change(given: dict[str, Any], by: Principal) -> Any:
        asked = read(Changing, given)
        done = await jobs.change(asked.job, by=by, factor=asked.factor, rotation=asked.rotation)
        return await shown(done, by)

    async def delete(given: dict[str, Any], by: Principal) -> Any:
        await jobs.delete(read(OfJob, given).job, by=by)

    return {"edit": edit, "change": change, "delete": delete}


def read(model: type[T], given: dict[str, Any]) -> T:
    """Return what a command says. Raises `Invalid`."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part)[:40] for part in first["loc"])
        raise Invalid(f"{where}: {first['msg']}", field=where) from None
