"""The routes of forms: what they ask, what the hub measures, filled ones, and their paper."""

import base64
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Query, Response
from pydantic import BaseModel, Field

from hub.clock import rfc3339
from hub.filenames import safe_name
from hub.plugin import (
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
from plugins.inventory.paper.document import document_of, said_measured
from plugins.inventory.paper.page import POLICY, html_of
from plugins.inventory.readiness import (
    Form,
    FormName,
    Measuring,
    Report,
    ReportFields,
    Reports,
    Row,
    form_of,
    meets,
)

Teacher = Annotated[Principal, Requires(Role.TEACHER)]
_SECONDS = 60


class PartModel(BaseModel):
    """A line of the head, or a signature."""

    id: str
    title: str


class RowModel(PartModel):
    """A criterion."""

    answer: Literal["yes", "number", "points"]
    unit: str
    least: dict[str, float]
    most: dict[str, float]
    measured: bool = Field(description="The hub fills it where it can.")


class FormModel(BaseModel):
    """A form in the caller's language."""

    id: FormName
    title: str
    source: str
    head: list[PartModel]
    rows: list[RowModel]
    signatures: list[PartModel]


class MeasuredModel(BaseModel):
    """What the hub measured."""

    value: float | None
    at: str | None
    said: str = Field(description="With method and date, in the caller's language.")


class ReportSummary(BaseModel):
    """A filled form in the list."""

    id: str
    form: FormName
    title: str
    day: date
    about: str = Field(description="The first lines of its head.")
    changed: str


class ReportModel(ReportSummary):
    """A filled form."""

    fields: ReportFields
    measured: dict[str, MeasuredModel]
    met: dict[str, bool | None] = Field(description="Whether each criterion is met.")
    revision: int


class ReportNew(ReportFields):
    """A form to keep."""


class ReportChange(ReportFields):
    """A form as it is from now on."""

    revision: int = Field(description="The one that was read.")
    measure: bool = Field(default=False, description="Measure anew.")


def readiness_routes(hub: PluginHub, reports: Reports, measuring: Measuring) -> Router:
    """Return the routes."""
    router = Router(tags=["Readiness"])

    def shown(report: Report, language: str) -> dict[str, Any]:
        rows = {row.id: row for row in report.form.rows}
        school = report.fields.school_kind
        measured = {
            name: {
                "value": one.value,
                "at": one.at,
                "said": said_measured(one, rows[name], hub.say, language),
            }
            for name, one in report.measured.items()
            if name in rows
        }
        met = {name: meets(row, school, report.value(name)) for name, row in rows.items()}
        return {
            **_summary(report, language),
            "fields": report.fields,
            "measured": measured,
            "met": met,
            "revision": report.revision,
        }

    @router.get(
        "/readiness/forms/{form}",
        operation_id="getReadinessForm",
        summary="What a form asks",
        response_model=FormModel,
        dependencies=[Requires(Role.TEACHER)],
    )
    async def form(form: FormName, language: Language) -> dict[str, Any]:
        """In the caller's language."""
        return _form(form_of(form), hub, language)

    @router.get(
        "/readiness/reports",
        operation_id="listReadinessReports",
        summary="Filled forms",
        response_model=Page[ReportSummary],
    )
    async def listed(pages: Pages, language: Language, caller: Teacher) -> dict[str, Any]:
        """The newest first. Sheets of lessons are seen by who filled them in, and by admins."""
        found, following = pages.in_place(await reports.reports(caller))
        return {"items": [_summary(one, language) for one in found], "next": following}

    @router.post(
        "/readiness/reports",
        operation_id="addReadinessReport",
        summary="Fill a form in",
        status_code=201,
        response_model=ReportModel,
        responses=problems(409),
    )
    async def add(body: ReportNew, language: Language, caller: Teacher) -> dict[str, Any]:
        """The hub measures what it can at once. The readiness report is for engineers."""
        fields = ReportFields.model_validate(body.model_dump()).checked()
        seen = await measuring.seen(fields.form)
        return shown(await reports.add(fields, seen, caller), language)

    @router.get(
        "/readiness/reports/{report}",
        operation_id="getReadinessReport",
        summary="A filled form",
        response_model=ReportModel,
        responses=problems(404),
    )
    async def one(report: Id, language: Language, caller: Teacher) -> dict[str, Any]:
        """With what was measured."""
        return shown(await reports.report(report, caller), language)

    @router.put(
        "/readiness/reports/{report}",
        operation_id="changeReadinessReport",
        summary="Fill a form in otherwise",
        response_model=ReportModel,
        responses=problems(404, 409),
    )
    async def change(
        report: Id, body: ReportChange, language: Language, caller: Teacher
    ) -> dict[str, Any]:
        """All of it."""
        plain = body.model_dump(exclude={"revision", "measure"})
        fields = ReportFields.model_validate(plain).checked()
        seen = await measuring.seen(fields.form) if body.measure else None
        changed = await reports.change(report, body.revision, fields, seen, caller)
        return shown(changed, language)

    @router.delete(
        "/readiness/reports/{report}",
        operation_id="deleteReadinessReport",
        summary="Delete a filled form",
        status_code=204,
        responses=problems(404),
    )
    async def delete(report: Id, caller: Teacher) -> None:
        """It does not come back."""
        await reports.delete(report, caller)

    @router.get(
        "/readiness/reports/{report}/document",
        operation_id="printReadinessReport",
        summary="A filled form to print",
        response_class=Response,
        responses={
            200: {
                "description": "The form.",
                "content": {
                    "application/pdf": {"schema": {"type": "string", "format": "binary"}},
                    "text/html": {"schema": {"type": "string"}},
                },
            },
            **problems(404, 503),
        },
    )
    async def document(
        report: Id,
        language: Language,
        caller: Teacher,
        format: Literal["pdf", "html"] = "pdf",  # noqa: A002 - its name in the address
        words: Annotated[
            Literal["kk", "ru", "en"] | None, Query(description="The language; the caller's.")
        ] = None,
    ) -> Response:
        """As PDF, or as one HTML file that needs nothing else."""
        found = await reports.report(report, caller)
        made = document_of(found, hub.say, words or language)
        name = safe_name(f"{found.fields.form} {found.day}", "report").replace(" ", "-")
        headers = {"Content-Disposition": f'inline; filename="{name}.{format}"'}
        if format == "html":
            headers["Content-Security-Policy"] = POLICY
            return Response(html_of(made), media_type="text/html", headers=headers)
        drawn = await hub.workers.run(
            "plugins.inventory.paper.pdf:draw", made.model_dump(mode="json"),
            timeout=_SECONDS, urgent=True,
        )  # fmt: skip
        return Response(base64.b64decode(drawn), media_type="application/pdf", headers=headers)

    return router


def _code(language: str) -> Literal["kk", "ru", "en"]:
    return "kk" if language == "kk" else "ru" if language == "ru" else "en"


def _summary(report: Report, language: str) -> dict[str, Any]:
    head = [report.fields.head.get(part.id, "") for part in report.form.head]
    return {
        "id": report.id,
        "form": report.fields.form,
        "title": report.form.title[_code(language)],
        "day": report.day,
        "about": " · ".join(" ".join(text.split())[:80] for text in head if text)[:200],
        "changed": rfc3339(report.changed),
    }


def _form(form: Form, hub: PluginHub, language: str) -> dict[str, Any]:
    code = _code(language)

    def row(one: Row) -> dict[str, Any]:
        return {
            "id": one.id,
            "title": one.title[code],
            "answer": one.answer,
            "unit": hub.say.say(one.unit, language),
            "least": one.least or {},
            "most": one.most or {},
            "measured": one.measured is not None,
        }

    return {
        "id": form.id,
        "title": form.title[code],
        "source": form.source[code],
        "head": [{"id": part.id, "title": part.title[code]} for part in form.head],
        "rows": [row(one) for one in form.rows],
        "signatures": [{"id": part.id, "title": part.title[code]} for part in form.signatures],
    }
