"""Lines to the printer: numbers, checksums, and what of a file is sent at all.

Source: marlinfw.org, "Serial Protocol"; Marlin 2.1, `src/gcode/queue.cpp`. A numbered line is
`N<number> <command>*<checksum>`; the checksum is the exclusive or of all bytes before the `*`.
"""

import re
from functools import reduce
from operator import xor

# MAX_CMD_SIZE of Marlin is 96 with its ending NUL; `N1234567 ` and `*255` take thirteen of them.
LONGEST_COMMAND = 82

# What would take the talk out of the sender's hands, write to the printer's memory or card, or
# replace its firmware. A file's own M112 is no emergency.
STRIPPED = frozenset(
    b"M20 M21 M22 M23 M24 M25 M26 M27 M28 M29 M30 M32 M33 M34 M81 M85 M110 M112 M113 M154 M155"
    b" M408 M500 M501 M502 M504 M510 M511 M512 M524 M575 M876 M928 M993 M994 M997 M999".split()
)
# What an engineer's hand may not send either: the talk itself, and the firmware.
REFUSED = frozenset(b"M28 M29 M110 M112 M113 M154 M155 M575 M876 M928 M997 M999".split())

# Commands after which a printer may be silent for minutes, where its firmware does not say `busy`.
LONG = frozenset(
    b"G4 G28 G29 G30 G33 G34 G35 G76 G425 M0 M1 M48 M109 M190 M191 M192 M226 M303 M306 M400 M600"
    b" M701 M702 M703".split()
)

_NUMBERED = re.compile(rb"N\d+\s*(.*?)(?:\*\d+)?$", re.DOTALL)


def checksum(data: bytes) -> int:
    """Return the checksum of a line's bytes."""
    return reduce(xor, data, 0)


def framed(number: int, command: bytes) -> bytes:
    """Return a command as a numbered line with its checksum."""
    body = b"N%d %b" % (number, command)
    return b"%b*%d\n" % (body, reduce(xor, body))


def command_of(raw: bytes) -> bytes:
    """Return what of a file's line is a command: no comment, number or checksum; empty for none."""
    command = raw.split(b";", 1)[0].strip()
    if command[:1] == b"N" and (found := _NUMBERED.match(command)):
        return found[1].strip()
    return command


def word_of(command: bytes) -> bytes:
    """Return a command's first word, such as `G1`, in capitals and without leading zeros."""
    word = command.split(None, 1)[0].upper() if command else b""
    if word[:1] in (b"G", b"M", b"T") and word[1:2] == b"0" and word[1:].isdigit():
        return word[:1] + (word[1:].lstrip(b"0") or b"0")
    return word
