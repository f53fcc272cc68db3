"""An official form as PDF. Runs in a worker."""

import base64
import io
from typing import Any

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    Flowable,
    KeepTogether,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    TableStyle,
)
from reportlab.platypus import Table as Grid

from plugins.inventory.paper import letters
from plugins.inventory.paper.document import Document, Table

_SIDE, _TOP = 18 * mm, 16 * mm
_WIDTH = A4[0] - 2 * _SIDE - 12  # a frame has 6 points inside
_PAD = 4
_CELL = 8.5
_LINES = 40
"""Lines of a table's row; more go on in the next row."""
_LONG = 400
"""Letters from which on a signature's name may go over a page's end."""


def _style(size: float, *, bold: bool = False, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(
        "", fontName=letters.BOLD if bold else letters.REGULAR, fontSize=size, leading=size * 1.3,
        splitLongWords=True, **more,
    )  # fmt: skip


def draw(data: dict[str, Any]) -> str:
    """Draw a form. Args: data: a `Document`. Returns: the PDF, in Base64."""
    letters.load()
    document = Document.model_validate(data)
    out = io.BytesIO()
    template = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=_SIDE, rightMargin=_SIDE, topMargin=_TOP, bottomMargin=_TOP,
        title=letters.clean(document.title), author="", lang=document.language,
        initialFontName=letters.REGULAR,
    )  # fmt: skip
    template.build(_story(document), onFirstPage=_number, onLaterPages=_number)
    return base64.b64encode(out.getvalue()).decode()


def _number(canvas: Canvas, template: Any) -> None:
    canvas.setFont(letters.REGULAR, 8)
    canvas.drawCentredString(A4[0] / 2, 9 * mm, str(template.page))


def _story(document: Document) -> list[Flowable]:
    body, small = _style(10), _style(7.5, textColor=colors.Color(0.27, 0.27, 0.27))
    story: list[Flowable] = []
    if document.approved:
        lines = [[Paragraph(letters.marked(line), body)] for line in document.approved]
        story.append(Grid(lines, colWidths=[72 * mm], hAlign="RIGHT", style=_plain()))
    title = _style(14, bold=True, alignment=TA_CENTER, spaceBefore=8 * mm, spaceAfter=6 * mm)
    story.append(Paragraph(letters.marked(document.title), title))
    story.append(_head(document.head, body))
    heading = _style(11, bold=True, spaceBefore=6 * mm, spaceAfter=2 * mm)
    for at, table in enumerate(document.tables):
        if table.title:
            story.append(Paragraph(letters.marked(table.title), heading))
        else:
            story.append(Spacer(1, 5 * mm))
        story.append(_grid(table))
        if at == 0:
            sums = _style(10, bold=True, spaceBefore=3 * mm)
            story.append(Paragraph(letters.marked(document.sums), sums))
    if document.remarks is not None:
        name, said = document.remarks
        story.append(Paragraph(letters.marked(name), heading))
        story += _flow(said, body)
    story.append(Spacer(1, 8 * mm))
    for name, said, under in document.signatures:
        signed = _signature(name, said, under, body, small)
        story += [KeepTogether(signed)] if len(said) < _LONG else signed
    if document.stamp:
        story.append(Paragraph(letters.marked(document.stamp), body))
    story.append(Spacer(1, 6 * mm))
    story.append(Paragraph(letters.marked(document.source), small))
    return story


def _plain() -> TableStyle:
    return TableStyle([("TOPPADDING", (0, 0), (-1, -1), 0), ("BOTTOMPADDING", (0, 0), (-1, -1), 3)])


def _rows(texts: list[str], widths: list[float], style: ParagraphStyle) -> list[list[Flowable]]:
    """Return a row of a table; what is longer than a page goes on in the next ones."""
    inner = [width - 2 * _PAD - 1 for width in widths]
    cells = [
        letters.broken(text, style.fontName, style.fontSize, width)
        for text, width in zip(texts, inner, strict=True)
    ]
    most = max(len(lines) for lines in cells)
    if most <= _LINES:
        return [[Paragraph(letters.marked(text), style) for text in texts]]
    return [
        [Paragraph(letters.marked("\n".join(lines[at : at + _LINES])), style) for lines in cells]
        for at in range(0, most, _LINES)
    ]


def _flow(text: str, style: ParagraphStyle) -> list[Flowable]:
    """Return a text in pieces that are quickly put on pages."""
    return [row[0] for row in _rows([text], [_WIDTH], style)]


def _head(rows: list[tuple[str, str]], body: ParagraphStyle) -> Grid:
    widths = [_WIDTH * 0.34, _WIDTH * 0.66]
    cells = [row for pair in rows for row in _rows(list(pair), widths, body)]
    style = TableStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), _PAD),
            ("RIGHTPADDING", (0, 0), (-1, -1), _PAD),
            ("LINEBELOW", (1, 0), (1, -1), 0.4, colors.grey),
        ]
    )
    return Grid(cells, colWidths=widths, style=style)


def heading_fits(word: str, share: float) -> bool:
    """Tell whether a word stands in one line of a heading of this share of the width."""
    inner = share * _WIDTH - 2 * _PAD - 1
    return letters.broken(word, letters.BOLD, _CELL, inner) == [word]


def _grid(table: Table) -> Grid:
    head, cell = _style(_CELL, bold=True), _style(_CELL)
    widths = [share * _WIDTH for _, share in table.columns]
    rows: list[list[Flowable]] = [
        [Paragraph(letters.marked(name), head) for name, _ in table.columns]
    ]
    rows += [part for row in table.rows for part in _rows(row, widths, cell)]
    style = TableStyle(
        [
            ("GRID", (0, 0), (-1, -1), 0.5, colors.Color(0.27, 0.27, 0.27)),
            ("BACKGROUND", (0, 0), (-1, 0), colors.Color(0.93, 0.93, 0.93)),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), _PAD),
            ("RIGHTPADDING", (0, 0), (-1, -1), _PAD),
        ]
    )
    return Grid(rows, colWidths=widths, style=style, repeatRows=1)


def _signature(
    name: str, said: str, under: str, body: ParagraphStyle, small: ParagraphStyle
) -> list[Flowable]:
    # The name stands on the line where it fits there, else above it.
    short = len(said) < _LONG
    cells = [
        [Paragraph(letters.marked(said) if short else "", body), "", ""],
        ["", "", Paragraph(letters.marked(under), small)],
    ]
    style = TableStyle(
        [
            ("LINEBELOW", (0, 0), (0, 0), 0.5, colors.black),
            ("LINEBELOW", (2, 0), (2, 0), 0.5, colors.black),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 1),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
        ]
    )
    widths = [_WIDTH * 0.64, _WIDTH * 0.06, _WIDTH * 0.3]
    lines = Grid(cells, colWidths=widths, rowHeights=[None, None], style=style, hAlign="LEFT")
    above: list[Flowable] = [] if short else _flow(said, body)
    return [Paragraph(letters.marked(name), body), *above, lines]
