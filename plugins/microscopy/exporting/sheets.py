"""What people read of an export: the page that opens offline, the report sheet, the table.

Everything in it is other people's text and is escaped; no scripts, nothing fetched from elsewhere.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any
from urllib.parse import quote

Item = Mapping[str, Any]
Labels = Mapping[str, str]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_STYLE = """
body { font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
  color: #14221f; margin: 0; background: #fff; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.7rem; margin: 0 0 .2em; } h2 { font-size: 1.2rem; margin: 0 0 .3em; }
p { margin: .3em 0; } .muted { color: #53625d; } .said { white-space: pre-wrap; }
img, video { max-width: 100%; height: auto; display: block; }
figure { margin: 0 0 .6rem; }
table { border-collapse: collapse; margin: .6rem 0; }
th, td { border: 1px solid #b9c1bc; padding: .25rem .6rem; text-align: start; vertical-align: top; }
td.figure { text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; }
section { margin: 2.2rem 0; }
"""
_PRINT = """
@page { size: A4; margin: 14mm; }
section { break-after: page; margin: 0; } section:last-child { break-after: auto; }
section img { max-height: 150mm; max-width: 100%; border: 1px solid #b9c1bc; }
.lines { border-bottom: 1px solid #b9c1bc; height: 2.1em; }
table, figure { break-inside: avoid; }
@media screen { section { padding-bottom: 2rem; border-bottom: 2px dashed #b9c1bc; } }
"""


def index_page(title: str, items: Iterable[Item], labels: Labels, language: str) -> str:
    """Return the page that shows an album without a hub, a network or scripts."""
    shown = "".join(
        f"<section><h2>{escape(item['title'])}</h2>{_media(item)}{_about(item, labels)}"
        f"{_note(item)}{_table(item, labels)}{_answer(item, labels)}</section>"
        for item in items
    )
    return _page(title, f"<h1>{escape(title)}</h1>{shown}", language, _STYLE)


def report_page(title: str, items: Iterable[Item], labels: Labels, language: str) -> str:
    """Return report sheets, one picture on each A4 page; `picture` of an item is a data address."""
    shown = "".join(_report(title, item, labels) for item in items)
    return _page(title, shown, language, _STYLE + _PRINT)


def table(items: Iterable[Item], labels: Labels) -> str:
    """Return captures as CSV (RFC 4180) that spreadsheets open in UTF-8."""
    out = io.StringIO()
    out.write("\ufeff")
    rows = csv.writer(out)
    names = ("file", "title", "author", "taken", "lesson", "device", "objective")
    rows.writerow([*(labels[name] for name in names), labels["scale"], labels["note"]])
    for item in items:
        cells = [item.get(name) or "" for name in names]
        scale = "" if item["scale"] is None else f"{item['scale']:.9g}"
        rows.writerow([*(_cell(str(cell)) for cell in cells), scale, _cell(item["note"])])
    return out.getvalue()


def measurements(items: Iterable[Item], labels: Labels) -> str:
    """Return what was measured as CSV, one row for each shape."""
    out = io.StringIO()
    out.write("\ufeff")
    rows = csv.writer(out)
    rows.writerow([labels[name] for name in ("file", "kind", "label", "value", "unit")])
    for item in items:
        for one in item["measured"]:
            value = "" if one["value"] is None else f"{one['value']:.9g}"
            name = item["file"] or ""
            rows.writerow([_cell(name), one["kind"], _cell(one["text"]), value, one["unit"]])
    return out.getvalue()


def _report(title: str, item: Item, labels: Labels) -> str:
    picture = f'<figure><img src="{item["picture"]}" alt=""></figure>' if item["picture"] else ""
    gone = f"<p>{escape(labels['gone'])}</p>" if not item["picture"] else ""
    question = item.get("question") or ""
    answer = item.get("answer") or ""
    lines = '<div class="lines"></div>' * 4 if not answer else ""
    return (
        f"<section><h1>{escape(title)}</h1>"
        f"<p><b>{escape(labels['name'])}:</b> {escape(item['author'])}"
        f" &emsp; <b>{escape(labels['date'])}:</b> {escape(item['taken'])}</p>"
        f"<h2>{escape(item['title'])}</h2>{picture}{gone}{_about(item, labels, short=True)}"
        f"{_note(item)}{_table(item, labels)}"
        + (f"<h2>{escape(labels['question'])}</h2>{_said(question)}" if question else "")
        + f"<h2>{escape(labels['answer'])}</h2>{_said(answer)}{lines}</section>"
    )


def _page(title: str, body: str, language: str, style: str) -> str:
    return (
        f'<!doctype html>\n<html lang="{escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style></head>"
        f"<body><main>{body}</main></body></html>\n"
    )


def _media(item: Item) -> str:
    if not item["file"]:
        return ""
    address = escape(quote(item["file"]))
    if item["media_type"].startswith("video/"):
        return f'<figure><video src="{address}" controls preload="metadata"></video></figure>'
    if not item["media_type"].startswith("image/"):
        return f'<p><a href="{address}">{escape(item["file"])}</a></p>'
    shown = escape(quote(item.get("marked") or item["file"]))
    return f'<figure><a href="{address}"><img src="{shown}" alt="" loading="lazy"></a></figure>'


def _about(item: Item, labels: Labels, *, short: bool = False) -> str:
    if not item["file"] and not short:
        return f'<p class="muted">{escape(labels["gone"])}</p>'
    names = (
        ("device", "objective") if short else ("author", "taken", "lesson", "device", "objective")
    )
    said = [f"{labels[name]}: {item[name]}" for name in names if item.get(name)]
    if item["scale"] is not None:
        said.append(f"{labels['scale']}: {item['scale_words']}")
    return f'<p class="muted">{escape(" · ".join(said))}</p>' if said else ""


def _note(item: Item) -> str:
    return _said(item["note"]) if item["note"] else ""


def _said(text: str) -> str:
    return f'<p class="said">{escape(text)}</p>' if text else ""


def _answer(item: Item, labels: Labels) -> str:
    answer = item.get("answer")
    return f"<p><b>{escape(labels['answer'])}:</b></p>{_said(answer)}" if answer else ""


def _table(item: Item, labels: Labels) -> str:
    if not item["measured"]:
        return ""
    head = "".join(f"<th>{escape(labels[name])}</th>" for name in ("kind", "label", "value"))
    rows = "".join(
        f"<tr><td>{escape(one['kind'])}</td><td>{escape(one['text'])}</td>"
        f'<td class="figure">{escape(one["words"])}</td></tr>'
        for one in item["measured"]
    )
    means = "".join(
        f"<tr><td>{escape(one['kind'])}</td><td>{escape(labels['mean'])}</td>"
        f'<td class="figure">{escape(one["words"])}</td></tr>'
        for one in item["means"]
    )
    return f"<table><tr>{head}</tr>{rows}{means}</table>"


def _cell(text: str) -> str:
    """Return a text as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
