"""The routes of alerts and of who is told; those of rules are in `rule_routes`."""

from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from hub.plugin import (
    N_,
    Body,
    Id,
    Language,
    Principal,
    Requires,
    Role,
    Router,
    Translator,
    problems,
)
from plugins.health.alerts.service import MOST_NOTE, Alerts
from plugins.health.alerts.settings import Destination

Teacher = Annotated[Principal, Requires(Role.TEACHER)]
Engineer = Annotated[Principal, Requires(Role.ENGINEER)]
Severity = Literal["warning", "fault"]
MOST_PAST = 200


class AlertDevice(BaseModel):
    """A device that an alert is about."""

    device: str
    name: str
    wrong: bool = Field(description="Whether it is still wrong with this one.")


class AlertValue(BaseModel):
    """What is measured just now of what is beyond a limit."""

    title: str
    unit: str = Field(description="UCUM.")
    value: float


class AlertModel(BaseModel):
    """Something is wrong, or was; one for each cause."""

    id: str
    state: Literal["firing", "acknowledged", "known", "cleared"]
    severity: Severity
    title: str
    about: str = Field(description="Whom it is about; empty where the title says it.")
    hint: str = Field(description="What to do now.")
    values: list[AlertValue] = Field(description="Empty where `title` says it.")
    devices: list[AlertDevice]
    fired: str
    changed: str
    cleared: str | None
    flapping: bool = Field(description="It comes and goes.")
    times: int = Field(description="How often it fired.")
    escalated: bool = Field(description="Nobody took it up in time.")
    by: str = Field(description="Who took it up; told to engineers.")
    note: str
    rules: list[str]


class AlertsModel(BaseModel):
    """The open alerts, the worst and newest first."""

    items: list[AlertModel]
    pending: int = Field(description="Signs that wait for their delay.")
    pending_faults: int = Field(description="Of them, those that would be faults.")


class PastAlertsModel(BaseModel):
    """Alerts that are over, the newest first."""

    items: list[AlertModel]


class Acknowledgement(Body):
    """Somebody looks after it."""

    known: bool = Field(default=False, description="It waits for a part: tell nobody again.")
    note: str = Field("", max_length=MOST_NOTE)


class DestinationModel(BaseModel):
    """Where messages go; its address never comes out."""

    id: str
    name: str
    service: str = Field(description="The scheme of its address, such as `mailtos`.")
    least: Severity
    language: Literal["kk", "ru", "en"] | None
    escalations_only: bool
    enabled: bool
    fixed: bool = Field(description="It stands in the settings file.")
    failing: bool
    said: str = Field(description="Why it was not taken last; without secrets.")


class DestinationsModel(BaseModel):
    """All destinations."""

    items: list[DestinationModel]
    waiting: int = Field(description="Messages that wait to be sent.")


class NewDestination(Body):
    """A destination to be added."""

    name: str = Field(min_length=1, max_length=80)
    address: str = Field(
        min_length=1,
        max_length=2000,
        description="Of Apprise.",
        json_schema_extra={"writeOnly": True},
    )
    least: Severity = "warning"
    language: Literal["kk", "ru", "en"] | None = None
    escalations_only: bool = False
    enabled: bool = True


class DestinationChange(Body):
    """What is to be other; what is left out stays."""

    name: str | None = Field(None, min_length=1, max_length=80)
    address: str | None = Field(
        None, min_length=1, max_length=2000, json_schema_extra={"writeOnly": True}
    )
    least: Severity | None = None
    language: Literal["kk", "ru", "en"] | None = None
    escalations_only: bool | None = None
    enabled: bool | None = None


