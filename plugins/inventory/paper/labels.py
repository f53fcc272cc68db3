"""A sheet of labels: 24 of 64 × 33.9 mm on A4 (Avery L7159 and those like it). Runs in a worker."""

import base64
import io
from typing import Any

import segno
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from plugins.inventory.paper import letters

COLUMNS, ROWS = 3, 8
WIDTH, HEIGHT = 63.5 * mm, 33.9 * mm
LEFT, TOP, GAP = 7.2 * mm, 12.9 * mm, 2.5 * mm
QR = 25 * mm
_PAD = 2.5 * mm


def draw(labels: list[dict[str, str]], skip: int, title: str) -> str:
    """Draw labels.

    Args:
        labels: of each the `url` that its code says, `name`, `number`, `more`, and `owner` below.
        skip: so many places of the first sheet are used already.
        title: of the file.

    Returns:
        The PDF, in Base64.
    """
    letters.load()
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, pageCompression=1, initialFontName="Helvetica")
    canvas.setTitle(letters.clean(title))
    for at, label in enumerate(labels, start=skip):
        place = at % (COLUMNS * ROWS)
        if place == 0 and at > skip:
            canvas.showPage()
        row, column = divmod(place, COLUMNS)
        x = LEFT + column * (WIDTH + GAP)
        y = A4[1] - TOP - (row + 1) * HEIGHT
        _one(canvas, x, y, label)
    canvas.save()
    return base64.b64encode(out.getvalue()).decode()


def _one(canvas: Canvas, x: float, y: float, label: dict[str, Any]) -> None:
    canvas.setLineWidth(0.2)
    canvas.setStrokeGray(0.8)
    canvas.roundRect(x, y, WIDTH, HEIGHT, 2 * mm)
    _code(canvas, x + _PAD, y + (HEIGHT - QR) / 2, label["url"])
    left = x + _PAD + QR + 2 * mm
    wide = x + WIDTH - _PAD - left
    line = y + HEIGHT - _PAD
    for text, font, size, most in (
        (label["name"], letters.BOLD, 8.5, 3),
        (label["number"], letters.BOLD, 8, 1),
        (label["more"], letters.REGULAR, 6.5, 2),
        (label["owner"], letters.REGULAR, 6, 1),
    ):
        canvas.setFont(font, size)
        for part in letters.fitted(text, font, size, wide, most):
            line -= size * 1.2
            canvas.drawString(left, line, part)
        line -= 1.2


def _code(canvas: Canvas, x: float, y: float, url: str) -> None:
    rows = list(segno.make(url, error="m", micro=False).matrix_iter(border=2))
    step = QR / len(rows)
    canvas.setFillGray(0)
    path = canvas.beginPath()
    for at, row in enumerate(rows):
        for column, dark in enumerate(row):
            if dark:
                path.rect(x + column * step, y + QR - (at + 1) * step, step, step)
    canvas.drawPath(path, stroke=0, fill=1)
