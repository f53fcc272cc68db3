"""The pages as HTML; whatever hubs have said is text, and never markup."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import urlencode

from hub.errors import N_
from hub.i18n import LANGUAGES, Translator, number
from plugins.district import asking
from plugins.district.page.queries import ON_A_PAGE, STATES, Alert, Device, Reply, School

AGAIN = 60
_NAMES = {"kk": "Қазақша", "ru": "Русский", "en": "English"}
_STATES = {
    "silent": N_("Silent"),
    "fault": N_("Something is broken"),
    "warning": N_("Something needs a look"),
    "ok": N_("Everything works"),
    "unknown": N_("Not known yet"),
}
_DEVICE_STATES = {"fault": N_("broken"), "warning": N_("needs a look"), "ok": N_("works")}
# As drivers call their kinds of devices; their catalogues say it.
KINDS = {
    "microscope": "Digital microscope",
    "printer": "3D printer",
    "tablet": "Graphics tablet",
    "touch_table": "Touch table",
    "panel": "Interactive panel",
    "globe": "Smart globe",
}
_ALERTS = N_("Alerts")
_ALL_SCHOOLS = N_("All schools")
_BACK = N_("Back")
_BROKEN = N_("Broken")
_COULD_BE_USED = N_("Could be used, 30 days")
_DAYS_AGO = N_("{n} days ago")
_DEVICE = N_("Device")
_DEVICES = N_("Devices")
_DROPPED_FOR_WANT_OF_ROOM = N_("dropped for want of room: {n}")
_H_AGO = N_("{n} h ago")
_JUST_NOW = N_("just now")
_LAST_HEARD_OF = N_("Last heard of")
_MIN_AGO = N_("{n} min ago")
_MORE = N_("More")
_NONE = N_("None.")
_NEVER_HEARD = N_("Nothing was ever heard of this hub.")
_NO_SUCH_SCHOOL = N_("No school is like this.")
_OPEN_ALERTS = N_("Open alerts")
_LANGUAGE = N_("Language")
_RENEW = N_("Renew each minute")
_RENEW_NO_MORE = N_("Renew no more")
_SCHOOL = N_("School")
_SCHOOLS_OF_THE_DISTRICT = N_("Schools of the district")
_SEARCH = N_("Search")
_SINCE = N_("Since when")
_STATE = N_("State")
_NO_DATABASE = N_("The database does not answer.")
_TRIES_AGAIN = N_("The page tries again by itself. Look whether PostgreSQL runs.")
_OUTDATED = N_("The database is older than this page.")
_UPGRADE = N_("Load configs/district/postgresql/upgrade.sql into it: nothing in it is lost.")
_TIME = N_("Time")
_VERSION_IS = N_("version {version}")
_VERSION = N_("Version")
_WAITS_THERE = N_("waits there: {n}")
_WHAT = N_("What")
_WHAT_WAS_ASKED_FOR = N_("What was asked for")


@dataclass(frozen=True, slots=True)
class Words:
    """Says things in the reader's language.

    Attributes:
        say: the catalogues. language: of the reader.
        again: the reader wants the page renewed by itself. It is not, unless they say so: who
            reads slowly, or has it read aloud, would lose their place (WCAG 2.2.1).
    """

    say: Translator
    language: str
    again: bool = False

    def __call__(self, message: str, **params: Any) -> str:
        """Return a message, fit for HTML."""
        return escape(self.say.say(message, self.language, params))


def list_page(
    t: Words,
    counts: Mapping[str, int],
    found: Sequence[School],
    state: str,
    text: str,
    page: int,
) -> str:
    """Return the page of all hubs, the worst first."""
    tiles = [("", t(_ALL_SCHOOLS), sum(counts.values()))]
    tiles += [(one, t(_STATES[one]), counts.get(one, 0)) for one in STATES]
    shown = "".join(
        f'<a class="{one}" href="{_address(t, state=one, q=text)}"'
        f"{' aria-current=page' if one == state else ''}>"
        f"<strong>{number}</strong><span>{name}</span></a>"
        for one, name, number in tiles
        if number or one in ("", "silent", "fault")
    )
    search = (
        f'<form><input type="hidden" name="lang" value="{t.language}">'
        f"{'<input type=hidden name=again value=1>' if t.again else ''}"
        f'<input type="hidden" name="state" value="{escape(state)}">'
        f'<input name="q" maxlength="80" value="{escape(text)}" aria-label="{t(_SCHOOL)}"'
        f' placeholder="{t(_SCHOOL)}"><button>{t(_SEARCH)}</button></form>'
    )
    turn = []
    if page:
        before = _address(t, state=state, q=text, page=str(page - 1))
        turn.append(f'<a class="button" href="{before}">{t(_BACK)}</a>')
    if len(found) > ON_A_PAGE:
        after = _address(t, state=state, q=text, page=str(page + 1))
        turn.append(f'<a class="button" href="{after}">{t(_MORE)}</a>')
    body = (
        f"<header><h1>{t(_SCHOOLS_OF_THE_DISTRICT)}</h1>{_languages(t)}</header>"
        f'<div class="counts">{shown}</div>{search}'
        f"{_schools(t, found[:ON_A_PAGE])}"
        f'<nav aria-label="{t(_MORE)}">{"".join(turn)}</nav>'
    )
    return _page(t, body, t(_SCHOOLS_OF_THE_DISTRICT))


def school_page(
    t: Words,
    one: School,
    devices: Iterable[Device],
    alerts: Iterable[Alert],
    replies: Iterable[Reply],
) -> str:
    """Return the page of one hub."""
    name = escape(one.school or one.hub)
    gone = f" · {t(_DROPPED_FOR_WANT_OF_ROOM, n=one.dropped)}" if one.dropped else ""
    waits = f" · {t(_WAITS_THERE, n=one.waiting)}" if one.waiting else ""
    body = (
        f"<header><div><h1>{name}</h1><p>{_state(one.state, t(_STATES[one.state]))}</p></div>"
        f"{_languages(t, _home(t))}</header>"
        f'<p class="muted">{escape(one.hub)} · {t(_LAST_HEARD_OF)}: {_ago(t, one.seen)}'
        f" · {t(_VERSION_IS, version=one.version or '–')}{waits}{gone}</p>"
    )
    body += _section(
        t(_OPEN_ALERTS),
        (_SINCE, _WHAT, _DEVICES),
        [
            (
                _time(a.time),
                _state(a.severity, _said(t, a.said) or escape(a.rules.replace(",", ", "))),
                escape(a.devices.replace(",", ", ")),
            )
            for a in alerts
        ],
        t,
    )
    body += _section(
        t(_DEVICES),
        (_DEVICE, _STATE, _SINCE, _COULD_BE_USED),
        [
            (
                _below(escape(d.device), t(KINDS.get(d.device_kind, d.device_kind))),
                _state(d.status, t(_DEVICE_STATES.get(d.status, d.status)), d.code),
                _time(d.time),
                "–" if d.up is None else f"{number(round(d.up * 100, 1), t.language)} %",
            )
            for d in devices
        ],
        t,
    )
    body += _section(
        t(_WHAT_WAS_ASKED_FOR),
        (_TIME, _WHAT, _DEVICE, _STATE),
        [
            (
                _time(r.time),
                t(known.title) if (known := asking.COMMANDS.get(r.command)) else escape(r.command),
                escape(r.device),
                _below(t(asking.STATES.get(r.state, r.state)), _said(t, r.said) or escape(r.code)),
            )
            for r in replies
        ],
        t,
    )
    return _page(t, body, name)


def missing_page(t: Words) -> str:
    """Return the page of a hub that nobody has heard of."""
    said = t(_NEVER_HEARD)
    return _page(t, f"<h1>{said}</h1><p>{_home(t)}</p>", said)


def failed_page(t: Words) -> str:
    """Return the page where the database does not answer."""
    return _sorry(t, _NO_DATABASE, _TRIES_AGAIN)


def outdated_page(t: Words) -> str:
    """Return the page where the database lacks what is asked of it."""
    return _sorry(t, _OUTDATED, _UPGRADE)


def _sorry(t: Words, what: str, hint: str) -> str:
    said = t(what)
    return _page(replace(t, again=True), f"<h1>{said}</h1><p>{t(hint)}</p>", said)


def _schools(t: Words, found: Sequence[School]) -> str:
    if not found:
        return f'<p class="card calm">{t(_NO_SUCH_SCHOOL)}</p>'
    head = "".join(
        f"<th{kind}>{t(name)}</th>"
        for name, kind in (
            (_SCHOOL, ""),
            (_STATE, ""),
            (_LAST_HEARD_OF, ""),
            (_BROKEN, " class=n"),
            (_ALERTS, " class=n"),
            (_DEVICES, ' class="n wide"'),
            (_VERSION, ' class="wide"'),
        )
    )
    rows = "".join(
        f'<tr><td><a href="{_address(t, f"/hubs/{one.hub}")}">{escape(one.school or one.hub)}'
        f'<span class="muted small">{escape(one.hub)}</span></a></td>'
        f"<td>{_state(one.state, t(_STATES[one.state]))}</td>"
        f"<td>{_ago(t, one.seen)}</td>"
        f"<td class=n>{_number(one.devices_fault)}</td><td class=n>{_number(one.alerts_open)}</td>"
        f'<td class="n wide">{_number(one.devices)}</td>'
        f'<td class="wide">{escape(one.version or "–")}</td></tr>'
        for one in found
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<div class="card">{table}</div>'


def _section(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], t: Words) -> str:
    if not rows:
        return f'<section><h2>{title}</h2><p class="card calm muted">{t(_NONE)}</p></section>'
    head = "".join(f"<th>{t(one)}</th>" for one in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<section><h2>{title}</h2><div class="card">{table}</div></section>'


def _home(t: Words) -> str:
    return f'<a class="button" href="{_address(t)}">{t(_ALL_SCHOOLS)}</a>'


def _below(said: str, more: str) -> str:
    return f'{said}<br><span class="muted small">{more}</span>' if more else said


def _state(state: str, said: str, below: str = "") -> str:
    kind = state if state in _STATES else "unknown"
    return _below(
        f'<span class="state"><span class="dot {kind}"></span>{said}</span>', escape(below)
    )


def _said(t: Words, said: Mapping[str, str]) -> str:
    """Return what a hub has said in the reader's language; else in one that it has said it in."""
    if mine := said.get(t.language):
        return escape(mine)
    for language in ("ru", "en", "kk"):
        if other := said.get(language):
            return f'<span lang="{language}">{escape(other)}</span>'
    return ""


