"""A panel whose commands are in a table, on a serial line or over TCP.

Asleep it answers questions for its power alone, as most do; while it warms up it is silent. It
counts what a panel on a half-duplex line would not have heard: commands that come before the
former was answered.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

from drivers.panel.command_table.simulator import Simulator
from drivers.panel.command_table.table import Table
from drivers.panel.command_table.template import literal
from drivers.virtual.panel.faults import Faults
from drivers.virtual.panel.screen import Screen

_SWITCHES = {
    "mute": "muted", "blank": "blank", "freeze": "frozen", "lock": "locked",
    "touch_lock": "touch_locked",
}  # fmt: skip


class TableScreen:
    """A screen behind a table of commands.

    Args:
        screen: what it shows. table: of its commands. number: the panel's.
    """

    def __init__(self, screen: Screen, table: Table, number: int | None = None) -> None:
        self.screen = screen
        self.faults = Faults()
        self.overtaken = 0
        self._asleep = table.line.asleep
        self._number = table.identity.default if number is None else number
        self._simulator = Simulator(table, self._number, self._obeys)
        self._table = table
        self._answering = 0
        self._former = b""
        self._tasks: set[asyncio.Task[None]] = set()
        self._hang_up: Callable[[], None] = lambda: None

    def take(self, come: bytes, say: Callable[[bytes], None]) -> None:
        """Take what has come; `say` takes the answers, in time."""
        if self._answering and come.strip(b"\r\n"):
            self.overtaken += 1
        if self.screen.power in ("warming", "cooling") or self.faults.deaf:
            self.screen.note(f"unheard {come!r}")
            return
        self.screen.note(come.decode("latin-1"))
        self._simulator.wire["power"] = self._wire("power", self.screen.power)
        for answer in self._simulator.take(come):
            task = asyncio.create_task(self._answer(answer, say), name="answer")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def on_hang_up(self, hang_up: Callable[[], None]) -> None:
        """Say how its connections are dropped."""
        self._hang_up = hang_up

    def hang_up(self) -> None:
        """Drop its connections."""
        self._hang_up()

    async def _answer(self, answer: bytes, say: Callable[[bytes], None]) -> None:
        faults = self.faults
        self._answering += 1
        late, faults.late = faults.late, 0.0
        await asyncio.sleep(faults.slow + late)
        self._answering -= 1
        if faults.garble:
            say(b"\xff\x00\x80" + (self._table.end or b""))
        if faults.stray and self._former:
            say(self._former)
        self._former = answer
        say(answer)

    def _obeys(self, name: str, key: str) -> bool:
        screen = self.screen
        if name == "power":
            return screen.switch(key == "on")
        if screen.power != "on" and self._asleep != "all":
            return False
        if name in _SWITCHES:
            setattr(screen, _SWITCHES[name], key == "on")
        elif name == "source":
            screen.source = key
        return True

    def _wire(self, name: str, key: str) -> bytes:
        return literal(self._table.properties[name].values[key])


class OnALine(Protocol):
    """A panel that takes bytes as they come."""

    def take(self, come: bytes, say: Callable[[bytes], None]) -> None:
        """Take what has come; `say` takes the answers, in time."""

    def on_hang_up(self, hang_up: Callable[[], None]) -> None:
        """Say how its connections are dropped."""

    def hang_up(self) -> None:
        """Drop its connections."""


class TableLine(asyncio.Protocol):
    """The panel's end of a TCP connection."""

    def __init__(self, panel: OnALine) -> None:
        self._panel = panel
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to answer."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a socket's
        self._transport = transport
        self._panel.on_hang_up(transport.abort)

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Hand on what has come."""
        self._panel.take(data, self._say)

    def _say(self, answer: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(answer)
