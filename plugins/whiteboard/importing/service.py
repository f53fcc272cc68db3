"""A file becomes pages: taken in, rendered as an operation, put behind the last page."""

import asyncio
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hub.errors import TooMany
from hub.ids import new_id
from hub.plugin import N_, Operation, PluginHub, Principal
from plugins.whiteboard.behind import Pictures
from plugins.whiteboard.boards import Boards
from plugins.whiteboard.errors import NoPages
from plugins.whiteboard.sync.rooms import Rooms

TITLE = N_("Pages of a file")
_SHEET = (1920.0, 1080.0)
_SECONDS = 300.0
_MEMORY = 1 << 30
_MOST_OF_ONE = 2
_PDF_BEGINS_WITHIN = 1024
_TITLE_LIMIT = 100


class Imports:
    """Makes pages of files."""

    def __init__(self, hub: PluginHub, rooms: Rooms, boards: Boards, pictures: Pictures) -> None:
        self._hub = hub
        self._rooms = rooms
        self._boards = boards
        self._pictures = pictures
        self._folder = hub.work / "imports"
        self._making: Counter[str] = Counter()

    async def start(self) -> None:
        """Forget what an earlier run left half made."""
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    async def begin(
        self, board: str, source: Path, name: str, after: str | None, by: Principal
    ) -> Operation:
        """Make pages of a file, which is moved away; the result has their ids as `pages`.

        Args:
            board: its id.
            source: the file.
            name: what it is called; the pages are called so.
            after: behind this page; None is the end.
            by: a teacher.

        Raises:
            NotFound: there is no such board.
            NoPages: it is neither PDF nor JPEG nor PNG.
            TooMany: `by` has two files made into pages already.
        """
        if self._making[by.owner] >= _MOST_OF_ONE:
            raise TooMany("two files are being made into pages")
        async with self._rooms.use(board) as room:
            room.check_see(by)
        media_type = await asyncio.to_thread(_kind, source)
        folder = self._folder / new_id()
        file = await asyncio.to_thread(_taken, source, folder)
        title = " ".join(name.split())[:_TITLE_LIMIT]
        self._making[by.owner] += 1

        async def work(progress: Callable[[float, str], None]) -> dict[str, Any]:
            try:
                return await self._make(board, file, media_type, title, after, by, progress)
            finally:
                self._making[by.owner] -= 1
                self._making += Counter()
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

        return self._hub.operations.start(
            action="board-pages", by=by, work=work, title=TITLE, limit=_SECONDS + 60
        )

    async def _make(
        self,
        board: str,
        file: Path,
        media_type: str,
        title: str,
        after: str | None,
        by: Principal,
        progress: Callable[[float, str], None],
    ) -> dict[str, Any]:
        found: list[dict[str, Any]] = [
            {"path": str(file), "media_type": media_type, "width": 0, "height": 0}
        ]
        if media_type == "application/pdf":
            found = await self._hub.workers.run(
                "plugins.whiteboard.importing.work:render",
                str(file),
                str(file.parent),
                timeout=_SECONDS,
                memory=_MEMORY,
                urgent=True,
                progress=lambda fraction, message: progress(fraction * 0.8, message),
            )
        kept: list[str] = []
        try:
            async with self._rooms.use(board) as room:
                given = []
                for number, one in enumerate(found, 1):
                    named = title if len(found) == 1 else f"{title} {number}"
                    asset = await self._pictures.keep(
                        room, Path(one["path"]), one["media_type"], named or TITLE, by
                    )
                    kept.append(asset.id)
                    size = (one["width"] or asset.width, one["height"] or asset.height)
                    given.append(_page(named, asset.id, size))
                    progress(0.8 + 0.2 * number / len(found), "")
                pages = await self._boards.add_pages(board, given, after, by)
        except BaseException:
            await self._pictures.drop(kept)
            raise
        return {"board": board, "pages": pages}


def _page(title: str, asset: str, size: tuple[float, float]) -> dict[str, Any]:
    """Return a page whose picture lies in the middle of the sheet, as large as fits."""
    scale = min(_SHEET[0] / size[0], _SHEET[1] / size[1])
    width, height = size[0] * scale, size[1] * scale
    behind = {
        "kind": "picture",
        "asset": asset,
        "x": (_SHEET[0] - width) / 2,
        "y": (_SHEET[1] - height) / 2,
        "width": width,
        "height": height,
    }
    return {"title": title, "hidden": False, "locked": False, "background": behind}


def _kind(source: Path) -> str:
    """Tell what a file is by its first bytes. Raises `NoPages`."""
    with source.open("rb") as file:
        head = file.read(_PDF_BEGINS_WITHIN)
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if b"%PDF-" in head:
        return "application/pdf"
    raise NoPages(f"begins with {head[:8].hex()}")


def _taken(source: Path, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    # The same disk: a rename.
    return source.rename(folder / "source")