def add_routes(router: Router, alerts: Alerts, say: Translator) -> None:
    """Add the routes to the plugin's."""

    @router.get(
        "/health/alerts",
        operation_id="listAlerts",
        summary="What is wrong now",
        response_model=AlertsModel,
    )
    async def opened(caller: Teacher, language: Language) -> dict[str, Any]:
        """The open alerts; teachers are told of those that concern a lesson."""
        engineer = caller.role.includes(Role.ENGINEER)
        shown = [one for one in alerts.open if engineer or one.lesson]
        said = [alerts.said(one, language) for one in shown]
        if not engineer:
            said = [{**one, "by": "", "note": ""} for one in said]
        waiting = alerts.pending
        faults = sum(one.severity == "fault" for one in waiting)
        return {"items": said, "pending": len(waiting), "pending_faults": faults}

    @router.get(
        "/health/alerts/past",
        operation_id="listPastAlerts",
        summary="What was wrong",
        response_model=PastAlertsModel,
        dependencies=[Requires(Role.ENGINEER)],
    )
    async def past(
        language: Language,
        limit: Annotated[int, Query(ge=1, le=MOST_PAST)] = 50,
        before: Annotated[float | None, Query(ge=0, le=2**40)] = None,
    ) -> dict[str, Any]:
        """Alerts that cleared, before a time (seconds since the epoch) where it is given."""
        found = await alerts.kept.past(limit, before)
        return {"items": [alerts.said(one, language) for one in found]}

    @router.post(
        "/health/alerts/{id}/acknowledge",
        operation_id="acknowledgeAlert",
        summary="Take an alert up",
        response_model=AlertModel,
        responses=problems(404),
    )
    async def acknowledge(
        id: Id,  # noqa: A002
        body: Acknowledgement,
        caller: Engineer,
        language: Language,
    ) -> dict[str, Any]:
        """Say that somebody looks after it, or that it is known and waits for a part.

        Raises:
            NoSuchAlert: it is not open.
        """
        alert = await alerts.acknowledge(id, caller, known=body.known, note=body.note)
        return alerts.said(alert, language)

    @router.delete(
        "/health/alerts/{id}/acknowledge",
        operation_id="giveAlertBack",
        summary="Look after an alert no more",
        response_model=AlertModel,
        responses=problems(404),
    )
    async def give_back(id: Id, caller: Engineer, language: Language) -> dict[str, Any]:  # noqa: A002
        """Whoever is told of what nobody takes up is told of it, after the rule's time.

        Raises:
            NoSuchAlert: it is not open.
        """
        return alerts.said(await alerts.give_back(id, caller), language)

    @router.get(
        "/health/destinations",
        operation_id="listAlertDestinations",
        summary="Who is told",
        response_model=DestinationsModel,
        dependencies=[Requires(Role.ENGINEER)],
    )
    async def destinations() -> dict[str, Any]:
        """All destinations, and whether messages reach them."""
        return {
            "items": [shown(id_, one) for id_, one in alerts.destinations.all.items()],
            "waiting": alerts.delivery.waiting,
        }

    @router.post(
        "/health/destinations",
        operation_id="addAlertDestination",
        summary="Have somebody told",
        status_code=201,
        response_model=DestinationModel,
        responses=problems(409, 422),
    )
    async def add(body: NewDestination, caller: Engineer) -> dict[str, Any]:
        """Add a destination.

        Raises:
            BadDestination: its address is none.
            TooManyDestinations: there are as many as can be.
        """
        id_ = await alerts.destinations.add(body.model_dump(), caller)
        return shown(id_, alerts.destinations.get(id_))

    @router.patch(
        "/health/destinations/{id}",
        operation_id="changeAlertDestination",
        summary="Change who is told",
        response_model=DestinationModel,
        responses=problems(404, 409, 422),
    )
    async def change(id: Id, body: DestinationChange, caller: Engineer) -> dict[str, Any]:  # noqa: A002
        """Change a destination; what is left out stays, its address too.

        Raises:
            NoSuchDestination, Fixed, BadDestination: it cannot be changed so.
        """
        await alerts.destinations.change(id, body.model_dump(exclude_unset=True), caller)
        alerts.delivery.forget(id)
        return shown(id, alerts.destinations.get(id))

    @router.delete(
        "/health/destinations/{id}",
        operation_id="removeAlertDestination",
        summary="Have somebody told no more",
        status_code=204,
        responses=problems(404, 409),
    )
    async def remove(id: Id, caller: Engineer) -> None:  # noqa: A002
        """Delete a destination, and what waits for it.

        Raises:
            NoSuchDestination, Fixed: it cannot be deleted.
        """
        await alerts.destinations.remove(id, caller)

    @router.post(
        "/health/destinations/{id}/test",
        operation_id="testAlertDestination",
        summary="Send a test message",
        status_code=204,
        dependencies=[Requires(Role.ENGINEER)],
        responses=problems(404, 502, 504),
    )
    async def test(id: Id, language: Language) -> None:  # noqa: A002
        """Send a message to a destination now; it takes up to a minute.

        Raises:
            NoSuchDestination: there is none.
            NotSent, ProgramTimedOut: it was not taken.
        """
        one = alerts.destinations.get(id)
        spoken = one.language or language
        title = say.say(N_("A test message from the classroom hub"), spoken)
        body = say.say(N_("If you can read this, messages about devices reach you here."), spoken)
        await alerts.delivery.test(one, title, body)

    def shown(id_: str, one: Destination) -> dict[str, Any]:
        trouble = alerts.delivery.trouble(id_)
        return {
            "id": id_,
            "name": one.name,
            "service": one.address.get_secret_value().partition("://")[0][:20],
            **one.model_dump(include={"least", "language", "escalations_only", "enabled"}),
            "fixed": alerts.destinations.fixed(id_),
            "failing": trouble.fails > 0,
            "said": trouble.said,
        }
