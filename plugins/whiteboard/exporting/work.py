"""Makes the file of an export. Runs in a worker, where documents, letters and pictures are read."""

import errno
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pycrdt
import pypdfium2
from PIL import Image as Pixels
from PIL import ImageOps

from hub.worker import progress
from plugins.whiteboard.documents.document import EDITS, ITEMS
from plugins.whiteboard.errors import ExportFull, NothingToSave
from plugins.whiteboard.exporting.drawing import Pictures, Sheet, draw
from plugins.whiteboard.exporting.inkml import write_inkml
from plugins.whiteboard.exporting.pdf import scale_of, write_pdf
from plugins.whiteboard.exporting.reading import Page, Picture, read_items
from plugins.whiteboard.exporting.svg import write_svg

Job = dict[str, Any]
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_PIXELS_A_UNIT = 2.0
"""A sheet fills a panel of 3840 by 2160."""
_LONGEST = 8192
_MOST_PIXELS = 40_000_000
_MOST_PICTURE_PIXELS = 100_000_000


def export(job: Job) -> dict[str, Any]:
    """Make a file of a board.

    Args:
        job: `format`, `target` (the file to write), `title`, `pages` (`id`, `title`, `background`,
            in their order), `documents` (`name`, `file` with an update of all of it), `names`
            (authors by document), `faint` (documents), and `pictures`: `[path, media type]` by the
            ids of assets, null where there is none.

    Returns:
        `wants`: ids of assets that lie on the pages and are not in `pictures`; then nothing was
        made. Else {}.

    Raises:
        NothingToSave: no such page.
        ExportFull: the disk is full.
    """
    pages = [Page(one["id"], one["title"], one["background"]) for one in job["pages"]]
    if not pages:
        raise NothingToSave("no page")
    _fill(pages, job["documents"])
    wants = {item.asset for page in pages for item in page.items if isinstance(item, Picture)}
    missing = sorted(wants - job["pictures"].keys())
    if missing and job["format"] != "inkml":
        return {"wants": missing}
    try:
        _write(job, pages)
    except OSError as error:
        if error.errno in _FULL:
            raise ExportFull(error.strerror or "") from error
        raise
    return {}


def _fill(pages: list[Page], documents: list[Job]) -> None:
    by_id = {page.id: page for page in pages}
    for document in documents:
        doc: pycrdt.Doc[Any] = pycrdt.Doc()
        doc.apply_update(Path(document["file"]).read_bytes())
        items = doc.get(ITEMS, type=pycrdt.Map).to_py() or {}
        edits = doc.get(EDITS, type=pycrdt.Map).to_py() or {}
        for item in read_items(document["name"], items, edits, by_id):
            by_id[item.page].items.append(item)
    for page in pages:
        page.items.sort(key=lambda item: item.order)


def _write(job: Job, pages: list[Page]) -> None:
    target, title, names = Path(job["target"]), job["title"], job["names"]
    if job["format"] == "inkml":
        with target.open("w", encoding="utf-8", newline="\n") as file:
            write_inkml(file, pages, title, names)
        return
    sheets = _sheets(job, pages)
    if job["format"] == "svg":
        with target.open("w", encoding="utf-8", newline="\n") as file:
            write_svg(file, next(sheets), title, names)
    elif job["format"] == "pdf":
        write_pdf(target, sheets, title)
    else:
        sheet = next(sheets)
        drawn = target.with_suffix(".part.pdf")
        try:
            write_pdf(drawn, [sheet], title)
            _png(drawn, sheet, target)
        finally:
            drawn.unlink(missing_ok=True)


def _sheets(job: Job, pages: list[Page]) -> Iterator[Sheet]:
    pictures = _pictures(job)
    for number, page in enumerate(pages):
        done, share = number / len(pages), 1 / len(pages)
        faint = frozenset(job["faint"])
        yield draw(
            page,
            pictures,
            faint=faint,
            progress=lambda fraction, done=done, share=share: progress(done + fraction * share),  # type: ignore[misc]
        )


def _pictures(job: Job) -> Pictures:
    """Return where the assets are, upright and whole; one that cannot be read is none."""
    folder, known = Path(job["target"]).parent, job["pictures"]
    ready: dict[str, tuple[Path, str] | None] = {}

    def find(asset: str) -> tuple[Path, str] | None:
        if asset not in ready:
            source = known.get(asset)
            number = len(ready)
            ready[asset] = (
                None if source is None else _readable(Path(source[0]), source[1], folder, number)
            )
        return ready[asset]

    return find


def _readable(source: Path, media_type: str, folder: Path, number: int) -> tuple[Path, str] | None:
    Pixels.MAX_IMAGE_PIXELS = _MOST_PICTURE_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Pixels.DecompressionBombWarning)
            with Pixels.open(source, formats=["JPEG", "PNG"]) as picture:
                turned = picture.getexif().get(0x0112, 1) != 1
                if not turned and media_type == "image/jpeg":
                    picture.load()
                    return source, media_type
                upright = ImageOps.exif_transpose(picture)
                plain = upright.convert("RGBA" if _clear(upright) else "RGB")
    except (OSError, SyntaxError, ValueError, Pixels.DecompressionBombWarning) as error:
        if isinstance(error, OSError) and error.errno in _FULL:
            raise
        return None
    # Without whatever else stood in the file: names, places, profiles.
    kept = folder / f"{os.getpid()}-{number}.png"
    plain.save(kept, "PNG", compress_level=3)
    return kept, "image/png"


def _clear(picture: Pixels.Image) -> bool:
    return picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info


def _png(drawn: Path, sheet: Sheet, target: Path) -> None:
    box = sheet.box
    zoom = min(
        _PIXELS_A_UNIT,
        _LONGEST / max(box.width, box.height),
        (_MOST_PIXELS / (box.width * box.height)) ** 0.5,
    )
    document = pypdfium2.PdfDocument(drawn)
    try:
        bitmap = document[0].render(scale=zoom / scale_of(sheet))
        bitmap.to_pil().convert("RGB").save(target, "PNG", dpi=(96 * zoom, 96 * zoom))
    finally:
        document.close()
