"""Exports: asked for, made in a worker as an operation, fetched for an hour, then gone."""

import asyncio
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from hub import __version__
from hub.errors import NotFound, TooMany
from hub.ids import new_id
from hub.plugin import (
    FOR_PEOPLE,
    Access,
    Asset,
    Lesson,
    Operation,
    PluginHub,
    Principal,
    Role,
    check,
    may,
    when,
)
from plugins.microscopy.exporting.errors import (
    ExportFull,
    ExportGone,
    NothingToExport,
    TooManyPictures,
    UnknownPreset,
)
from plugins.microscopy.exporting.presets import Preset, presets
from plugins.microscopy.exporting.words import LABELS, TITLE
from plugins.microscopy.measuring import Layer, Layers, measured, summed_up
from plugins.microscopy.measuring.drawing import drawing
from plugins.microscopy.measuring.words import KIND_WORDS, say, value_text
from plugins.microscopy.scales import scale_of

Format = Literal["zip", "png", "jpeg", "ome-tiff", "report"]

MOST = 1000
"""Pictures of one export."""
MOST_DECODED = 200
"""Pictures of one export that are decoded: anything but a ZIP of the files as they are."""
KEPT = 3600.0
"""Seconds for which a file can be fetched."""
_MOST_FILES = 12
_MOST_OF_ONE = 2
_RESERVE = 256 << 20
_LIMIT = 900.0
_MEMORY = 1536 << 20
_LIMIT_OF_VIDEOS = 3600.0
_MEMORY_OF_VIDEOS = 3 << 30
_DECODED = 8 << 20
"""Bytes that a large picture which is encoded anew takes on the disk, in all likelihood."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What shall be exported, and how.

    Attributes:
        assets: their ids, in the order wanted; or all of `lesson`.
        handed_in: of a lesson, only what was handed in.
        preset: a platform's limits for pictures and videos; None for none.
        scale_bar: draw one where the scale is known.
        annotations: draw what people have drawn on them.
        language: of units, labels and headings.
    """

    format: Format
    language: str
    assets: tuple[str, ...] = ()
    lesson: str | None = None
    handed_in: bool = False
    preset: str | None = None
    scale_bar: bool = True
    annotations: bool = True


@dataclass(frozen=True, slots=True)
class Ready:
    """A file to be fetched."""

    path: Path
    name: str
    media_type: str
    owner: str
    expiry: asyncio.TimerHandle = field(compare=False)


