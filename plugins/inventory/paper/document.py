"""An official form as it is printed: everything said in one language already."""

from typing import Any, Literal

from pydantic import BaseModel

from hub.i18n import number
from hub.plugin import N_, Translator
from plugins.inventory.readiness import Measured, Report, Row, meets

_APPROVED = N_("Approved")
_YES, _NO = N_("yes"), N_("no")
_NUMBER, _CRITERION, _ANSWER = N_("№"), N_("Criterion"), N_("Answer")
_ASKED, _MET = N_("Asked for"), N_("Meets it")
_HOW, _POINTS, _NOTE = N_("How it is known"), N_("Points"), N_("Note")
_BY_HAND = N_("By hand.")
_TOTAL = N_("Total: {points} of {most} points ({percent} %), {rows} rows judged.")
_SUM = N_("Met: {met}. Not met: {missed}. Not known: {unknown}.")
_DEVICES = N_("Devices that the hub sees")
_KIND, _COUNT, _ANSWERING, _FAULTS = N_("Kind"), N_("In use"), N_("Answering"), N_("With a fault")
_DATE, _SCHOOL_KIND = N_("Date"), N_("Kind of school")
_TIREK, _MAGNET = N_("hub school"), N_("magnet school")
_REMARKS, _SIGNATURE, _STAMP = N_("Remarks"), N_("signature"), N_("Stamp")
_SOURCE = N_("Form: {source}. Filled in with the classroom device hub.")
_LEAST, _MOST = N_("at least {n}"), N_("at most {n}")


class Table(BaseModel):
    """A table: its heading, its columns with their shares of the width, its rows."""

    title: str = ""
    columns: list[tuple[str, float]]
    rows: list[list[str]]


class Document(BaseModel):
    """A form as it is printed; `approved` stands above, right."""

    language: str
    title: str
    date: str
    approved: list[str]
    head: list[tuple[str, str]]
    tables: list[Table]
    sums: str
    remarks: tuple[str, str] | None
    signatures: list[tuple[str, str, str]]
    stamp: str
    source: str


def document_of(report: Report, say: Translator, language: str) -> Document:
    """Return a form as it is printed."""

    def said(message: str, **params: Any) -> str:
        return say.say(message, language, params)

    form, fields = report.form, report.fields
    code: Literal["kk", "ru", "en"] = (
        "kk" if language == "kk" else "ru" if language == "ru" else "en"
    )
    head = [(part.title[code], fields.head.get(part.id, "")) for part in form.head]
    if form.answer == "check":
        kind = said(_TIREK if fields.school_kind == "tirek" else _MAGNET)
        head.append((said(_SCHOOL_KIND), kind))
    head.append((said(_DATE), report.day.strftime("%d.%m.%Y")))
    build = _points if form.answer == "points" else _checks
    tables, sums = build(report, say, language, code)
    signature = said(_SIGNATURE)
    return Document(
        language=language,
        title=form.title[code],
        date=report.day.strftime("%d.%m.%Y"),
        approved=_approval(report, said(_APPROVED), code) if form.answer == "check" else [],
        head=head,
        tables=tables,
        sums=sums,
        remarks=(said(_REMARKS), fields.remarks) if fields.remarks else None,
        signatures=[
            (part.title[code], fields.signatures.get(part.id, ""), signature)
            for part in form.signatures
        ],
        stamp=said(_STAMP) if form.answer == "check" else "",
        source=said(_SOURCE, source=form.source[code]),
    )


def _approval(report: Report, word: str, code: Any) -> list[str]:
    principal = next((one for one in report.form.signatures if one.id == "principal"), None)
    title = "" if principal is None else principal.title[code]
    return [word, title, "____________________", f"«___» ____________ {report.day.year}"]


