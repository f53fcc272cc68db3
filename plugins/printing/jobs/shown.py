"""A job as others see it: whole in the API, in short on the bus."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.clock import rfc3339
from hub.i18n import Translator
from hub.plugin import Principal, Role
from plugins.printing.jobs.job import Job
from plugins.printing.jobs.states import steps


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a job stands in the queue.

    Attributes:
        position: from 1, None where it is in none.
        problem: why it waits longer than for its turn (as `said`), None where nothing is amiss.
        done_at: when it will probably be done, epoch seconds; None where nobody can tell.
        warning: for teachers: what may go wrong with it (as `said`); it is printed all the same.
    """

    position: int | None = None
    problem: Mapping[str, Any] | None = None
    done_at: float | None = None
    warning: Mapping[str, Any] | None = None


NOWHERE = Standing()


def told(job: Job) -> dict[str, Any]:
    """Return what is told on the bus: what changes often, words as message ids, no verdict."""
    return {
        **_facts(job),
        "problem": job.problem,
        "ending": job.ending,
        "progress": _progress(job, NOWHERE),
    }


def shown(
    job: Job, say: Translator, language: str, *, by: Principal, standing: Standing = NOWHERE
) -> dict[str, Any]:
    """Return a whole job as the API answers with it, in the caller's language."""
    verdict = job.verdict
    if verdict is not None:
        verdict = {
            **verdict,
            "findings": [
                {**one, **_words(one, say, language, one.get("params", {}))}
                for one in verdict["findings"]
            ],
        }
    return {
        **_facts(job),
        **listed(job, say, language, by=by, standing=standing),
        "verdict": verdict,
        "left_out": _left_out(job, say, language),
    }


def listed(
    job: Job, say: Translator, language: str, *, by: Principal, standing: Standing = NOWHERE
) -> dict[str, Any]:
    """Return a job as lists have it: without what was found in detail, and without its files."""

    def words(problem: Mapping[str, Any] | None) -> dict[str, Any] | None:
        return None if problem is None else in_words(problem, say, language)

    teacher = by.role.includes(Role.TEACHER)
    can = steps(
        job.state,
        owner=by.owner == job.owner,
        teacher=teacher,
        model=job.kind == "model",
        repairable=bool(job.verdict and job.verdict.get("repairable")),
        sliced=job.gcode is not None,
    )
    return {
        **_short(job),
        "position": standing.position,
        "check": _check(job, say, language),
        "problem": words(job.problem or standing.problem),
        "warning": words(standing.warning) if teacher else None,
        "ending": words(job.ending),
        "progress": _progress(job, standing),
        "done_at": None if standing.done_at is None else rfc3339(standing.done_at),
        "can": [step.value for step in can],
    }


def in_words(problem: Mapping[str, Any], say: Translator, language: str) -> dict[str, Any]:
    """Return a problem as it is kept with its words in a language, all else as it is."""
    params = problem.get("params", {})
    rest = {name: value for name, value in problem.items() if name not in ("params", "severity")}
    return {**rest, **_words(problem, say, language, params)}


def _words(
    said: Mapping[str, Any], say: Translator, language: str, params: Mapping[str, Any]
) -> dict[str, str]:
    return {name: say.say(said[name], language, params) for name in ("title", "hint")}


def _check(job: Job, say: Translator, language: str) -> dict[str, Any] | None:
    """Return the verdict in one line: how it is, and the first of what was found."""
    verdict = job.verdict
    if verdict is None:
        return None
    findings = verdict["findings"]
    grave = [one for one in findings if one["severity"] != "tell"]
    first = None if not grave else _words(grave[0], say, language, grave[0].get("params", {}))
    return {
        "printable": verdict["printable"],
        "tone": "bad" if not verdict["printable"] else "warn" if grave else "good",
        "title": "" if first is None else first["title"],
        "findings": len(findings),
        "size": verdict["size"],
    }


def _left_out(job: Job, say: Translator, language: str) -> list[dict[str, Any]]:
    """Return what the printer's policy leaves out of the G-code: by reason, the most first."""
    kinds: dict[str, dict[str, Any]] = {}
    for one in _stripped(job):
        kind = kinds.setdefault(
            one["reason"],
            {
                "reason": one["reason"],
                **_words(one, say, language, {}),
                "count": 0,
                "line": one["line"],
                "words": [],
            },
        )
        kind["count"] += one["count"]
        kind["line"] = min(kind["line"], one["line"])
        kind["words"].append({name: one[name] for name in ("word", "count", "line")})
    return sorted(kinds.values(), key=lambda kind: -kind["count"])


def _stripped(job: Job) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (job.facts or {}).get("stripped", [])
    return found


def _facts(job: Job) -> dict[str, Any]:
    versions = [
        {"asset": one.asset, "made": one.made, "created": rfc3339(one.created), **one.info}
        for one in job.files
        if one.role == ("model" if job.kind == "model" else "gcode")
    ]
    return {
        **_short(job),
        "versions": versions,
        "pictures": [
            {"role": role, "asset": asset, "content": f"/api/v1/assets/{asset}/content"}
            for role, asset in job.pictures
        ],
    }


def _short(job: Job) -> dict[str, Any]:
    def link(role: str, *, current: bool = False) -> str | None:
        found = job.file(role, current=current)
        return None if found is None else f"/api/v1/assets/{found.asset}/content"

    layers = job.file("layer-index", current=True)
    return {
        "id": job.id,
        "name": job.name,
        "state": job.state.value,
        "kind": job.kind,
        "owner": {"id": job.owner, "name": job.owner_name},
        "lesson": job.lesson,
        "group": job.group,
        "origin": job.origin,
        "printer": job.printer,
        "printer_wanted": job.printer_wanted,
        "model": job.source if job.kind == "model" else None,
        "gcode": job.gcode,
        "settings": job.settings,
        "estimate": job.estimate,
        "thumbnail": link("thumbnail", current=True),
        "preview": link("preview", current=True),
        "layers": None if layers is None else f"/api/v1/print-jobs/{job.id}/layers",
        "mark": job.mark,
        "left_out_lines": sum(one["count"] for one in _stripped(job)),
        "note": job.note,
        "reprint_of": job.reprint_of,
        "created": rfc3339(job.created),
        "updated": rfc3339(job.updated),
        "started": None if job.started is None else rfc3339(job.started),
        "ended": None if job.ended is None else rfc3339(job.ended),
    }


def _progress(job: Job, standing: Standing) -> dict[str, Any] | None:
    if job.progress is None:
        return None
    done = standing.done_at
    return {**job.progress, "done_at": None if done is None else rfc3339(done)}
