"""The routes: make a check, see how it goes, look at earlier ones."""

from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from hub.clock import rfc3339
from hub.plugin import (
    Access,
    Audit,
    Language,
    Principal,
    Requires,
    Role,
    Router,
    Translator,
    check,
)
from plugins.health.selfcheck.checks import Check, Checks
from plugins.health.selfcheck.judging import Result
from plugins.health.selfcheck.timetable import Timetable

STARTED = "health.check"
MOST = 100
Teacher = Annotated[Principal, Requires(Role.TEACHER)]
Status = Literal["ok", "warning", "fault"]


class ResultModel(BaseModel):
    """How a device that was tried is."""

    device: str
    name: str
    kind_title: str
    icon: str
    status: Status
    code: str | None = Field(description="Of what is wrong; null where nothing is.")
    said: str = Field(description="What is wrong, in the caller's language.")
    hint: str = Field(description="What to do now.")
    tried: str = Field(description="How it was tried; empty where it could not be.")
    seconds: float = Field(description="How long it took.")


class CheckModel(BaseModel):
    """A check of all devices."""

    id: int
    began: str
    ended: str
    by: Literal["timetable", "person"]
    status: Status = Field(description="The worst of all devices.")
    results: list[ResultModel] = Field(description="The worst first.")


class CheckState(BaseModel):
    """How the check before the lesson is."""

    running: bool
    done: int = Field(description="Devices that are done, while it runs.")
    of: int = Field(description="Devices that are tried, while it runs.")
    at: str | None = Field(description="Its time on each school day; null for never.")
    newest: CheckModel | None


class CheckList(BaseModel):
    """Checks that were made, the newest first."""

    items: list[CheckModel]
    next: int | None = Field(description="`before` of the next ones; null where there are none.")


def add_routes(
    router: Router, checks: Checks, timetable: Timetable, say: Translator, audit: Audit
) -> None:
    """Add the routes of the check before the lesson."""

    def state(language: str) -> dict[str, Any]:
        done, of = checks.progress
        newest = checks.newest
        return {
            "running": checks.running,
            "done": done,
            "of": of,
            "at": None if timetable.at is None else timetable.at.strftime("%H:%M"),
            "newest": None if newest is None else _check(newest, say, language),
        }

    @router.get(
        "/health/check",
        operation_id="getHealthCheck",
        summary="The check before the lesson",
        response_model=CheckState,
    )
    async def newest(caller: Teacher, language: Language) -> dict[str, Any]:  # noqa: ARG001
        """How the check goes that is being made, and what the newest one found."""
        return state(language)

    @router.post(
        "/health/check",
        operation_id="startHealthCheck",
        summary="Check all devices now",
        status_code=202,
        response_model=CheckState,
    )
    async def start(caller: Teacher, language: Language) -> dict[str, Any]:
        """Try each device, unnoticed; all are done within a minute.

        Where a check is being made already, that one goes on. `x/health/check` tells how it goes.
        """
        if checks.begin(caller.owner):
            await audit.note(caller, STARTED)
        return state(language)

    @router.get(
        "/health/checks",
        operation_id="listHealthChecks",
        summary="Checks that were made",
        response_model=CheckList,
    )
    async def earlier(
        caller: Teacher,  # noqa: ARG001
        language: Language,
        limit: Annotated[int, Query(ge=1, le=MOST)] = 20,
        before: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    ) -> dict[str, Any]:
        """The newest first."""
        found = await checks.made(limit, before)
        return {
            "items": [_check(one, say, language) for one in found],
            "next": found[-1].id if len(found) == limit else None,
        }


async def begin_by_command(checks: Checks, audit: Audit, by: Principal) -> dict[str, Any]:
    """Begin a check for whoever asks by MQTT; what it finds is told on `x/health/check`.

    Raises:
        NotAllowed: they may not.
    """
    check(by, Access(role=Role.TEACHER))
    if checks.begin(by.owner):
        await audit.note(by, STARTED)
    return checks.told()


def _check(check: Check, say: Translator, language: str) -> dict[str, Any]:
    return {
        "id": check.id,
        "began": rfc3339(check.began),
        "ended": rfc3339(check.ended),
        "by": "person" if check.by else "timetable",
        "status": check.status,
        "results": [_result(one, say, language) for one in check.results],
    }


def _result(one: Result, say: Translator, language: str) -> dict[str, Any]:
    return {
        "device": one.device,
        "name": one.name,
        "kind_title": say.say(one.kind_title, language),
        "icon": one.icon,
        "status": one.status,
        "code": one.code or None,
        "said": say.say(one.said, language, one.params) if one.said else "",
        "hint": say.say(one.hint, language, one.params) if one.hint else "",
        "tried": say.say(one.tried, language) if one.tried else "",
        "seconds": one.seconds,
    }
