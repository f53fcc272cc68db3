"""The routes of rules and quiet hours: seen, changed, made, and put back as they were shipped."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, model_validator

from hub.plugin import Body, Id, Language, Principal, Requires, Role, Router, Translator, problems
from plugins.health.alerts.rules import Rule, SeriesRule
from plugins.health.alerts.service import Alerts
from plugins.health.alerts.settings import LocalTime, QuietHours

Engineer = Annotated[Principal, Requires(Role.ENGINEER)]
Severity = Literal["warning", "fault"]
Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
Minutes = Annotated[float, Field(ge=0, le=10_080, allow_inf_nan=False)]
Limit = Annotated[float, Field(ge=-1e15, le=1e15, allow_inf_nan=False)]
Text = Annotated[str, Field(min_length=1, max_length=300, pattern=r"\S")]
Pattern = Annotated[str, Field(min_length=1, max_length=100)]
Told = Annotated[list[Pattern], Field(max_length=20)]
WIDE = [-1e15, 1e15]
_NOT_YET = {"part": "…", "value": "…"}
"""What an alert will say of a rule's case, where there is none yet."""


class RuleModel(BaseModel):
    """A rule of alerts, as it is in force."""

    id: str
    watch: Literal["device", "series", "hub"]
    origin: Literal["shipped", "file", "page"] = Field(
        description="It came with the hub, stands in a file of the school, or was made here."
    )
    changed: list[str] = Field(description="Which fields were changed here.")
    enabled: bool
    title: str = Field(description="Empty where the problem itself says it.")
    hint: str
    severity: Severity | None
    delay: float
    hold: float
    escalate: float = Field(description="Minutes; 0 never.")
    urgent: bool
    lesson: bool
    tell: list[str] = Field(description="Ids of the destinations that are told; empty: all.")
    limit: str = Field(
        description="Of measured values: beyond what, such as `> 90`; of yes or no empty."
    )
    when: str = Field(description="Of devices: `unreachable`, `fault` or `warning`.")
    series: str = Field(description="Pattern of the series' name.")
    subjects: list[str]
    kinds: list[str]
    above: float | None
    below: float | None
    clear: float | None
    within: float


class QuietModel(Body):
    """The hours in which only what is urgent is told; the computer's local time."""

    begins: LocalTime
    ends: LocalTime

    @model_validator(mode="after")
    def _last(self) -> "QuietModel":
        if self.begins == self.ends:
            raise ValueError("they end at another time than they begin")
        return self


class QuietChange(Body):
    """What the quiet hours are to be."""

    hours: QuietModel | None = Field(description="`null`: none.")


class RulesModel(BaseModel):
    """All rules."""

    items: list[RuleModel]
    quiet: str = Field(description="The quiet hours, such as `20:00-07:00`; empty for none.")
    quiet_changed: bool = Field(description="They were set here, not in the settings file.")


class RuleChange(Body):
    """What is to be other; what is left out stays."""

    enabled: bool | None = None
    title: Text | None = None
    hint: Text | None = None
    severity: Severity | None = None
    delay: Seconds | None = None
    hold: Seconds | None = None
    escalate: Minutes | None = None
    urgent: bool | None = None
    lesson: bool | None = None
    tell: Told | None = None
    above: Limit | None = None
    below: Limit | None = None
    clear: Limit | None = None
    within: Seconds | None = None


class NewRule(Body):
    """A rule of one's own about measured values."""

    title: Text
    hint: Text
    tell: Told = Field(default_factory=list)
    series: Pattern = Field(description="Name of the series, or a pattern with `*`.")
    subjects: list[Pattern] = Field(["*"], min_length=1, max_length=200)
    kinds: list[Pattern] = Field(["*"], min_length=1, max_length=50)
    above: Limit | None = Field(None, description="Either this or `below`.")
    below: Limit | None = None
    clear: Limit | None = Field(None, description="As `above` or `below` where it is left out.")
    plausible: tuple[Limit, Limit] | None = None
    within: Seconds = 0
    severity: Severity = "warning"
    delay: Seconds = 60
    hold: Seconds = 60
    escalate: Minutes = 0
    urgent: bool = False
    lesson: bool = False


