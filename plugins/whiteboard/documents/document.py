"""One Yjs document in memory."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import pycrdt

from plugins.whiteboard.errors import BadUpdate

EMPTY = b"\x00\x00"
"""An update that changes nothing."""

ITEMS, EDITS = "items", "edits"
BOARD, PAGES, LAYERS = "board", "pages", "layers"


def check_update(update: bytes) -> None:
    """Raise `BadUpdate` where the bytes are no update of Yjs (format V1)."""
    _guarded(lambda: pycrdt.merge_updates(update))


def check_state(state: bytes) -> None:
    """Raise `BadUpdate` where the bytes are no state vector."""
    _guarded(lambda: pycrdt.Doc().get_update(state))


class Document:
    """A document of a board.

    Attributes:
        name: says whose it is (`names`).
        colour: what its author draws with.
        row: of the store; None while nothing was ever written.
        size: bytes that the store has of it.
        through: the last entry of the log that is in it.
        tail: entries of the log since the snapshot, and their bytes.
    """

    def __init__(self, name: str, colour: str, row: int | None = None) -> None:
        self.name = name
        self.colour = colour
        self.row = row
        self.size = 0
        self.through = 0
        self.tail = (0, 0)
        self._doc: pycrdt.Doc[Any] | None = None if row is not None else _new()

    @property
    def loaded(self) -> bool:
        """Tell whether it is in memory."""
        return self._doc is not None

    def take(self, doc: "pycrdt.Doc[Any]") -> None:
        """Have what the store has, as `built` returns it."""
        self._doc = doc

    def unload(self) -> None:
        """Forget what is in memory."""
        self._doc = None

    def apply(self, update: bytes) -> None:
        """Take in an update. Raises `BadUpdate`; what is in memory is then good for nothing."""
        _guarded(lambda: self.doc.apply_update(update))

    def state(self) -> bytes:
        """Return the state vector."""
        return bytes(self.doc.get_state())

    def since(self, state: bytes) -> bytes:
        """Return what is new since a state vector. Raises `BadUpdate`."""
        return bytes(_guarded(lambda: self.doc.get_update(state)))

    def whole(self) -> bytes:
        """Return all of it as one update."""
        return bytes(self.doc.get_update())

    def change(self, work: "Callable[[pycrdt.Doc[Any]], None]") -> bytes:
        """Let the hub itself change it; returns the update, `EMPTY` where nothing changed."""
        made: list[bytes] = []
        doc = self.doc
        heard = doc.observe(lambda event: made.append(event.update))
        try:
            with doc.transaction():
                work(doc)
        finally:
            doc.unobserve(heard)
        return bytes(pycrdt.merge_updates(*made)) if made else EMPTY

    def root(self, name: str) -> dict[str, Any]:
        """Return a root map as plain data."""
        found = _guarded(lambda: self.doc.get(name, type=pycrdt.Map).to_py())
        return dict(found or {})

    @property
    def doc(self) -> "pycrdt.Doc[Any]":
        """Return the document itself; it must be loaded."""
        if self._doc is None:
            raise RuntimeError(f"{self.name} is not loaded")
        return self._doc


def built(updates: Iterable[bytes]) -> "pycrdt.Doc[Any]":
    """Return a document of updates. Blocking; may be called in a thread. Raises `BadUpdate`."""
    made = _new()
    for update in updates:
        _guarded(partial(made.apply_update, update))
    return made


def _new() -> "pycrdt.Doc[Any]":
    # Loaded in a thread and then used in the loop's; never in two at once.
    return pycrdt.Doc(allow_multithreading=True)


def _guarded(work: Callable[[], Any]) -> Any:
    """Do something with foreign bytes. Raises `BadUpdate`, also where the library panics."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - foreign bytes, whatever they do
        raise BadUpdate(f"{type(error).__name__}: {str(error)[:200]}") from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise BadUpdate(f"panic: {str(error)[:200]}") from None