class Exports:
    """Makes files of pictures and keeps each for an hour, a dozen at most."""

    def __init__(self, hub: PluginHub, layers: Layers) -> None:
        self._hub = hub
        self._layers = layers
        self._folder = hub.work / "exports"
        self._ready: dict[str, Ready] = {}
        self._making: dict[str, str] = {}
        self.presets: Mapping[str, Preset] = presets(hub.settings)

    async def start(self) -> None:
        """Forget the files of an earlier run."""
        await asyncio.to_thread(_emptied, self._folder)

    async def stop(self) -> None:
        """Forget all files."""
        for export in list(self._ready):
            self._forget(export)
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    async def begin(self, wish: Wish, *, by: Principal) -> Operation:
        """Start an export; the operation's result says where its file is.

        Raises:
            NotFound: there is no such lesson.
            Forbidden: something of it is not for `by` to see.
            NothingToExport: none of it is there, or fits the format.
            TooManyPictures: it is too much for one file.
            UnknownPreset: the settings know no such platform.
            ExportFull: there is no room for it.
            TooMany: `by` has two exports under way.
        """
        if wish.preset is not None and wish.preset not in self.presets:
            raise UnknownPreset(wish.preset)
        if list(self._making.values()).count(by.owner) >= _MOST_OF_ONE:
            raise TooMany("two exports are being made")
        lesson, chosen = await self._chosen(wish, by)
        decodes = wish.format != "zip" or wish.scale_bar or wish.annotations
        if not chosen:
            raise NothingToExport("nothing was chosen")
        if len(chosen) > (MOST_DECODED if wish.format != "zip" else MOST):
            raise TooManyPictures(f"{len(chosen)} pictures")
        size = sum(asset.size + (_encoded(asset) if decodes else 0) for asset in chosen)
        await asyncio.to_thread(_check_room, self._folder, size)
        export = new_id()
        self._making[export] = by.owner

        async def work(progress: Any) -> dict[str, Any]:
            try:
                return await self._make(export, wish, lesson, chosen, by, progress)
            finally:
                self._making.pop(export, None)

        try:
            operation = self._hub.operations.start(
                action="export", by=by, work=work, title=TITLE, limit=_LIMIT_OF_VIDEOS + 60
            )
        except BaseException:
            self._making.pop(export, None)
            raise
        return operation

    def file(self, export: str, *, by: Principal) -> Ready:
        """Return a file that was made.

        Raises:
            ExportGone: it is not kept any more, or never was.
            Forbidden: it is somebody else's.
        """
        ready = self._ready.get(export)
        if ready is None or not ready.path.is_file():
            raise ExportGone(export)
        check(by, Access(role=Role.PUPIL, persons=frozenset({ready.owner}), private=True))
        return ready

    async def _chosen(self, wish: Wish, by: Principal) -> tuple[Lesson | None, list[Asset]]:
        if wish.lesson is None:
            found = []
            for asset in dict.fromkeys(wish.assets):
                # What was deleted since it was chosen is no reason to refuse the rest.
                try:
                    one = await self._hub.assets.get(asset)
                except NotFound:
                    continue
                check(by, self._hub.assets.access(one, "view"))
                found.append(one)
            lessons = {one.lesson for one in found}
            only = lessons.pop() if len(lessons) == 1 else None
            return None if only is None else await self._hub.school.lesson(only), found
        lesson = await self._hub.school.lesson(wish.lesson)
        check(by, self._hub.school.lesson_access(lesson))
        found, cursor = [], None
        while len(found) <= MOST:
            page = await self._hub.assets.list(
                visible_to=by,
                lesson=lesson.id,
                media_type=FOR_PEOPLE,
                handed_in=True if wish.handed_in else None,
                order="oldest",
                cursor=cursor,
                limit=200,
            )
            found += page.items
            cursor = page.next
            if cursor is None:
                break
        return lesson, found

    async def _make(
        self,
        export: str,
        wish: Wish,
        lesson: Lesson | None,
        chosen: Sequence[Asset],
        by: Principal,
        progress: Any,
    ) -> dict[str, Any]:
        items = [await self._item(asset, wish, lesson, by) for asset in chosen]
        target = self._folder / export
        preset = None if wish.preset is None else self.presets[wish.preset]
        job = {
            "format": wish.format,
            "target": str(target),
            "title": lesson.title if lesson is not None else say(TITLE, wish.language),
            "items": items,
            "labels": {name: say(text, wish.language) for name, text in LABELS.items()},
            "language": wish.language,
            "marks": wish.scale_bar or wish.annotations,
            "max_side": None if preset is None else preset.max_side,
            "max_bytes": None if preset is None else preset.max_bytes,
            "max_video_bytes": None if preset is None else preset.max_video_bytes,
        }
        limit, memory = _LIMIT, _MEMORY
        if wish.format == "jpeg" and any(asset.is_video for asset in chosen):
            limit, memory = _LIMIT_OF_VIDEOS, _MEMORY_OF_VIDEOS
        try:
            made = await self._hub.workers.run(
                "plugins.microscopy.exporting.work:export",
                job,
                timeout=limit,
                memory=memory,
                progress=progress,
            )
        except BaseException:
            await asyncio.to_thread(_cleared, target)
            raise
        size = await asyncio.to_thread(lambda: target.stat().st_size)
        self._keep(
            export, Ready(target, made["name"], made["media_type"], by.owner, self._timer(export))
        )
        return {
            "export": export,
            "file": f"/api/v1/exports/{export}/file",
            "name": made["name"],
            "media_type": made["media_type"],
            "size": size,
            "missing": made["missing"],
            "left_out": made["left_out"],
        }

    async def _item(
        self, asset: Asset, wish: Wish, lesson: Lesson | None, by: Principal
    ) -> dict[str, Any]:
        scale = scale_of(asset)
        layers: list[Layer] = []
        if asset.is_picture and asset.width and asset.height:
            layers = await self._layers.of(asset, by=by)
        own = may(by, self._hub.assets.access(asset, "edit"))
        same = lesson is not None and lesson.id == asset.lesson
        return {
            "id": asset.id,
            "source": str(self._hub.files.path(asset.sha256)),
            "media_type": asset.media_type,
            "title": asset.title,
            "note": asset.note,
            "author": asset.owner_name,
            "taken": datetime.fromtimestamp(asset.created).astimezone().strftime("%d.%m.%Y %H:%M"),
            "when": when(asset.created),
            "lesson": lesson.title if lesson is not None and same else "",
            "device": _text(asset.info.get("device_name")),
            "objective": _text(asset.info.get("objective")),
            "scale": scale,
            "scale_words": "" if scale is None else value_text(scale, "", wish.language),
            "software": f"classroom-hub {__version__}",
            "question": lesson.question if lesson is not None and same else "",
            "answer": asset.answer if own else "",
            "drawing": drawing(
                layers if wish.annotations else [],
                scale=scale,
                width=asset.width,
                language=wish.language,
                bar=wish.scale_bar,
            ),
            **_measured(layers, scale, wish.language),
        }

    def _timer(self, export: str) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(KEPT, self._forget, export)

    def _keep(self, export: str, ready: Ready) -> None:
        self._ready[export] = ready
        while len(self._ready) > _MOST_FILES:
            self._forget(next(iter(self._ready)))

    def _forget(self, export: str) -> None:
        ready = self._ready.pop(export, None)
        if ready is not None:
            ready.expiry.cancel()
            ready.path.unlink(missing_ok=True)


