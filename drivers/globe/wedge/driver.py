"""The driver: a keyboard that is no keyboard, taken for the hub alone."""

import asyncio

from pydantic import Field

from drivers.globe.contract import Globe, MapId
from drivers.globe.hearing import Hearing
from drivers.globe.held import HeldMap
from drivers.globe.taps import Taps, Timing
from drivers.globe.wedge.typing import DIGITS, Typing
from drivers.globe.words import USUAL, Pattern, Words
from drivers.input.node import InputNode
from hub.device import N_, BadSettings, DeviceSettings, TimedOut, UsbMatch, WrongDevice

MOST_NODES = 8
HALF = "\x00"
"""Stands before half a code, so that no pattern takes it for a whole one."""


class NoKeys(WrongDevice):
    """None of its nodes types digits."""

    code = "pen-has-no-keys"
    title = N_("This device types nothing.")
    hint = N_("Choose the pen among what was found, or another driver for it.")


class WedgeGlobe(HeldMap):
    """Pen that types.

    The computer takes it for a keyboard. The hub has it for itself, so that codes never land in a
    document; while the hub does not run, they do.
    """

    title = N_("Globe pen that types like a keyboard")
    isolation = "driver"
    discovery = (UsbMatch(subsystem="input", properties={"ID_INPUT_KEYBOARD": "1"}),)

    class Settings(DeviceSettings):
        """What an engineer sets.

        Attributes:
            path: the node, where the pen is not found by itself.
            pattern: a regular expression for what is typed at once, see `drivers.globe.words`.
            enter: the pen types Enter or Tab after a code; what has none is half a code. Else a
                pause ends a code.
            gap: milliseconds between two keys after which a code is over.
            map: the globe map that is used until another is chosen.
        """

        path: str | None = Field(None, title=N_("Node"), max_length=200)
        pattern: Pattern = Field(USUAL, title=N_("Pattern of a code"))
        enter: bool = Field(default=True, title=N_("The pen types Enter after a code"))
        gap: int = Field(150, title=N_("Longest pause within a code, ms"), ge=20, le=2000)

        map: MapId = Field("", title=N_("Globe map"))

    settings: Settings

    async def connect(self) -> None:
        """Open the nodes that type, and take them for the hub alone."""
        self._nodes: list[InputNode] = []
        self._words = Words(self.settings.pattern, Taps(Timing()))
        self._hearing = Hearing(self)
        self.omit(Globe.battery)
        seen: list[str] = []
        for path in self._paths():
            node = await InputNode.open(self.transports, path)
            if node.keys >= DIGITS:
                self._nodes.append(node)
                # Not an option: what it types would be written into whatever window is open.
                await node.port.grab()
            else:
                seen.append(f"{node.name!r} has no digits")
                node.port.close()
        if not self._nodes:
            raise NoKeys("; ".join(seen) or "it has no input nodes")
        for node in self._nodes:
            self.background(self._follow(node))

    async def disconnect(self) -> None:
        """Give the keys back."""
        for node in getattr(self, "_nodes", ()):
            node.port.close()

    async def check(self) -> str | None:
        """Ask its nodes how they are: a pen that has gone does not answer."""
        for node in self._nodes:
            await node.state()
        return None

    @Globe.name.read
    async def _read_name(self) -> str:
        return self._nodes[0].name if self._nodes else ""

    async def _follow(self, node: InputNode) -> None:
        typing, dropped = Typing(), node.port.dropped
        while True:
            gap = self.settings.gap / 1000 if typing.begun else None
            try:
                events = await node.port.events(limit=gap)
            except TimedOut:
                line = typing.pause()
                self._hear(HALF + line if self.settings.enter else line)
                continue
            if node.port.dropped != dropped:
                dropped = node.port.dropped
                typing.forget()
            for line in typing.take(events):
                self._hear(line)

    def _hear(self, line: str) -> None:
        self._hearing.tell(self._words.hear(line, asyncio.get_running_loop().time()))

    def _paths(self) -> tuple[str, ...]:
        if self.settings.path:
            return (self.settings.path,)
        nodes = () if self.found is None else self.found.nodes.get("input", ())
        if not nodes:
            raise BadSettings("path: name the node, or choose the pen where it is found")
        return tuple(nodes[:MOST_NODES])