def _ago(t: Words, seen: datetime) -> str:
    minutes = max(int((datetime.now(UTC) - seen).total_seconds() // 60), 0)
    if minutes < 1:
        said = t(_JUST_NOW)
    elif minutes < 120:
        said = t(_MIN_AGO, n=minutes)
    elif minutes < 48 * 60:
        said = t(_H_AGO, n=minutes // 60)
    else:
        said = t(_DAYS_AGO, n=minutes // 1440)
    return f'<time datetime="{seen.isoformat()}">{said}</time>'


def _time(at: datetime) -> str:
    local = at.astimezone()
    return f'<time datetime="{at.isoformat()}">{local:%d.%m.%Y %H:%M}</time>'


def _number(value: int | None) -> str:
    return "–" if value is None else str(value)


def _languages(t: Words, more: str = "") -> str:
    renew = t(_RENEW_NO_MORE if t.again else _RENEW)
    return (
        f'<nav aria-label="{t(_LANGUAGE)}">'
        + "".join(
            f'<a href="{_address(replace(t, language=one), "")}" lang="{one}">{_NAMES[one]}</a>'
            for one in LANGUAGES
            if one != t.language
        )
        + f'<a href="{_address(replace(t, again=not t.again), "")}">{renew}</a>{more}</nav>'
    )


def _address(t: Words, path: str = "/", **asked: str) -> str:
    given = {name: value for name, value in asked.items() if value}
    if t.again:
        given = {"again": "1", **given}
    return escape(f"{path}?{urlencode({'lang': t.language, **given})}")


def _page(t: Words, body: str, title: str) -> str:
    again = f'<meta http-equiv="refresh" content="{AGAIN}">' if t.again else ""
    return (
        f'<!doctype html><html lang="{t.language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{again}<title>{title}</title>"
        f'<link rel="stylesheet" href="/style.css"></head><body><main>{body}</main></body></html>'
    )