def _measured(layers: Sequence[Layer], scale: float | None, language: str) -> dict[str, Any]:
    found = [(shape, measured(shape, scale)) for layer in layers for shape in layer.shapes]
    rows = [
        {
            "kind": say(KIND_WORDS[shape.kind], language),
            "text": shape.text,
            "value": each.value,
            "unit": each.unit,
            "words": "" if each.value is None else value_text(each.value, each.unit, language),
        }
        for shape, each in found
        if each.value is not None or shape.text
    ]
    means = [
        {
            "kind": say(KIND_WORDS[one.kind], language),
            "words": value_text(one.mean, one.unit, language)
            + (
                ""
                if one.deviation is None
                else f" ± {value_text(one.deviation, one.unit, language)}"
            ),
        }
        for one in summed_up(found)
        if one.n > 1
    ]
    return {"measured": rows, "means": means}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _emptied(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)


def _cleared(target: Path) -> None:
    target.unlink(missing_ok=True)
    # A worker that was ended leaves its folder.
    for left in target.parent.glob(f"{target.name}-*"):
        shutil.rmtree(left, ignore_errors=True)


def _encoded(asset: Asset) -> int:
    """Return the bytes that something encoded anew takes.

    A picture takes never more than its pixels in colours, a video no more than it has.
    """
    if asset.is_video:
        return asset.size
    return min(_DECODED, 3 * asset.width * asset.height or _DECODED)


def _check_room(folder: Path, size: int) -> None:
    about = os.statvfs(folder)
    left = about.f_bavail * about.f_frsize - size
    if left < _RESERVE:
        raise ExportFull(f"{size} bytes are needed, {left} would be left")
