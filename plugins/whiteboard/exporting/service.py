"""Exports from the hub's side: who gets what of a board, and the file while it is fetched."""

import asyncio
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

from hub.errors import TooMany
from hub.filenames import safe_name
from hub.ids import new_id
from hub.plugin import N_, HubError, PluginHub, Principal
from plugins.whiteboard.boards import Boards
from plugins.whiteboard.errors import ExportFull, NothingToSave
from plugins.whiteboard.names import SHARED, kind_of
from plugins.whiteboard.sync.room import Room
from plugins.whiteboard.sync.rooms import Rooms

Format = Literal["svg", "png", "pdf", "inkml"]
MEDIA_TYPES: dict[Format, str] = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "pdf": "application/pdf",
    "inkml": "application/inkml+xml",
}
_SECONDS = 300.0
_MEMORY = 1536 << 20
_MOST_OF_ONE = 2
_RESERVE = 256 << 20
_CHUNK = 1 << 18
PANEL_NAME = N_("Class screen")
PAGE_NAME = N_("Page {n}")


@dataclass(frozen=True, slots=True)
class Made:
    """A file that has no name any more: it is gone when it is closed. `size`: in bytes."""

    file: BinaryIO
    size: int
    name: str
    media_type: str

    def chunks(self) -> Iterator[bytes]:
        """Read it to its end, and close it."""
        with self.file:
            while chunk := self.file.read(_CHUNK):
                yield chunk


class Exports:
    """Makes files of boards."""

    def __init__(self, hub: PluginHub, rooms: Rooms, boards: Boards) -> None:
        self._hub = hub
        self._rooms = rooms
        self._boards = boards
        self._folder = hub.work / "exports"
        self._making: Counter[str] = Counter()

    async def start(self) -> None:
        """Forget what an earlier run left half made."""
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    async def make(
        self, board: str, form: Format, page: str | None, by: Principal, language: str
    ) -> Made:
        """Make a file of a board.

        Args:
            board: its id.
            form: of the file.
            page: only this one. None: all of them as PDF and InkML, else that on which pens write.
            by: gets what they may see; teachers also what is hidden.
            language: of what the hub itself writes into it.

        Raises:
            NotFound, Forbidden: there is no such board for `by`.
            NothingToSave: no such page.
            ExportFull: the disk is full.
            TooMany: `by` has two of them made already.
        """
        if self._making[by.owner] >= _MOST_OF_ONE:
            raise TooMany("two exports are being made")
        self._making[by.owner] += 1
        folder = self._folder / new_id()
        try:
            async with self._rooms.use(board) as room:
                room.check_see(by)
                await room.settle()
                job = await self._job(room, form, page, by, language, folder)
                await self._run(room, job, by)
                title = room.board.title
            if len(job["pages"]) == 1 and job["pages"][0]["title"]:
                title = f"{title} {job['pages'][0]['title']}"
            name = f"{safe_name(title, 'board')}.{form}"
            file, size = await asyncio.to_thread(_opened, Path(job["target"]))
        finally:
            self._making[by.owner] -= 1
            self._making += Counter()
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        return Made(file, size, name, MEDIA_TYPES[form])

    async def _job(
        self,
        room: Room,
        form: Format,
        page: str | None,
        by: Principal,
        language: str,
        folder: Path,
    ) -> dict[str, Any]:
        pages = room.seen_pages(by)
        if page is None and form in ("svg", "png"):
            page = room.page
        chosen = [
            self._page(key, one, number, language)
            for number, (key, one) in enumerate(pages, 1)
            if page in (None, key)
        ]
        if not chosen:
            raise NothingToSave(f"page {page or ''}"[:100])
        names = [name for name in room.documents if name != SHARED and room.sees(by, name)]
        documents, size = [], 0
        for number, name in enumerate(names):
            whole = (await room.document(name)).whole()
            size += len(whole)
            documents.append(
                {"name": name, "file": str(folder / f"{number}.update"), "data": whole}
            )
        await asyncio.to_thread(_written, folder, documents, size)
        behind = {str(one["background"]["asset"]) for one in chosen if _is_picture(one)}
        return {
            "format": form,
            "target": str(folder / f"made.{form}"),
            "title": room.board.title,
            "pages": chosen,
            "documents": documents,
            "names": {
                name: self._hub.say.say(PANEL_NAME, language)
                if kind_of(name) == "panel"
                else room.title(name)
                for name in names
            },
            "faint": [name for name in names if room.is_hidden(name)],
            "pictures": await self._found(room, behind, by),
        }

    def _page(self, key: str, one: dict[str, Any], number: int, language: str) -> dict[str, Any]:
        title, background = one.get("title"), one.get("background")
        if not isinstance(title, str) or not title:
            title = self._hub.say.say(PAGE_NAME, language, {"n": number})
        kept = background if isinstance(background, dict) else None
        return {"id": key, "title": title, "background": kept}

    async def _run(self, room: Room, job: dict[str, Any], by: Principal) -> None:
        for _ in range(2):
            # Somebody waits for it.
            made = await self._hub.workers.run(
                "plugins.whiteboard.exporting.work:export",
                job,
                timeout=_SECONDS,
                memory=_MEMORY,
                urgent=True,
            )
            if not made:
                return
            wants = set(made["wants"])
            job["pictures"] |= dict.fromkeys(wants) | await self._found(room, wants, by)
        raise NothingToSave("its pictures change all the time")

    async def _found(self, room: Room, assets: set[str], by: Principal) -> dict[str, Any]:
        found: dict[str, Any] = dict.fromkeys(assets)
        for asset in assets:
            try:
                picture = await self._boards.picture(room.board.id, asset, by)
                path = await asyncio.to_thread(self._hub.assets.content, picture)
            except HubError:
                continue  # gone, or not for them: the page has an empty place there, too
            found[asset] = [str(path), picture.media_type]
        return found


def _is_picture(page: dict[str, Any]) -> bool:
    background = page["background"]
    return isinstance(background, dict) and isinstance(background.get("asset"), str)


def _written(folder: Path, documents: list[dict[str, Any]], size: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(folder).free < _RESERVE + 8 * size:
        raise ExportFull("no room for an export")
    for document in documents:
        Path(document["file"]).write_bytes(document.pop("data"))


def _opened(target: Path) -> tuple[BinaryIO, int]:
    file = target.open("rb")
    return file, target.stat().st_size
