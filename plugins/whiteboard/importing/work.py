"""Renders the pages of a PDF to pictures. Runs in a worker: the file may be anything.

PDFium draws; this build of it has no JavaScript, forms are not begun, and nothing in the file is
followed.
"""

import errno
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image

from hub.worker import progress
from plugins.whiteboard.errors import BadPdf, ExportFull, LockedPdf, TooManyPdfPages

MOST_PAGES = 100
_LONGEST = 3840
"""Pixels of the longer side: a page that fills a panel's height can be read from close, too."""
_LARGEST_SCALE = 40.0
_SMALL = 1 << 20
_QUALITY = 88
_PASSWORD = 4  # FPDF_ERR_PASSWORD, fpdfview.h
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def render(source: str, folder: str) -> list[dict[str, Any]]:
    """Render each page of a PDF.

    Args:
        source: the file.
        folder: where the pictures are written.

    Returns:
        Of each page `path`, `media_type`, and `width` and `height` of the page in points.

    Raises:
        BadPdf: it is no PDF, or a page cannot be drawn.
        LockedPdf: it wants a password.
        TooManyPdfPages: more than 100.
        ExportFull: the disk is full.
    """
    try:
        document = pypdfium2.PdfDocument(source)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD or "password" in str(error).lower():
            raise LockedPdf(str(error)) from error
        raise BadPdf(str(error)) from error
    try:
        count = len(document)
        if count == 0:
            raise BadPdf("no pages")
        if count > MOST_PAGES:
            raise TooManyPdfPages(f"{count} pages", most=MOST_PAGES)
        made = []
        for number in range(count):
            progress(number / count)
            made.append(_page(document, number, Path(folder)))
        return made
    except pypdfium2.PdfiumError as error:
        raise BadPdf(str(error)) from error
    except OSError as error:
        if error.errno in _FULL:
            raise ExportFull(error.strerror or "") from error
        raise
    finally:
        document.close()


def _page(document: Any, number: int, folder: Path) -> dict[str, Any]:
    page = document[number]
    try:
        width, height = page.get_size()
        if not (0 < width < 1e6 and 0 < height < 1e6):
            raise BadPdf(f"page {number + 1} measures {width} x {height}")
        scale = min(_LONGEST / max(width, height), _LARGEST_SCALE)
        drawn = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
    finally:
        page.close()
    path, media_type = _kept(drawn, folder / f"{number:03}")
    return {"path": str(path), "media_type": media_type, "width": width, "height": height}


def _kept(drawn: Image.Image, stem: Path) -> tuple[Path, str]:
    """Write letters and lines as PNG, photographs as JPEG."""
    png = stem.with_suffix(".png")
    drawn.save(png, "PNG", compress_level=6)
    if png.stat().st_size <= _SMALL:
        return png, "image/png"
    jpeg = stem.with_suffix(".jpg")
    drawn.save(jpeg, "JPEG", quality=_QUALITY)
    if jpeg.stat().st_size < png.stat().st_size:
        png.unlink()
        return jpeg, "image/jpeg"
    jpeg.unlink()
    return png, "image/png"
