"""An official form as one HTML file that needs nothing else: for e-mail, and to print."""

import base64
import hashlib
from html import escape

from plugins.inventory.paper.document import Document, Table
from plugins.inventory.paper.letters import clean

STYLE = """
@page { size: A4; margin: 18mm 16mm }
body { font: 11pt/1.4 "DejaVu Sans", "Noto Sans", sans-serif; color: #000; background: #fff;
  max-width: 180mm; margin: 10mm auto; padding: 0 4mm; overflow-wrap: anywhere }
.approved { margin-left: auto; width: 70mm; text-align: left; white-space: pre-line }
h1 { font-size: 15pt; text-align: center; margin: 10mm 0 8mm }
h2 { font-size: 12pt; margin: 8mm 0 2mm }
table { border-collapse: collapse; width: 100%; table-layout: fixed }
th, td { border: 0.3mm solid #444; padding: 1.2mm 1.8mm; vertical-align: top; text-align: left;
  white-space: pre-line; font-size: 9.5pt }
thead th { background: #eee }
.head th { width: 34%; border: 0; font-weight: normal; color: #333 }
.head td { border: 0; border-bottom: 0.2mm solid #888 }
.sums { font-weight: bold; margin: 4mm 0 }
.sign { display: grid; grid-template-columns: 1fr 45mm; gap: 2mm 6mm; margin-top: 7mm;
  break-inside: avoid }
.line { border-bottom: 0.2mm solid #000; min-height: 6mm }
.under { font-size: 8pt; color: #444 }
.text { white-space: pre-line }
.source { margin-top: 10mm; font-size: 8pt; color: #444 }
"""
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; sandbox allow-modals;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""Nothing in the file may run or load anything, whatever stands in it."""


def html_of(document: Document) -> str:
    """Return the file."""
    approved = "\n".join(document.approved)
    parts = [
        f'<!doctype html><html lang="{_text(document.language)}"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{_text(document.title)}</title><style>{STYLE}</style></head><body>",
        f'<div class="approved">{_text(approved)}</div>' if approved else "",
        f"<h1>{_text(document.title)}</h1>",
        '<table class="head"><tbody>',
        *(f"<tr><th>{_text(name)}</th><td>{_text(said)}</td></tr>" for name, said in document.head),
        "</tbody></table>",
        *(part for table in document.tables[:1] for part in _table(table)),
        f'<p class="sums">{_text(document.sums)}</p>',
        *(part for table in document.tables[1:] for part in _table(table)),
    ]
    if document.remarks is not None:
        name, said = document.remarks
        parts.append(f'<h2>{_text(name)}</h2><p class="text">{_text(said)}</p>')
    for name, said, under in document.signatures:
        parts.append(
            f'<div class="sign"><div>{_text(name)}<div class="line">{_text(said)}</div></div>'
            '<div>&nbsp;<div class="line"></div>'
            f'<div class="under">{_text(under)}</div></div></div>'
        )
    if document.stamp:
        parts.append(f"<p>{_text(document.stamp)}</p>")
    parts.append(f'<p class="source">{_text(document.source)}</p></body></html>')
    return "".join(parts)


def _table(table: Table) -> list[str]:
    heads = "".join(f"<th>{_text(name)}</th>" for name, _ in table.columns)
    columns = "".join(f'<col width="{share * 100:.0f}%">' for _, share in table.columns)
    rows = (
        "<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in table.rows
    )
    title = f"<h2>{_text(table.title)}</h2>" if table.title else "<h2></h2>"
    return [
        title,
        f"<table><colgroup>{columns}</colgroup><thead><tr>{heads}</tr></thead><tbody>",
        *rows,
        "</tbody></table>",
    ]


def _text(text: str) -> str:
    return escape(clean(text))
