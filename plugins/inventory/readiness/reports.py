"""Filled forms, kept by date."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
)
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub import audit
from hub.clock import now
from hub.errors import Invalid
from hub.ids import new_id
from hub.plugin import N_, Access, Body, HubError, PluginHub, Principal, Role, check, may
from plugins.inventory.errors import ChangedMeanwhile
from plugins.inventory.items import today
from plugins.inventory.items.values import Day, plain
from plugins.inventory.readiness.forms import Form, FormName, SchoolKind, form_of
from plugins.inventory.tables import ReportRow

MOST_REPORTS = 2_000
ENGINEERS = Access(role=Role.ENGINEER)
ADMINS = Access(role=Role.ADMIN)
Long = Annotated[str, StringConstraints(max_length=5_000), AfterValidator(plain)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]


class UnknownReport(HubError):
    """There is no such form, or it is somebody else's."""

    code = "unknown-report"
    status = 404
    title = N_("There is no such form.")
    hint = N_("Look for it in the list; it may have been deleted.")


class ReportsFull(HubError):
    """As many filled forms as are kept are kept."""

    code = "reports-full"
    status = 409
    title = N_("No more forms are kept.")
    hint = N_("Print old ones and delete them.")


class Answer(Body):
    """What somebody answers to a criterion; a null leaves it to what was measured."""

    value: StrictBool | float | None = Field(None, union_mode="left_to_right")
    note: Long = ""


class Measured(BaseModel):
    """What the hub has measured for a criterion.

    `method` is a message id with `params`; `value` is null where nothing was measured.
    """

    model_config = ConfigDict(frozen=True)

    value: float | None
    at: str | None
    method: str
    params: dict[str, Any] = {}


class ReportFields(Body):
    """What people fill in."""

    form: FormName
    day: Day | None = Field(None, description="Today where it is left out.")
    school_kind: SchoolKind = Field("tirek", description="Hub school, or magnet school.")
    head: dict[Key, Long] = Field({}, max_length=20)
    signatures: dict[Key, Long] = Field({}, max_length=20)
    answers: dict[Key, Answer] = Field({}, max_length=100)
    remarks: Long = ""

    def checked(self) -> "ReportFields":
        """Return them. Raises Invalid where the form has no such place, or an answer fits none."""
        form = form_of(self.form)
        places = (("head", self.head, form.head), ("signatures", self.signatures, form.signatures))
        for name, given, parts in places:
            if unknown := given.keys() - {part.id for part in parts}:
                raise Invalid(f"{name} has no {min(unknown)}", field=name)
        rows = {row.id: row for row in form.rows}
        for name, answer in self.answers.items():
            if name not in rows or not _fits(rows[name].answer, answer.value):
                raise Invalid(f"answers.{name}", field=f"answers.{name}")
        return self


def _fits(kind: str, value: bool | float | None) -> bool:
    if value is None:
        return True
    if kind == "yes" or isinstance(value, bool):
        return kind == "yes" and isinstance(value, bool)
    if kind == "points":
        return value in (1, 2, 3)
    return 0 <= value <= 1e6


@dataclass(frozen=True, slots=True)
class Report:
    """A filled form.

    Attributes:
        id: of the plugin.
        day: its date.
        fields: what people filled in.
        measured: what the hub measured, by criterion.
        devices: what the hub saw of devices: kind's title (message id), how many, how many answer.
        by: the owner that made it.
        revision: counts the changes.
        changed: when the last one was, in seconds since the epoch.
    """

    id: str
    day: date
    fields: ReportFields
    measured: dict[str, Measured]
    devices: list[dict[str, Any]]
    by: str
    revision: int
    changed: float

    @property
    def form(self) -> Form:
        """The form that is filled in."""
        return form_of(self.fields.form)

    def value(self, criterion: str) -> bool | float | None:
        """Return what counts for a criterion: what people say, else what was measured."""
        answer = self.fields.answers.get(criterion)
        if answer is not None and answer.value is not None:
            return answer.value
        row = next(row for row in self.form.rows if row.id == criterion)
        measured = self.measured.get(criterion)
        if measured is None or measured.value is None:
            return None
        # How many pieces of furniture there are does not say that they are enough.
        return None if row.answer == "yes" else measured.value


