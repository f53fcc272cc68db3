"""Finding out that a printer is there, at which speed, and what it can do."""

import asyncio
import re
from dataclasses import dataclass, field

from drivers.printer.marlin.answers import CAPABILITY, OK, START, text_of
from drivers.printer.marlin.link import Link
from drivers.printer.values import MOST_TOOLS, Firmware
from hub.device import Unreachable, WrongDevice

BOOT = 9.0
ASK = 1.5
DRAIN = 0.2
MOST_DRAINS = 15
SPEEDS = (115200, 250000, 500000, 1000000, 57600)
_NAME = re.compile(rb"FIRMWARE_NAME:(.*?)(?:\s+[A-Z_]{4,}:|$)", re.MULTILINE)
_MACHINE = re.compile(rb"MACHINE_TYPE:(.*?)(?:\s+[A-Z_]{4,}:|$)", re.MULTILINE)
_TOOLS = re.compile(rb"EXTRUDER_COUNT:(\d)")
MOST_NOISE = 64


@dataclass(slots=True)
class _Heard:
    """What has come since the line was opened."""

    alive: asyncio.Event = field(default_factory=asyncio.Event)
    started: asyncio.Event = field(default_factory=asyncio.Event)
    count: int = 0
    noise: int = 0

    def take(self, line: bytes) -> None:
        """Take a line."""
        self.count += 1
        if OK.match(line):
            self.alive.set()
        elif START.match(line):
            self.started.set()
        elif line and (not line.isascii() or not text_of(line).isprintable()):
            self.noise += len(line)


async def wake(link: Link) -> None:
    """Return when the printer answers, all its old answers are heard, and numbers begin anew.

    Boards that start when their line is opened are given the time to.

    Raises:
        WrongDevice: what comes is noise: another speed, or no printer.
        Unreachable: nothing answers.
    """
    heard = _Heard()
    link.hear = heard.take
    try:
        async with asyncio.timeout(BOOT):
            while not heard.alive.is_set():
                link.write(b"\nM105\n")
                try:
                    async with asyncio.timeout(ASK):
                        await heard.alive.wait()
                except TimeoutError:
                    if heard.noise > MOST_NOISE and not heard.started.is_set():
                        raise WrongDevice("what it says makes no sense at this speed") from None
    except TimeoutError:
        raise Unreachable("no printer answers on this line") from None
    for _ in range(MOST_DRAINS):  # several were asked, and a board that has started says much
        count = heard.count
        await asyncio.sleep(DRAIN)
        if heard.count == count:
            break
    heard.alive.clear()
    link.write(b"N0 M110 N0*125\n")
    try:
        async with asyncio.timeout(2 * ASK):
            await heard.alive.wait()
    except TimeoutError:
        raise Unreachable("it does not take line numbers") from None


def firmware_of(lines: list[bytes]) -> Firmware:
    """Return what the answer to `M115` says."""
    whole = b"\n".join(lines[:100])
    name, machine, tools = _NAME.search(whole), _MACHINE.search(whole), _TOOLS.search(whole)
    capabilities = {
        found[1].decode(): found[2] == b"1" for line in lines if (found := CAPABILITY.match(line))
    }
    return Firmware(
        name=text_of(name[1]) if name else "",
        machine=text_of(machine[1], 100) if machine else "",
        tools=min(max(int(tools[1]), 1), MOST_TOOLS) if tools else 1,
        capabilities=capabilities,
    )
