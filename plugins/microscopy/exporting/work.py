"""Makes the file of an export. Runs in a worker; what was deleted meanwhile is told, not fatal."""

import base64
import errno
import io
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from hub.programs import ProgramFailed, ProgramHadNoRoom
from hub.worker import progress
from plugins.microscopy.exporting.errors import ExportFull, NothingToExport
from plugins.microscopy.exporting.names import numbered, safe_name
from plugins.microscopy.exporting.sheets import index_page, measurements, report_page, table
from plugins.microscopy.exporting.videos import VIDEOS, as_mp4
from plugins.microscopy.measuring.burn import burn

Item = dict[str, Any]
Writer = Callable[[Item, Path, dict[str, Any]], None]

SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "image/tiff": ".tif",
}
PICTURES = ("image/jpeg", "image/png")
_REPORT_SIDE = 1600
_QUALITIES = (92, 85, 75, 65, 55)
_STAMP = (1980, 1, 1, 0, 0, 0)
_NO_LINK = (errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# What decoders say of damaged pictures, and of those that would need more memory than there is.
_UNREADABLE = (SyntaxError, ValueError, TypeError, MemoryError, Image.DecompressionBombError)


def export(job: dict[str, Any]) -> dict[str, Any]:
    """Make a file of pictures.

    Args:
        job: `format`, `target` (the file to write), `title`, `items`, `labels`, `language`, `marks`
            (whether copies with scale bar and annotations go into a ZIP), and of a platform
            `max_side`, `max_bytes` and `max_video_bytes`.

    Returns:
        `name` and `media_type` of the file; `missing`: the ids of what was gone or could not be
        read; `left_out`: the ids of videos, which this format does not hold.

    Raises:
        NothingToExport: all of it is gone, or cannot be had in this format.
        ExportFull: the disk is full.
    """
    try:
        with tempfile.TemporaryDirectory(
            dir=Path(job["target"]).parent, prefix=f"{Path(job['target']).name}-"
        ) as work:
            return _export(job, Path(work))
    except OSError as error:
        if error.errno in _FULL:
            raise ExportFull(error.strerror or "") from error
        raise


def _export(job: dict[str, Any], work: Path) -> dict[str, Any]:
    if job["format"] == "zip":
        return _album(job, work)
    if job["format"] == "report":
        return _report(job, work)
    items, left_out = _parted(job, (*PICTURES, *VIDEOS) if job["format"] == "jpeg" else PICTURES)
    if len(items) == 1:
        progress(0.0)
        write, suffix, media_type = _writer(job, items[0], 0, 1)
        if not _written(write, items[0], Path(job["target"]), job, suffix, work):
            raise NothingToExport("it is gone or cannot be read")
        name = f"{safe_name(items[0]['title'])}{suffix}"
        return {"name": name, "media_type": media_type, "missing": [], "left_out": left_out}
    missing: list[str] = []
    with _archive(job["target"]) as archive:
        for number, item in _counted(items):
            write, suffix, _ = _writer(job, item, number - 1, len(items))
            made = work / f"made{suffix}"
            if _written(write, item, made, job, suffix, work):
                archive.write(made, numbered(number, len(items), item["title"], suffix))
                made.unlink()
            else:
                missing.append(item["id"])
        if len(missing) == len(items):
            raise NothingToExport("all of it is gone")
    name = f"{safe_name(job['title'], 'album')}.zip"
    media_type = "application/zip"
    return {"name": name, "media_type": media_type, "missing": missing, "left_out": left_out}


def _parted(job: dict[str, Any], kinds: tuple[str, ...]) -> tuple[list[Item], list[str]]:
    """Return what a format holds, and the ids of what it does not."""
    items = [item for item in job["items"] if item["media_type"] in kinds]
    return items, [item["id"] for item in job["items"] if item["media_type"] not in kinds]


def _writer(job: dict[str, Any], item: Item, done: int, count: int) -> tuple[Writer, str, str]:
    """Return what writes an item, and the suffix and media type of what it writes."""
    if item["media_type"] not in VIDEOS:
        return _WRITERS[job["format"]]

    def write(item: Item, target: Path, job: dict[str, Any]) -> None:
        as_mp4(item, target, job, lambda fraction: progress((done + fraction) / count))

    return write, ".mp4", "video/mp4"


def _album(job: dict[str, Any], work: Path) -> dict[str, Any]:
    """Write pictures as they are, copies with marks, tables and a page that opens offline."""
    items, labels = job["items"], job["labels"]
    missing: list[str] = []
    with _archive(job["target"]) as archive:
        for number, item in _counted(items):
            suffix = SUFFIXES.get(item["media_type"], ".bin")
            name = numbered(number, len(items), item["title"], suffix)
            item["file"] = f"pictures/{name}"
            try:
                _put(archive, Path(item["source"]), item["file"])
            except FileNotFoundError:
                item["file"] = None
                missing.append(item["id"])
                continue
            if job["marks"] and item["media_type"] in PICTURES:
                made = work / "made.jpg"
                if _written(_as_jpeg, item, made, job, ".jpg", work):
                    item["marked"] = f"with-marks/{Path(name).stem}.jpg"
                    archive.write(made, item["marked"])
        if len(missing) == len(items):
            raise NothingToExport("all of it is gone")
        texts = {
            "index.html": index_page(job["title"], items, labels, job["language"]),
            "captures.csv": table([item for item in items if item["file"]], labels),
            "measurements.csv": measurements(items, labels),
        }
        for name, text in texts.items():
            about = zipfile.ZipInfo(name, _STAMP)
            about.compress_type = zipfile.ZIP_DEFLATED
            about.external_attr = 0o644 << 16
            archive.writestr(about, text)
    name = f"{safe_name(job['title'], 'album')}.zip"
    return {"name": name, "media_type": "application/zip", "missing": missing, "left_out": []}


def _report(job: dict[str, Any], work: Path) -> dict[str, Any]:
    missing = []
    items, left_out = _parted(job, PICTURES)
    limits = {**job, "max_side": _REPORT_SIDE, "max_bytes": 1 << 20}
    for _, item in _counted(items):
        made = work / "made.jpg"
        item["file"], item["picture"] = "", ""
        if _written(_as_jpeg, item, made, limits, ".jpg", work):
            encoded = base64.b64encode(made.read_bytes()).decode()
            item["picture"] = f"data:image/jpeg;base64,{encoded}"
        else:
            missing.append(item["id"])
    if len(missing) == len(items):
        raise NothingToExport("all of it is gone")
    text = report_page(job["title"], items, job["labels"], job["language"])
    Path(job["target"]).write_text(text, "utf-8")
    name = f"{safe_name(job['title'], 'report')}.html"
    return {"name": name, "media_type": "text/html", "missing": missing, "left_out": left_out}


def _counted(items: list[Item]) -> Iterator[tuple[int, Item]]:
    if not items:
        raise NothingToExport("no pictures")
    for number, item in enumerate(items, 1):
        progress((number - 1) / len(items))
        yield number, item


def _archive(target: str) -> zipfile.ZipFile:
    # Pictures are compressed already: stored, they cost no time and can be read while cut off.
    return zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, strict_timestamps=False)