def _checks(report: Report, say: Translator, language: str, code: Any) -> tuple[list[Table], str]:
    school = report.fields.school_kind
    counts = {True: 0, False: 0, None: 0}
    rows = []
    for at, row in enumerate(report.form.rows, start=1):
        value = report.value(row.id)
        met = meets(row, school, value)
        if met is not None or row.least or row.most or row.answer == "yes":
            counts[met] += 1
        word = "–" if met is None else say.say(_YES if met else _NO, language)
        answer = _answer(row, value, say, language)
        how = _known(report, row, say, language)
        asked = _asked(row, school, say, language)
        rows.append([str(at), row.title[code], asked, answer, word, how])
    columns = [
        (_NUMBER, 0.05), (_CRITERION, 0.26), (_ASKED, 0.13), (_ANSWER, 0.12), (_MET, 0.17),
        (_HOW, 0.27),
    ]  # fmt: skip
    tables = [_table("", columns, rows, say, language)]
    if report.devices:
        seen = [
            [
                say.say(str(one["title"]), language), str(one["count"]), str(one["answering"]),
                str(one["faults"]),
            ]
            for one in report.devices
        ]  # fmt: skip
        shares = [(_KIND, 0.46), (_COUNT, 0.18), (_ANSWERING, 0.18), (_FAULTS, 0.18)]
        tables.append(_table(_DEVICES, shares, seen, say, language))
    params = {"met": counts[True], "missed": counts[False], "unknown": counts[None]}
    return tables, say.say(_SUM, language, params)


def _points(report: Report, say: Translator, language: str, code: Any) -> tuple[list[Table], str]:
    rows, points = [], []
    for at, row in enumerate(report.form.rows, start=1):
        answer = report.fields.answers.get(row.id)
        value = None if answer is None else answer.value
        if value is not None:
            points.append(int(value))
        note = "" if answer is None else answer.note
        rows.append([str(at), row.title[code], "–" if value is None else str(int(value)), note])
    columns = [(_NUMBER, 0.06), (_CRITERION, 0.5), (_POINTS, 0.1), (_NOTE, 0.34)]
    most = 3 * len(points)
    params = {
        "points": sum(points),
        "most": most,
        "percent": round(100 * sum(points) / most) if most else 0,
        "rows": len(points),
    }
    return [_table("", columns, rows, say, language)], say.say(_TOTAL, language, params)


def _table(
    title: str, columns: list[tuple[str, float]], rows: list[list[str]], say: Translator,
    language: str,
) -> Table:  # fmt: skip
    heads = [(say.say(name, language), share) for name, share in columns]
    return Table(title=say.say(title, language), columns=heads, rows=rows)


def _answer(row: Row, value: bool | float | None, say: Translator, language: str) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return say.say(_YES if value else _NO, language)
    return f"{_figure(value, language)} {say.say(row.unit, language)}".strip()


def _asked(row: Row, school: Any, say: Translator, language: str) -> str:
    parts = []
    for limits, message in ((row.least, _LEAST), (row.most, _MOST)):
        if limits:
            params = {
                "n": f"{_figure(limits[school], language)} {say.say(row.unit, language)}".strip()
            }
            parts.append(say.say(message, language, params))
    if row.answer == "yes":
        parts.append(say.say(_YES, language))
    return ", ".join(parts) or "–"


def _known(report: Report, row: Row, say: Translator, language: str) -> str:
    answer = report.fields.answers.get(row.id)
    measured = report.measured.get(row.id)
    parts = []
    if answer is not None and answer.value is not None:
        parts.append(say.say(_BY_HAND, language))
    if measured is not None:
        parts.append(said_measured(measured, row, say, language))
    if answer is not None and answer.note:
        parts.append(answer.note)
    return "\n".join(parts)


def said_measured(measured: Measured, row: Row, say: Translator, language: str) -> str:
    """Return what the hub measured, how and when, in words."""
    how = say.say(measured.method, language, measured.params)
    if measured.value is None or measured.at is None:
        return how
    figure = f"{_figure(measured.value, language)} {say.say(row.unit, language)}".strip()
    day = f"{measured.at[8:10]}.{measured.at[5:7]}.{measured.at[:4]}"
    return f"{figure}: {how} {day}"


def _figure(value: float, language: str) -> str:
    return number(float(f"{value:.6g}") if value < 1e6 else round(value), language)
