"""Lines to the printer: numbers, checksums, and which take long.

Source: marlinfw.org, "Serial Protocol"; Marlin 2.1, `src/gcode/queue.cpp`. A numbered line is
`N<number> <command>*<checksum>`; the checksum is the exclusive or of all bytes before the `*`.
"""

from functools import reduce
from operator import xor

# MAX_CMD_SIZE of Marlin is 96 with its ending NUL; `N1234567 ` and `*255` take thirteen of them.
LONGEST_COMMAND = 82

# What an engineer's hand may not send either: the talk itself, and the firmware.
REFUSED = frozenset(b"M28 M29 M110 M112 M113 M154 M155 M575 M876 M928 M997 M999".split())

# Commands after which a printer may be silent for minutes, where its firmware does not say `busy`.
LONG = frozenset(
    b"G4 G28 G29 G30 G33 G34 G35 G76 G425 M0 M1 M48 M109 M190 M191 M192 M226 M303 M306 M400 M600"
    b" M701 M702 M703".split()
)


def framed(number: int, command: bytes) -> bytes:
    """Return a command as a numbered line with its checksum."""
    body = b"N%d %b" % (number, command)
    return b"%b*%d\n" % (body, reduce(xor, body))
