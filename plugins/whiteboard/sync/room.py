"""An open board: its documents, who may write them, and everybody who is there."""

import asyncio
import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hub import clock
from hub.errors import Forbidden
from hub.plugin import HubError, Lesson, PluginHub, Principal, may
from plugins.whiteboard import wire
from plugins.whiteboard.documents.document import BOARD, LAYERS, PAGES, Document
from plugins.whiteboard.documents.probe import Probe
from plugins.whiteboard.documents.shelf import Shelf
from plugins.whiteboard.documents.writer import FULL, Entry, Writer
from plugins.whiteboard.errors import BoardLocked, TooManyBoards, TooMuch
from plugins.whiteboard.names import (
    PANEL,
    SHARED,
    is_display,
    kind_of,
    own_document,
    page_of,
    person_of,
    teaches,
)
from plugins.whiteboard.register import Board
from plugins.whiteboard.sync.live import Live

if TYPE_CHECKING:
    from plugins.whiteboard.sync.connection import Connection

MOST_DOCUMENTS = 200
INK = "#14221f"
# Told apart on white and by who is colour-blind (after Okabe and Ito), dark enough to read.
COLOURS = (
    "#0b5cad", "#c2410c", "#047857", "#a21caf", "#a16207", "#0e7490", "#be123c", "#4d7c0f",
    "#6d28d9", "#9a3412", "#0369a1", "#831843", "#365314", "#581c87", "#7c2d12", "#134e4a",
)  # fmt: skip


