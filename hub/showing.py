"""What the class's screen shows: one thing, or two side by side; it returns after a restart.

Told as `x/hub/show` (retained): the first thing's `element`, `attributes`, `title`, `plugin` and
`at` and `trouble` (why the screen cannot show it, empty where it can), under `beside` the same of
the second (null for none), and `next_beside`: whatever is shown next stands beside what is there.
Anything that puts something on the screen comes through here.
"""

import asyncio
import contextlib
import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from hub.bus import Bus, Message
from hub.clock import now, rfc3339
from hub.logs import Latch
from hub.store import write_whole

log = logging.getLogger("classhub.showing")

TOPIC = "x/hub/show"
Side = Literal["main", "beside"]
Trouble = Literal["not-playable", "not-drawn", "not-loaded"]
"""The browser of the class's screen cannot play it, cannot draw it, or does not get it."""

_TAG = re.compile(r"[a-z][a-z0-9]*-[a-z0-9-]+")
_ATTRIBUTE = re.compile(r"(?!on)[a-z][a-z0-9-]{0,31}")
MOST_TEXT = 4000
MOST_ATTRIBUTES = 24


def is_attribute(name: str) -> bool:
    """Tell whether an attribute can be given to what is shown: none that a browser would run."""
    return _ATTRIBUTE.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing on the screen.

    Attributes:
        element: its tag. attributes: of the element. title: for people (message id).
        plugin: whose element it is; empty is the shell's own.
        at: when it was put there, RFC 3339; changing its attributes leaves it.
    """

    element: str
    attributes: Mapping[str, str]
    title: str
    plugin: str = ""
    at: str = ""


class Showing:
    """Keeps and tells what the class's screen shows.

    Args:
        bus: where it is told.
        file: in which it outlasts the hub.
    """

    def __init__(self, bus: Bus, file: Path) -> None:
        self._bus = bus
        self._file = file
        self._main: Thing | None = None
        self._beside: Thing | None = None
        self._next_beside = False
        self._troubles: dict[str, Trouble] = {}
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._kept = b""
        self._latch = Latch(log, "what is shown is not kept: %s", "what is shown is kept again")
        self._end: Callable[[], None] = lambda: None

    async def start(self) -> None:
        """Show again what was shown before."""
        kept = await asyncio.to_thread(_read, self._file)
        self._main, self._beside = kept.get("main"), kept.get("beside")
        if self._main is not None:
            self._tell()
        self._end = self._bus.subscribe(TOPIC, self._heard)
        self._task = asyncio.create_task(self._keep(), name="what the class's screen shows")

    async def stop(self) -> None:
        """Leave off; what is shown is kept."""
        self._end()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            await self._write()

    def now(self) -> dict[Side, Thing]:
        """Return what is shown."""
        both: tuple[tuple[Side, Thing | None], ...] = (
            ("main", self._main),
            ("beside", self._beside),
        )
        return {side: thing for side, thing in both if thing is not None}

    def told(self) -> dict[str, Any]:
        """Return it as it is told; without `element` where nothing is shown."""
        if self._main is None:
            return {}
        beside = None if self._beside is None else self._one(self._beside)
        return {**self._one(self._main), "beside": beside, "next_beside": self._next_beside}

    def show(self, thing: Thing) -> None:
        """Show it: alone, or beside what is there where that was wished."""
        thing = replace(thing, attributes=dict(thing.attributes), at=rfc3339(now()))
        if self._next_beside and self._main is not None:
            self._beside = thing
        else:
            self._main, self._beside = thing, None
        self._next_beside = False
        self._tell()

    def cannot(self, at: str, trouble: Trouble) -> None:
        """Learn of the screen that it cannot show what was put there at a time."""
        there = {thing.at for thing in self.now().values()}
        if at in there and self._troubles.get(at) != trouble:
            self._troubles = {one: self._troubles[one] for one in there & self._troubles.keys()}
            self._troubles[at] = trouble
            self._tell()

    def change(self, side: Side, attributes: Mapping[str, str]) -> None:
        """Change attributes of what is shown; an empty text takes one away.

        Raises:
            KeyError: nothing is shown there.
        """
        thing = self.now()[side]
        self._troubles.pop(thing.at, None)  # changed, it may be one that can be shown
        merged = {**thing.attributes, **attributes}
        changed = replace(thing, attributes={n: v for n, v in merged.items() if v != ""})
        if side == "main":
            self._main = changed
        else:
            self._beside = changed
        self._tell()

    def expect(self, *, beside: bool) -> None:
        """Have what is shown next stand beside what is there, or in its place."""
        if self._main is not None and self._next_beside != beside:
            self._next_beside = beside
            self._tell()

    def clear(self, side: Side | None = None) -> None:
        """Show nothing, or take one of two off: the other has the screen then."""
        if side is not None and self._beside is not None:
            if side == "main":
                self._main = self._beside
            self._beside = None
            self._tell()
            return
        self._main = self._beside = None
        self._next_beside = False
        self._bus.clear("x/hub")

    def _one(self, thing: Thing) -> dict[str, Any]:
        return {**asdict(thing), "trouble": self._troubles.get(thing.at, "")}

    def _tell(self) -> None:
        self._bus.publish(TOPIC, self.told(), retained=True)

    def _heard(self, _message: Message) -> None:
        self._changed.set()

    async def _keep(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            await self._write()

    async def _write(self) -> None:
        both = {side: asdict(thing) for side, thing in self.now().items()}
        data = json.dumps(both, ensure_ascii=False).encode()
        if data == self._kept:
            return
        try:
            await asyncio.to_thread(write_whole, self._file, data)
        except OSError as error:
            # It is shown all the same; only a restart would not bring it back.
            self._latch.failed(error)
            return
        self._kept = data
        self._latch.worked()


def _read(file: Path) -> dict[str, Thing]:
    try:
        kept = json.loads(file.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        log.warning("what was shown before cannot be read: %s", error)
        return {}
    found: dict[str, Thing] = {}
    with contextlib.suppress(TypeError, AttributeError):
        found = {side: Thing(**thing) for side, thing in kept.items()}
    sound = all(
        _TAG.fullmatch(str(thing.element)) and isinstance(thing.attributes, dict)
        for thing in found.values()
    )
    if not sound or (found and "main" not in found):
        log.warning("what was shown before makes no sense: %s", file)
        return {}
    return found
