"""The routes: how devices are, what changed, what was measured."""

from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from hub.clock import now, rfc3339
from hub.plugin import Language, Requires, Role, Router, Translator, problems
from plugins.health.overview import Overview, status_of
from plugins.health.series import History, SeriesInfo
from plugins.health.uptime import Uptime, is_up
from plugins.health.watching import Change

_ENGINEERS = [Requires(Role.ENGINEER)]
Status = Literal["ok", "warning", "fault"]
MOST_CHANGES = 500
MOST_SERIES = 24
MOST_POINTS = 1000


class UptimeModel(BaseModel):
    """How much of the school's hours a device could be used."""

    share: float | None = Field(description="0 to 1; null where nothing is known.")
    known: float = Field(description="Seconds of school hours in which the hub ran.")
    downs: int = Field(description="How often it went from working to not working.")


class DayModel(UptimeModel):
    """The same of one day."""

    day: str = Field(examples=["2026-11-30"])


class LessonModel(UptimeModel):
    """The same of one lesson of the school day."""

    begins: str = Field(examples=["08:00"])


class LessonsModel(BaseModel):
    """How a device was by lesson hour."""

    device: str
    days: int
    items: list[LessonModel]


class HealthOfDevice(BaseModel):
    """How a device is and was."""

    device: str
    name: str
    kind_title: str
    icon: str
    status: Status
    said: str = Field(
        description="What is wrong, in the caller's language; empty where nothing is."
    )
    hint: str = Field(description="What to do now.")
    since: str = Field(description="Since when it is so.")
    days: list[DayModel]
    week: UptimeModel
    since_yesterday: int = Field(description="Changes since yesterday's morning.")


class HealthSummary(BaseModel):
    """One look at everything."""

    status: Status = Field(description="The worst of all devices.")
    devices: list[HealthOfDevice]
    computer: dict[str, float] = Field(
        description="Newest values of the computer: `processor`, `memory`, `disk` in %, …"
    )
    dropped: int = Field(description="Values that could not be kept.")


class ChangeModel(BaseModel):
    """A device was otherwise from then on."""

    time: str
    device: str
    up: bool = Field(description="Whether it could be used then.")
    reachable: bool
    presence: str
    process: str
    code: str | None
    said: str


class ChangesModel(BaseModel):
    """The newest changes first."""

    items: list[ChangeModel]


class SeriesModel(BaseModel):
    """Something that is measured."""

    id: int
    subject: str = Field(description="A device's id, or `computer`.")
    name: str
    title: str
    unit: str = Field(description="UCUM.")
    sums: bool = Field(description="Increments: a stretch of time has their sum, not their mean.")


class SeriesList(BaseModel):
    """What is measured."""

    items: list[SeriesModel]


class PlotModel(BaseModel):
    """A series in a stretch of time, in columns of equal length."""

    series: SeriesModel
    step: float = Field(description="Seconds of a bucket.")
    times: list[int] = Field(description="Seconds since the epoch: where each bucket begins.")
    values: list[float] = Field(description="Mean of each bucket, or its sum where `sums`.")
    least: list[float]
    most: list[float]


class PlotsModel(BaseModel):
    """Several series in the same stretch of time."""

    items: list[PlotModel]


