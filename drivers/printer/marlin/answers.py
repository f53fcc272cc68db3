"""What a printer says, line by line, made sense of. All of it is untrusted.

Sources: Marlin 2.1 (`queue.cpp`, `MarlinCore.cpp`, `temperature.cpp`, `host_actions.cpp`), and
Repetier and Prusa firmware where they say the same otherwise (`rs`, `!!`).
"""

import re
from typing import Final

from drivers.printer.values import Heater, Temperatures

# At the start of a line, as in `ok N12 P15 B3` and `ok T:20.0 /0.0`.
OK: Final = re.compile(
    rb"ok(?:\s+N(?P<number>\d{1,9}))?(?:\s+P(\d{1,3}))?(?:\s+B(?P<free>\d{1,3}))?"
)
RESEND: Final = re.compile(rb"(?:Resend|rs)[:\s]\s*N?(\d{1,9})\s*", re.IGNORECASE)
BUSY: Final = re.compile(rb"(?:echo:)?\s*busy:\s*(.{0,60})", re.IGNORECASE)
ACTION: Final = re.compile(rb"//\s*action:\s*(.{1,250})", re.IGNORECASE)
# The boot of a board: `start` of Marlin and Repetier, and what Marlin says right after it.
START: Final = re.compile(
    rb"start\s*$|echo:\s*(?:External|Brown out|Watchdog|Software) Reset|PowerUp"
)
# What Marlin's `kill()` says, and the reasons before it.
KILL: Final = re.compile(
    rb"!!|Error:.*(?:halted|kill\(\) called|system stopped|thermal runaway"
    rb"|(?:heating|cooling) failed|(?:MAX|MIN)TEMP|temp sensor|malfunction)",
    re.IGNORECASE,
)
# Errors that lead to a `Resend` and are no more than that.
REPEATED: Final = re.compile(
    rb".*(?:checksum|line number|expected line|missing linenumber|format error)", re.IGNORECASE
)
UNKNOWN: Final = re.compile(rb"echo:\s*Unknown command", re.IGNORECASE)
RUNOUT: Final = re.compile(rb"(?:echo:)?.*filament (?:has )?run(?:\s|-)?out", re.IGNORECASE)
# What it says when somebody prints from its own card, at its own display (Marlin, `cardreader.cpp`
# and `M1001.cpp`; Prusa and Repetier likewise).
CARD_BEGUN: Final = re.compile(rb"(?:echo:)?\s*File opened:\s*(.{1,100}?)\s+Size:\s*\d{1,12}\s*$")
CARD_DONE: Final = re.compile(rb"(?:echo:)?\s*Done printing file\s*$")
CAPABILITY: Final = re.compile(rb"Cap:([A-Z0-9_]{1,40}):([01])\b")
POSITION: Final = re.compile(
    rb"X:\s*(-?\d{1,6}(?:\.\d{0,4})?)\s+Y:\s*(-?\d{1,6}(?:\.\d{0,4})?)"
    rb"\s+Z:\s*(-?\d{1,6}(?:\.\d{0,4})?)(?!\S)"
)

_TEMPERATURE: Final = re.compile(
    rb"(?<![A-Za-z])(T\d?|B|C):\s*(-?\d{1,4}(?:\.\d{1,4})?)(?:\s*/\s*(-?\d{1,4}(?:\.\d{1,4})?))?"
)
_LEAST, _MOST = -50.0, 500.0


def temperatures_of(line: bytes) -> Temperatures | None:
    """Return the temperatures of `T:20.1 /0.0 B:19.8 /60.0 T0:… C:… @:0`, None where it has none.

    `T` repeats the tool in use where `T0`, `T1` follow.
    """
    found = {name: (float(actual), float(target or 0)) for name, actual, target in _pairs(line)}
    if not any(name[:1] in (b"T", b"B") for name in found):
        return None
    if any(not _LEAST <= value <= _MOST for pair in found.values() for value in pair):
        return None
    numbered = sorted(name for name in found if len(name) == 2)
    names = numbered or ([b"T"] if b"T" in found else [])
    return Temperatures(
        tools=[_heater(found[name]) for name in names],
        bed=_heater(found[b"B"]) if b"B" in found else None,
        chamber=_heater(found[b"C"]) if b"C" in found else None,
    )


def _pairs(line: bytes) -> list[tuple[bytes, bytes, bytes]]:
    return _TEMPERATURE.findall(line[:300])


def _heater(pair: tuple[float, float]) -> Heater:
    return Heater(actual=pair[0], target=pair[1])


def text_of(line: bytes, most: int = 200) -> str:
    """Return what a printer said as text for people: bounded, without control characters."""
    text = line.decode("utf-8", "replace")
    return "".join(char for char in text if char.isprintable())[:most].strip()