@dataclass(frozen=True, slots=True)
class Seen:
    """What the hub measured for a form."""

    measured: dict[str, Measured] = field(default_factory=dict)
    devices: list[dict[str, Any]] = field(default_factory=list)


class Reports:
    """All filled forms. Args: hub: where they are kept."""

    def __init__(self, hub: PluginHub) -> None:
        self._hub = hub

    async def reports(self, by: Principal) -> list[Report]:
        """Return the forms that somebody may see, the newest first."""

        def work(session: Session) -> list[Report]:
            query = select(ReportRow).order_by(ReportRow.day.desc(), ReportRow.id.desc())
            return [_report(row) for row in session.scalars(query) if _may(by, row.form, row.by)]

        return await self._hub.store.read(work)

    async def report(self, report: str, by: Principal) -> Report:
        """Return a form. Raises `UnknownReport`."""
        return await self._hub.store.read(lambda session: _report(_row(session, report, by)))

    async def add(self, fields: ReportFields, seen: Seen, by: Principal) -> Report:
        """Keep a new form.

        Raises:
            Forbidden: its kind is not theirs to make.
            ReportsFull: as many as are kept are kept.
        """
        if fields.form == "readiness":
            check(by, ENGINEERS)

        def work(session: Session) -> Report:
            if (session.scalar(select(func.count(ReportRow.id))) or 0) >= MOST_REPORTS:
                raise ReportsFull(f"{MOST_REPORTS} are kept")
            row = ReportRow(
                id=new_id(), form=fields.form, day=fields.day or today(),
                fields=fields.model_dump(mode="json"), **_columns(seen), by=by.owner, revision=1,
                changed=now(),
            )  # fmt: skip
            session.add(row)
            audit.record(session, by, "inventory.fill", row.id, {"form": fields.form})
            return _report(row)

        return await self._hub.store.write(work)

    async def change(
        self, report: str, revision: int, fields: ReportFields, seen: Seen | None, by: Principal
    ) -> Report:
        """Fill a form in otherwise; `seen` None leaves what was measured.

        Raises:
            UnknownReport, ChangedMeanwhile: it is gone, or otherwise.
        """

        def work(session: Session) -> Report:
            row = _row(session, report, by)
            if row.revision != revision or row.form != fields.form:
                raise ChangedMeanwhile(f"{report} is {row.form} at {row.revision}")
            row.fields = fields.model_dump(mode="json")
            row.day = fields.day or row.day
            if seen is not None:
                for name, value in _columns(seen).items():
                    setattr(row, name, value)
            row.revision += 1
            row.changed = now()
            audit.record(session, by, "inventory.fill", row.id, {"form": row.form})
            return _report(row)

        return await self._hub.store.write(work)

    async def delete(self, report: str, by: Principal) -> None:
        """Delete a form. Raises `UnknownReport`."""

        def work(session: Session) -> None:
            row = _row(session, report, by)
            detail = {"form": row.form, "day": row.day.isoformat()}
            audit.record(session, by, "inventory.discard", row.id, detail)
            session.delete(row)

        await self._hub.store.write(work)


def _may(by: Principal, form: str, owner: str) -> bool:
    """Tell who sees a form: of a school engineers, of a lesson who has watched it."""
    if form == "readiness":
        return may(by, ENGINEERS)
    return by.owner == owner or may(by, ADMINS)


def _row(session: Session, report: str, by: Principal) -> ReportRow:
    row = session.get(ReportRow, report)
    if row is None or not _may(by, row.form, row.by):
        raise UnknownReport(report)
    return row


def _columns(seen: Seen) -> dict[str, Any]:
    measured = {name: one.model_dump(mode="json") for name, one in seen.measured.items()}
    return {"measured": measured, "devices": seen.devices}


def _report(row: ReportRow) -> Report:
    return Report(
        row.id, row.day, ReportFields.model_validate(row.fields),
        {name: Measured.model_validate(one) for name, one in row.measured.items()},
        row.devices, row.by, row.revision, row.changed,
    )  # fmt: skip