def _put(archive: zipfile.ZipFile, source: Path, name: str) -> None:
    # Opened first: what is deleted from now on can still be read to its end.
    with source.open("rb") as file:
        about = zipfile.ZipInfo(name, _STAMP)
        about.external_attr = 0o644 << 16
        with archive.open(about, "w", force_zip64=True) as entry:
            shutil.copyfileobj(file, entry, 1 << 20)


def _written(
    write: Writer, item: Item, target: Path, job: dict[str, Any], suffix: str, work: Path
) -> bool:
    """Write one picture whole or not at all; False where its file is gone or cannot be read."""
    made = work / f"part{suffix}"
    held = work / "source"
    try:
        # A copy by name of its own, so that it cannot go away between two looks.
        held.unlink(missing_ok=True)
        try:
            held.hardlink_to(item["source"])
        except OSError as error:
            if error.errno not in _NO_LINK:
                raise
            shutil.copyfile(item["source"], held)
    except FileNotFoundError:
        return False
    try:
        write({**item, "source": str(held)}, made, job)
    except OSError as error:
        if error.errno is not None:  # else Pillow's, of a picture that is cut off or none
            raise
        return False
    except ProgramHadNoRoom as error:
        raise ExportFull(error.detail) from error
    except (*_UNREADABLE, ProgramFailed):
        return False
    made.replace(target)
    return True


def _as_png(item: Item, target: Path, _job: dict[str, Any]) -> None:
    burn(item["source"], str(target), item["drawing"])


def _as_jpeg(item: Item, target: Path, job: dict[str, Any]) -> None:
    """Write a JPEG within `max_side` and `max_bytes` of the job, as good as they allow."""
    burn(item["source"], str(target), item["drawing"])
    side, most = job.get("max_side") or 1 << 30, job.get("max_bytes") or 1 << 30
    with Image.open(target) as opened:
        if max(opened.size) <= side and target.stat().st_size <= most:
            return
        picture = opened.convert("RGB")
    side = min(side, max(picture.size))
    while True:
        small = picture.copy()
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
        for quality in _QUALITIES:
            out = io.BytesIO()
            small.save(out, "JPEG", quality=quality, optimize=True)
            if out.tell() <= most:
                target.write_bytes(out.getvalue())
                return
        side = int(side * 0.8)


def _as_ome(item: Item, target: Path, _job: dict[str, Any]) -> None:
    from plugins.microscopy.exporting import ome  # noqa: PLC0415 - only where it is asked for

    ome.write(item["source"], str(target), item)


_WRITERS: dict[str, tuple[Writer, str, str]] = {
    "png": (_as_png, ".png", "image/png"),
    "jpeg": (_as_jpeg, ".jpg", "image/jpeg"),
    "ome-tiff": (_as_ome, ".ome.tif", "image/tiff"),
}