def add_rule_routes(router: Router, alerts: Alerts, say: Translator) -> None:
    """Add the routes to the plugin's."""
    edited = alerts.edited

    @router.get(
        "/health/alert-rules",
        operation_id="listAlertRules",
        summary="When somebody is told",
        response_model=RulesModel,
        dependencies=[Requires(Role.ENGINEER)],
    )
    async def rules(language: Language) -> dict[str, Any]:
        """All rules in force: the shipped ones, the school's files, and what was set here."""
        return {
            "items": [shown(id_, rule, language) for id_, rule in alerts.rules.items()],
            **quiet_now(),
        }

    @router.post(
        "/health/alert-rules",
        operation_id="addAlertRule",
        summary="Make a rule",
        status_code=201,
        response_model=RuleModel,
        responses=problems(409, 422),
    )
    async def add(body: NewRule, caller: Engineer, language: Language) -> dict[str, Any]:
        """Make a rule about a measured value.

        Raises:
            BadRule, TooManyRules: it cannot be.
        """
        given = {name: value for name, value in body.model_dump(mode="json").items()
                 if value is not None}  # fmt: skip
        given.setdefault("clear", given.get("above", given.get("below")))
        given.setdefault("plausible", WIDE)
        id_ = await edited.add({"watch": "series", **given}, caller)
        alerts.renew()
        return shown(id_, edited.get(id_), language)

    @router.patch(
        "/health/alert-rules/{id}",
        operation_id="changeAlertRule",
        summary="Change a rule",
        response_model=RuleModel,
        responses=problems(404, 422),
    )
    async def change(
        id: Id,  # noqa: A002
        body: RuleChange,
        caller: Engineer,
        language: Language,
    ) -> dict[str, Any]:
        """Change a rule; what is left out stays, and it is judged by it at once.

        Raises:
            NoSuchRule, BadRule: it cannot be changed so.
        """
        await edited.change(id, body.model_dump(mode="json", exclude_unset=True), caller)
        alerts.renew()
        return shown(id, edited.get(id), language)

    @router.delete(
        "/health/alert-rules/{id}",
        operation_id="resetAlertRule",
        summary="Have a rule as it was shipped",
        status_code=204,
        responses=problems(404, 409),
    )
    async def reset(id: Id, caller: Engineer) -> None:  # noqa: A002
        """Take back what was changed here; a rule that was made here is deleted.

        Raises:
            NoSuchRule, NothingToReset: nothing is to be taken back.
        """
        await edited.reset(id, caller)
        alerts.renew()

    @router.put(
        "/health/quiet-hours",
        operation_id="setQuietHours",
        summary="Set the quiet hours",
        status_code=204,
        responses=problems(422),
    )
    async def set_quiet(body: QuietChange, caller: Engineer) -> None:
        """Set when only what is urgent is told."""
        given = body.hours
        hours = None if given is None else QuietHours(begins=given.begins, ends=given.ends)
        await edited.set_quiet(hours, caller)
        alerts.renew()

    @router.delete(
        "/health/quiet-hours",
        operation_id="resetQuietHours",
        summary="Have the quiet hours of the settings file",
        status_code=204,
    )
    async def reset_quiet(caller: Engineer) -> None:
        """Take back what was set here."""
        await edited.reset_quiet(caller)
        alerts.renew()

    def quiet_now() -> dict[str, Any]:
        quiet = edited.quiet
        return {
            "quiet": f"{quiet.begins:%H:%M}-{quiet.ends:%H:%M}" if quiet else "",
            "quiet_changed": edited.quiet_changed,
        }

    def shown(id_: str, rule: Rule, language: str) -> dict[str, Any]:
        fields = {"enabled", "severity", "delay", "hold", "escalate", "urgent", "lesson", "tell"}
        limit = ""
        if isinstance(rule, SeriesRule) and not rule.yes_or_no:
            limit = f"> {rule.above:g}" if rule.above is not None else f"< {rule.below:g}"
        return {
            "id": id_,
            "watch": rule.watch,
            "origin": edited.origin(id_),
            "changed": edited.changed(id_),
            "title": say.say(rule.title, language, _NOT_YET),
            "hint": say.say(rule.hint, language, _NOT_YET),
            **rule.model_dump(include=fields),
            "limit": limit,
            "when": getattr(rule, "when", ""),
            "series": getattr(rule, "series", ""),
            "subjects": getattr(rule, "subjects", None) or getattr(rule, "devices", []),
            "kinds": getattr(rule, "kinds", []),
            **{name: getattr(rule, name, None) for name in ("above", "below", "clear")},
            "within": getattr(rule, "within", 0.0),
        }