def make_router(history: History, overview: Overview, say: Translator) -> Router:
    """Return the routes."""
    router = Router(tags=["Device health"])

    @router.get(
        "/health/summary",
        operation_id="getHealthSummary",
        summary="How everything is",
        dependencies=_ENGINEERS,
        response_model=HealthSummary,
    )
    async def summary(language: Language) -> dict[str, Any]:
        """How each device is now, and in the last seven days' school hours."""
        devices = []
        for one in await overview.devices():
            device, state = one.device, one.device.state
            problem = state.problem if not state.reachable else state.health
            devices.append(
                {
                    "device": device.id,
                    "name": device.name,
                    "kind_title": say.say(device.kind_title, language),
                    "icon": device.icon,
                    "status": status_of(device),
                    "said": ""
                    if problem is None
                    else say.say(problem.title, language, problem.params),
                    "hint": ""
                    if problem is None
                    else say.say(problem.hint, language, problem.params),
                    "since": rfc3339(state.since),
                    "days": [{"day": day.isoformat(), **_uptime(up)} for day, up in one.days],
                    "week": _uptime(one.week),
                    "since_yesterday": one.since_yesterday,
                }
            )
        order = ("ok", "warning", "fault")
        worst = max((order.index(str(one["status"])) for one in devices), default=0)
        return {
            "status": order[worst],
            "devices": devices,
            "computer": overview.computer,
            "dropped": history.dropped,
        }

    @router.get(
        "/health/uptime",
        operation_id="getUptimeByLesson",
        summary="How a device was by lesson hour",
        dependencies=_ENGINEERS,
        response_model=LessonsModel,
    )
    async def lessons(
        device: Annotated[str, Query(min_length=1, max_length=64)],
        days: Annotated[int, Query(ge=1, le=366)] = 30,
    ) -> dict[str, Any]:
        """In each lesson of the school day, over the last days: which lesson is it that suffers?"""
        found = await overview.lessons(device, days)
        items = [{"begins": f"{at:%H:%M}", **_uptime(up)} for at, up in found]
        return {"device": device, "days": days, "items": items}

    @router.get(
        "/health/changes",
        operation_id="listHealthChanges",
        summary="What changed",
        dependencies=_ENGINEERS,
        response_model=ChangesModel,
    )
    async def changes(
        language: Language,
        device: Annotated[str | None, Query(max_length=64)] = None,
        hours: Annotated[float, Query(gt=0, le=24 * 366)] = 48,
        limit: Annotated[int, Query(ge=1, le=MOST_CHANGES)] = 100,
    ) -> dict[str, Any]:
        """The newest changes of devices, as the engineer's log."""
        end = now()
        found = await overview.changed(device, end - hours * 3600, end + 1, limit)
        return {"items": [_change(one, say, language) for one in found]}

    @router.get(
        "/health/series",
        operation_id="listHealthSeries",
        summary="What is measured",
        dependencies=_ENGINEERS,
        response_model=SeriesList,
    )
    async def series(
        language: Language,
        subject: Annotated[str | None, Query(max_length=64)] = None,
    ) -> dict[str, Any]:
        """Of one subject (a device's id, or `computer`), or of all."""
        return {"items": [_series(one, say, language) for one in history.series(subject)]}

    @router.get(
        "/health/plots",
        operation_id="plotHealthSeries",
        summary="What was measured",
        dependencies=_ENGINEERS,
        response_model=PlotsModel,
        responses=problems(404),
    )
    async def plots(
        language: Language,
        series: Annotated[list[int], Query(min_length=1, max_length=MOST_SERIES)],
        hours: Annotated[float, Query(gt=0, le=24 * 366 * 3)] = 24,
        until: Annotated[float | None, Query(ge=0, le=2**40)] = None,
        points: Annotated[int, Query(ge=10, le=MOST_POINTS)] = 300,
    ) -> dict[str, Any]:
        """Series in the hours before `until` (seconds since the epoch; now where it is left out).

        Raises:
            UnknownSeries: one is none.
        """
        end = now() + 1 if until is None else until
        found = await history.plot(series, max(0.0, end - hours * 3600), end, points)
        return {
            "items": [
                {
                    "series": _series(one.series, say, language),
                    "step": one.step,
                    "times": [bucket.start for bucket in one.buckets],
                    "values": [
                        bucket.total if one.series.sums else bucket.mean for bucket in one.buckets
                    ],
                    "least": [bucket.least for bucket in one.buckets],
                    "most": [bucket.most for bucket in one.buckets],
                }
                for one in found
            ]
        }

    return router


def _uptime(up: Uptime) -> dict[str, Any]:
    return {"share": up.share, "known": up.known, "downs": up.downs}


def _series(one: SeriesInfo, say: Translator, language: str) -> dict[str, Any]:
    return {
        "id": one.id,
        "subject": one.subject,
        "name": one.name,
        "title": " · ".join(say.say(part, language) for part in one.title.split("\n")),
        "unit": one.unit,
        "sums": one.sums,
    }


def _change(one: Change, say: Translator, language: str) -> dict[str, Any]:
    return {
        "time": rfc3339(one.time),
        "device": one.subject,
        "up": is_up(one),
        "reachable": one.reachable,
        "presence": one.presence,
        "process": one.process,
        "code": one.code,
        "said": "" if one.title is None else say.say(one.title, language),
    }