class Room:
    """A board in memory.

    Attributes:
        board: what is known of it beside its documents.
        lesson: to which it belongs.
        documents: by their names; some are not loaded.
        connections: who is there.
        shown: whether the class's screen shows it.
        idle_since: when the last one left; monotonic seconds.
    """

    def __init__(self, hub: PluginHub, shelf: Shelf, board: Board, lesson: Lesson) -> None:
        self._hub = hub
        self._shelf = shelf
        self.board = board
        self.lesson = lesson
        self.documents: dict[str, Document] = {}
        self.connections: set[Connection] = set()
        self.shown = False
        self.users = 0
        self.idle_since = time.monotonic()
        self.live = Live(self)
        self.view: tuple[object, dict[str, Any]] | None = None
        self._titles: dict[str, str] = {}
        self._loading: dict[str, asyncio.Lock] = {}
        self._writer = Writer(board.id, shelf, self._tell, self._spoilt)
        self._telling = False
        self._tools: dict[str, dict[str, Any]] = {}
        self._probes: dict[str, Probe] = {}

    async def open(self) -> None:
        """Read what documents there are, and load the shared one."""
        for document in await self._shelf.documents(self.board.id):
            self.documents[document.name] = document
        await self.learn_titles()
        await self.document(SHARED)
        self._look_at_shared()

    async def stop(self) -> None:
        """Write what waits, and end."""
        self.live.stop()
        await self._writer.stop()

    def close(self, code: int, reason: str) -> None:
        """Send everybody away."""
        for connection in tuple(self.connections):
            connection.socket.close(code, reason)

    async def settle(self) -> None:
        """Wait until what was drawn so far is on the disk."""
        await self._writer.settle()

    # Its documents.

    async def document(self, name: str) -> Document:
        """Return a document, loaded. Raises `Forbidden` where the board has none of this name."""
        found = self.documents.get(name)
        if found is None:
            raise Forbidden(f"no document {name[:100]}")
        if not found.loaded:
            async with self._loading.setdefault(name, asyncio.Lock()):
                if not found.loaded:
                    await self._writer.settle()
                    await self._shelf.load(found)
        return found

    def make(self, name: str, title: str) -> Document:
        """Return the document of this name; made where there is none. Raises `TooManyBoards`."""
        found = self.documents.get(name)
        if found is None:
            if len(self.documents) >= MOST_DOCUMENTS:
                raise TooManyBoards(f"{MOST_DOCUMENTS} documents")
            found = Document(name, self._free_colour())
            self.documents[name] = found
            self.tell_state()
        self._titles.setdefault(name, title)
        return found

    def write(self, entry: Entry) -> None:
        """Have an update written and told.

        Raises:
            TooMuch: the document is full.
        """
        if entry.document.size + len(entry.data) > FULL:
            raise TooMuch(f"{entry.document.name} has {entry.document.size} bytes")
        self._writer.add(entry)

    async def change(self, name: str, work: Callable[[Any], None], by: str) -> None:
        """Let the hub change a document, and wait until that is on the disk.

        Raises:
            TooMuch: the document is full.
            HubError: the store's problem; nothing was changed.
        """
        document = await self.document(name)
        if document.size > FULL:
            raise TooMuch(f"{name} has {document.size} bytes")
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def finish(error: HubError | None) -> None:
            if done.done():
                return
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)

        self._writer.add(Entry(document, document.change(work), by, own=True, done=finish))
        await done

    # Who may what.

    def own(self, principal: Principal) -> str | None:
        """Return the document in which somebody draws, None where they only look."""
        if is_display(principal) and not self.shown:
            return None
        return own_document(principal)

    def check_see(self, principal: Principal) -> None:
        """Raise `Forbidden` unless somebody may see the board."""
        if is_display(principal) and self.shown:
            return
        if not may(principal, self._hub.school.lesson_access(self.lesson)):
            raise Forbidden(f"{principal.id} is not in lesson {self.lesson.id}")

    def sees(self, principal: Principal, name: str) -> bool:
        """Tell whether somebody who sees the board sees what stands in a document."""
        return teaches(principal) or name == self.own(principal) or not self.is_hidden(name)

    def is_hidden(self, name: str) -> bool:
        """Tell whether pupils do not see a document: its layer, or the page of which it is."""
        page = page_of(name)
        if page is not None:
            known = self._tools.get(PAGES, {}).get(page)
            # Of a page that is gone, or of none: nobody is shown it again.
            return not isinstance(known, dict) or known.get("hidden") is True
        layer = self._tools.get(LAYERS, {}).get(name)
        return isinstance(layer, dict) and layer.get("hidden") is True

    @property
    def hides(self) -> bool:
        """Tell whether anything of it is hidden from pupils."""
        return any(self.is_hidden(name) for name in self.documents)

    def page_is_there(self, page: str | None) -> bool:
        """Tell whether the board has a page."""
        return page is not None and isinstance(self._tools.get(PAGES, {}).get(page), dict)

    def seen_pages(self, principal: Principal) -> list[tuple[str, dict[str, Any]]]:
        """Return the pages that somebody may see, in their order."""
        all_of_them = teaches(principal)
        return [page for page in self.pages if all_of_them or page[1].get("hidden") is not True]

    def check_write(self, principal: Principal, name: str) -> None:
        """Raise `Forbidden` or `BoardLocked` unless somebody may write a document now."""
        self.check_see(principal)
        if teaches(principal):
            return
        if name != self.own(principal):
            raise Forbidden(f"{principal.id} wants to write {name[:100]}")
        self.check_unlocked(name)

    def check_unlocked(self, name: str) -> None:
        """Raise `BoardLocked` where an author who is no teacher may not draw now."""
        board = self._tools.get(BOARD, {})
        pen = board.get("pen")
        has_pen = isinstance(pen, list) and name in pen
        layer = self._tools.get(LAYERS, {}).get(name)
        if not self.lesson.running:
            raise BoardLocked("the lesson is over")
        if board.get("locked") is True and not has_pen:
            raise BoardLocked("the board is locked")
        if isinstance(layer, dict) and layer.get("locked") is True:
            raise BoardLocked(f"the layer {name} is locked")

    async def check_pages(self, document: Document, update: bytes) -> None:
        """Raise `BoardLocked` where an update of a pupil changes a page that is locked or hidden.

        What is not raised for must be written then: the next one is judged by it.
        """
        closed = {key for key, one in self.pages if _is_closed(one)}
        if not closed:
            return
        probe = self._probes.get(document.name)
        if probe is None:
            made = await asyncio.to_thread(Probe, document.whole())
            # What has come meanwhile; what waits for the disk is told to it as everything is.
            made.pages(document.since(made.state()))
            probe = self._probes[document.name] = made
        touched = probe.pages(update) & closed
        if touched:
            del self._probes[document.name]
            raise BoardLocked(f"page {min(touched)} is locked")

    def writes(self, principal: Principal, name: str) -> bool:
        """Tell whether somebody may write a document now."""
        try:
            self.check_write(principal, name)
        except HubError:
            return False
        return True

    # What stands in the shared document.

    @property
    def tools(self) -> dict[str, Any]:
        """The map `board` of the shared document."""
        return self._tools.get(BOARD, {})

    @property
    def layers(self) -> dict[str, Any]:
        """The map `layers` of the shared document."""
        return self._tools.get(LAYERS, {})

    @property
    def pages(self) -> list[tuple[str, dict[str, Any]]]:
        """The pages in their order."""
        pages = self._tools.get(PAGES, {})
        good = [(key, one) for key, one in pages.items() if isinstance(one, dict)]
        return sorted(good, key=lambda page: (_order(page[1]), page[0]))

    @property
    def page(self) -> str:
        """The page that pens write on."""
        wanted = self.tools.get("page")
        pages = [key for key, _ in self.pages]
        return str(wanted) if wanted in pages else (pages[0] if pages else "")

    # Telling.

    def tell_state(self) -> None:
        """Tell everybody how the board is, once in this turn of the loop."""
        if not self._telling:
            self._telling = True
            asyncio.get_running_loop().call_soon(self._tell_state)

    def state_for(self, principal: Principal) -> dict[str, Any]:
        """Return what the message `state` says to somebody."""
        own = self.own(principal)
        return {
            "now": clock.now() * 1000,
            "board": {
                "id": self.board.id,
                "title": self.board.title,
                "lesson": self.lesson.id,
                "running": self.lesson.running,
            },
            "you": {
                "document": own,
                "teacher": teaches(principal),
                "write": own is not None and self.writes(principal, own),
            },
            "documents": [
                {
                    "name": one.name,
                    "kind": kind_of(one.name),
                    "title": self.title(one.name),
                    "colour": INK if one.name == SHARED else one.colour,
                    "write": self.writes(principal, one.name),
                }
                for one in self.documents.values()
                if self.sees(principal, one.name)
            ],
        }

    def title(self, name: str) -> str:
        """Return the name of a document's author."""
        if kind_of(name) == "seat":
            rest = name.removeprefix("seat:")
            if rest.startswith("device:"):
                return self._titles.get(name, rest.removeprefix("device:"))
            return rest
        return self._titles.get(name, "")

    async def learn_titles(self) -> None:
        """Ask the school how the authors are called."""
        for name in self.documents:
            person = person_of(name)
            if person is not None:
                try:
                    self._titles[name] = (await self._hub.school.person(person)).name
                except HubError:
                    self._titles.setdefault(name, "")

    def _tell_state(self) -> None:
        self._telling = False
        for connection in tuple(self.connections):
            connection.tell_state()

    def _tell(self, entry: Entry) -> None:
        probe = self._probes.get(entry.document.name)
        if probe is not None:
            probe.pages(entry.data)
        message = wire.sync(entry.document.name, wire.Sync.UPDATE, entry.data)
        for connection in tuple(self.connections):
            if connection is not entry.source:
                connection.pass_on(entry.document.name, message)
        if entry.document.name == SHARED:
            self._look_at_shared()
            self.tell_state()

    def _spoilt(self, document: Document, why: HubError) -> None:
        self._probes.pop(document.name, None)
        for connection in tuple(self.connections):
            connection.begin_anew(document.name, why)

    def _look_at_shared(self) -> None:
        shared = self.documents.get(SHARED)
        if shared is not None and shared.loaded:
            self._tools = {key: shared.root(key) for key in (BOARD, PAGES, LAYERS)}
            if not isinstance(self._tools[BOARD], dict):
                self._tools[BOARD] = {}
            if not any(_is_closed(one) for _, one in self.pages):
                self._probes.clear()

    def _free_colour(self) -> str:
        used = [one.colour for one in self.documents.values()]
        return min(COLOURS, key=lambda colour: (used.count(colour), COLOURS.index(colour)))


def _is_closed(page: dict[str, Any]) -> bool:
    return page.get("locked") is True or page.get("hidden") is True


def _order(page: dict[str, Any]) -> float:
    order = page.get("order")
    return float(order) if isinstance(order, int | float) and math.isfinite(order) else 0.0


__all__ = ["COLOURS", "PANEL", "Room"]
