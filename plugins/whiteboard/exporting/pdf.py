"""Pages as PDF, in vectors: each page of the board is one of the file, as large as its drawing."""

from collections.abc import Iterable
from pathlib import Path

from reportlab.lib.colors import HexColor
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from hub import __version__
from plugins.whiteboard.exporting import letters
from plugins.whiteboard.exporting.drawing import Fill, Image, Part, Sheet, Text, Way

_POINTS = 72 / 96
_LARGEST = 14_400
"""Points that a page may have at most a side (ISO 32000-1, annex C)."""
_NONZERO = 1


def scale_of(sheet: Sheet) -> float:
    """Return the points a page unit takes."""
    return min(_POINTS, _LARGEST / max(sheet.box.width, sheet.box.height))


def write_pdf(target: Path, sheets: Iterable[Sheet], title: str) -> None:
    """Write pages into a new file."""
    canvas = Canvas(str(target), pageCompression=1, pdfVersion=(1, 5), initialFontName="Helvetica")
    canvas.setTitle(letters.clean(title))
    canvas.setAuthor("")
    canvas.setCreator(f"Classroom device hub {__version__}")
    for sheet in sheets:
        scale, box = scale_of(sheet), sheet.box
        canvas.setPageSize((box.width * scale, box.height * scale))
        if sheet.title:
            canvas.bookmarkPage(f"page-{canvas.getPageNumber()}")
            name = letters.clean(sheet.title)
            canvas.addOutlineEntry(name, f"page-{canvas.getPageNumber()}", 0, closed=False)
        canvas.saveState()
        # The board's y goes down, a PDF's up.
        canvas.transform(scale, 0, 0, -scale, -box.x * scale, (box.y + box.height) * scale)
        for part in sheet.parts():
            _draw(canvas, part)
        canvas.restoreState()
        canvas.showPage()
    canvas.save()


def _draw(canvas: Canvas, part: Part) -> None:
    if isinstance(part, Image):
        _image(canvas, part)
        return
    if isinstance(part, Text):
        _text(canvas, part)
        return
    path = canvas.beginPath()
    line = isinstance(part, Way) and part.width > 0
    if isinstance(part, Fill):
        for polygon in part.polygons:
            path.moveTo(polygon[0], polygon[1])
            for at in range(2, len(polygon), 2):
                path.lineTo(polygon[at], polygon[at + 1])
            path.close()
    else:
        for name, places in part.commands:
            if name == "M":
                path.moveTo(*places)
            elif name == "L":
                path.lineTo(*places)
            elif name == "C":
                path.curveTo(*places)
            else:
                path.close()
    colour = HexColor(part.colour)
    if line and isinstance(part, Way):
        canvas.setStrokeColor(colour)
        canvas.setStrokeAlpha(part.alpha)
        canvas.setLineWidth(part.width)
        canvas.setLineCap(1)
        canvas.setLineJoin(1)
    else:
        canvas.setFillColor(colour)
        canvas.setFillAlpha(part.alpha)
    canvas.drawPath(path, stroke=int(line), fill=int(not line), fillMode=_NONZERO)


def _text(canvas: Canvas, part: Text) -> None:
    canvas.saveState()
    canvas.setFillColor(HexColor(part.colour))
    canvas.setFillAlpha(1)
    canvas.transform(1, 0, 0, -1, part.x, part.y)
    canvas.setFont(letters.load(), part.size)
    canvas.drawString(0, 0, part.text)
    canvas.restoreState()


def _image(canvas: Canvas, part: Image) -> None:
    box = part.box
    canvas.saveState()
    canvas.setFillAlpha(1)
    canvas.transform(1, 0, 0, -1, box.x, box.y + box.height)
    canvas.drawImage(ImageReader(str(part.file)), 0, 0, box.width, box.height, mask="auto")
    canvas.restoreState()
