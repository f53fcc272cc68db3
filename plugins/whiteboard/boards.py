"""What people do with boards beside drawing: make, name, lock, clear, delete them."""

from typing import Any

from hub.errors import NotFound
from hub.plugin import Asset, PluginHub, Principal, check
from hub.school import clean_name
from hub.store import Page
from plugins.whiteboard import pages
from plugins.whiteboard.behind import Pictures
from plugins.whiteboard.documents.document import ITEMS
from plugins.whiteboard.errors import NoLesson
from plugins.whiteboard.names import SHARED, kind_of, teaches
from plugins.whiteboard.register import Board, Register
from plugins.whiteboard.shown import summary, whole
from plugins.whiteboard.sync.room import Room
from plugins.whiteboard.sync.rooms import ELEMENT, Rooms

TITLE_LIMIT = 200


class Boards:
    """Boards, judged by who asks."""

    def __init__(
        self, hub: PluginHub, register: Register, rooms: Rooms, pictures: Pictures
    ) -> None:
        self._hub = hub
        self._register = register
        self._rooms = rooms
        self._pictures = pictures

    async def make(self, title: str, lesson: str | None, by: Principal) -> dict[str, Any]:
        """Make a board with one page.

        Raises:
            NoLesson: none is named and none runs that could be meant.
            NotFound, BadName, TooManyBoards.
        """
        school = self._hub.school
        found = await (school.default_lesson(by) if lesson is None else school.lesson(lesson))
        if found is None:
            raise NoLesson
        title = clean_name(title or found.title, field="title", limit=TITLE_LIMIT)
        board = await self._register.add(title, found.id, by.owner, pages.first_page())
        await self._hub.audit.note(by, "whiteboard.make", board.id, {"title": title})
        await self._tell("made", board)
        return await self.get(board.id, by)

    async def listed(
        self, lesson: str | None, by: Principal, *, cursor: str | None, limit: int
    ) -> Page[Board]:
        """Return the boards that somebody may see."""
        if lesson is not None:
            found = await self._hub.school.lesson(lesson)
            check(by, self._hub.school.lesson_access(found))
            return await self._register.of([lesson], cursor=cursor, limit=limit)
        own = None if teaches(by) else [by.lesson] if by.lesson else []
        return await self._register.of(own, cursor=cursor, limit=limit)

    async def get(self, board: str, by: Principal) -> dict[str, Any]:
        """Return a board as JSON-ready data. Raises `NotFound`, `Forbidden`."""
        async with self._rooms.use(board) as room:
            room.check_see(by)
            return whole(room, by)

    async def edit(self, board: str, changes: dict[str, Any], by: Principal) -> dict[str, Any]:
        """Change title, lock, pen, lead, page. Raises `NotFound`, `BadName`."""
        async with self._rooms.use(board) as room:
            if changes.get("title"):
                title = clean_name(changes["title"], field="title", limit=TITLE_LIMIT)
                self._rooms.renamed(await self._register.rename(board, title))
            tools: dict[str, Any] = {
                key: changes[key]
                for key in ("locked", "pen", "follow", "table", "page")
                if key in changes
            }
            if "page" in tools:
                _page(room, tools["page"])
            if tools:
                await room.change(SHARED, pages.set_tools(tools), by.owner)
            await self._hub.audit.note(by, "whiteboard.edit", board, changes)
            await self._tell("edited", room.board)
            return whole(room, by)

    async def delete(self, board: str, by: Principal) -> None:
        """Delete a board and send everybody away from it. Raises `NotFound`."""
        found = await self._register.get(board)
        await self._register.delete(board)
        await self._rooms.closed(board)
        await self._pictures.sweep()
        await self._hub.audit.note(by, "whiteboard.delete", board, {"title": found.title})
        await self._tell("deleted", found)

    async def add_pages(
        self, board: str, given: list[dict[str, Any]], after: str | None, by: Principal
    ) -> list[str]:
        """Add pages, all or none; returns their ids. Raises `NotFound`, `TooManyBoards`."""
        async with self._rooms.use(board) as room:
            if after is not None:
                _page(room, after)
            made = {pages.new_key(): one for one in given}
            await room.change(SHARED, pages.add_pages(made, room.pages, after), by.owner)
            return list(made)

    async def edit_page(
        self, board: str, page: str, changes: dict[str, Any], by: Principal
    ) -> dict[str, Any]:
        """Change a page. Raises `NotFound`."""
        async with self._rooms.use(board) as room:
            now = _page(room, page)
            await room.change(SHARED, pages.edit_page(page, now, changes), by.owner)
            return whole(room, by)

    async def delete_page(self, board: str, page: str, by: Principal) -> None:
        """Take a page away with what is on it. Raises `NotFound`, `LastPage`."""
        async with self._rooms.use(board) as room:
            _page(room, page)
            await room.change(SHARED, pages.delete_page(page, room.pages), by.owner)
            await self._clear(room, page, None, by)
            await self._hub.audit.note(by, "whiteboard.page.delete", board, {"page": page})

    async def edit_layer(
        self, board: str, document: str, changes: dict[str, Any], by: Principal
    ) -> dict[str, Any]:
        """Hide or lock an author's layer. Raises `NotFound`."""
        async with self._rooms.use(board) as room:
            if document not in room.documents or document == SHARED:
                raise NotFound(f"layer {document[:100]}")
            now = room.layers.get(document)
            kept = now if isinstance(now, dict) else {}
            await room.change(SHARED, pages.edit_layer(document, kept, changes), by.owner)
            return whole(room, by)

    async def clear(
        self, board: str, page: str | None, documents: list[str] | None, by: Principal
    ) -> None:
        """Take items off. Raises `NotFound`."""
        async with self._rooms.use(board) as room:
            if page is not None:
                _page(room, page)
            await self._clear(room, page, documents, by)
            detail = {"page": page, "documents": documents}
            await self._hub.audit.note(by, "whiteboard.clear", board, detail)

    async def show(self, board: str, by: Principal) -> None:
        """Put a board on the class's screen. Raises `NotFound`."""
        async with self._rooms.use(board) as room:
            room.check_see(by)
            self._hub.show(ELEMENT, {"board": board}, room.board.title)

    async def picture(self, board: str, asset: str, by: Principal) -> Asset:
        """Return a picture that lies on the board, for everybody who sees the board.

        A background was put there by a teacher. A picture among somebody's items counts only where
        it is their own: writing an id down is no right to see what it names.

        Raises:
            NotFound: it does not lie there, or it is neither PNG nor JPEG.
        """
        async with self._rooms.use(board) as room:
            room.check_see(by)
            found = await self._hub.assets.get(asset)
            if found.media_type not in ("image/png", "image/jpeg"):
                raise NotFound(f"asset {asset} is {found.media_type}")
            behind = [one.get("background") for _, one in room.seen_pages(by)]
            if any(isinstance(one, dict) and one.get("asset") == asset for one in behind):
                return found
            name = f"person:{found.owner}"
            if name in room.documents and room.sees(by, name):
                items = (await room.document(name)).root(ITEMS).values()
                if any(isinstance(one, dict) and one.get("asset") == asset for one in items):
                    return found
        raise NotFound(f"asset {asset} on board {board}")

    async def _clear(
        self, room: Room, page: str | None, documents: list[str] | None, by: Principal
    ) -> None:
        for name in tuple(room.documents):
            known = room.documents[name]
            wanted = documents is None or name in documents
            if wanted and kind_of(name) != SHARED and (known.row is not None or known.size):
                await room.change(name, pages.take_off(page), by.owner)

    async def _tell(self, change: str, board: Board) -> None:
        lesson = await self._hub.school.lesson(board.lesson)
        audience = self._hub.school.lesson_access(lesson)
        told = {"change": change, "board": summary(board)}
        self._hub.publish(f"boards/{board.id}", told, audience=audience)


def _page(room: Room, page: str) -> dict[str, Any]:
    """Return a page of a board. Raises `NotFound`."""
    for key, one in room.pages:
        if key == page:
            return one
    raise NotFound(f"page {page[:100]}")
