"""A fake printer behind a bad cable: it takes lines as firmware does, and 1 in 100 arrives spoilt.

python -m tests.bench.spoilt SHARE      such as 0.01; 0 for the same printer and a good cable

It is instant otherwise: what Marlin's `queue.cpp` says of numbers and checksums, and nothing else.
At the `M400` after the last move it prints, as JSON, how many moves it has executed, whether they
were those of the part, each once and in order, in how many seconds, and how many lines were spoilt.
"""

import json
import os
import pty
import re
import sys
import time
import tty
from functools import reduce
from operator import xor

from tests.bench.instant import HELLO, move
from tests.spoiler import Spoiler

_NUMBERED = re.compile(rb"\s*N\s*(\d+)\s*")
_KNOWN = re.compile(rb"[GMT]\d+\b")


class Printer:
    """What is executed of the lines that arrive.

    Attributes:
        moves: how many. in_order: each of them was the next of the part.
        over: the `M400` after the last move was executed.
    """

    def __init__(self) -> None:
        self.moves = 0
        self.in_order = True
        self.begun = 0.0
        self.over = False
        self._last = 0

    def take(self, line: bytes) -> bytes:
        """Take a line; return what the printer says."""
        if not line.strip():
            return b""
        found = _NUMBERED.match(line)
        if found is None:
            return self._execute(line)
        number = int(found[1])
        body, star, told = line.rpartition(b"*")
        if not star:
            return self._again(b"No Checksum with line number")
        if not told.strip().isdigit() or int(told) != reduce(xor, body, 0):
            return self._again(b"checksum mismatch")
        if b"M110" not in line and number != self._last + 1:
            return self._again(b"Line Number is not Last Line Number+1")
        self._last = number
        return self._execute(body[found.end() :])

    def _again(self, why: bytes) -> bytes:
        return b"Error:%b, Last Line: %d\nResend: %d\nok\n" % (why, self._last, self._last + 1)

    def _execute(self, text: bytes) -> bytes:
        if not _KNOWN.match(text):
            return b'echo:Unknown command: "%b"\nok\n' % text
        if text.startswith(b"G1") and b" E" in text:
            if not self.moves:
                self.begun = time.perf_counter()
            self.in_order = self.in_order and text == move(self.moves).encode()
            self.moves += 1
        elif self.moves and text.startswith(b"M400"):
            self.over = True
        return HELLO + b"ok\n" if text.startswith(b"M115") else b"ok\n"


def main() -> None:
    """Print until the other end is closed."""
    cable = Spoiler(1, float(sys.argv[1]))
    master, slave = pty.openpty()
    tty.setraw(slave)
    print(f"listening on {os.ttyname(slave)}", flush=True)
    printer, rest = Printer(), b""
    while True:
        *lines, rest = (rest + os.read(master, 4096)).split(b"\n")
        # A byte that was changed into the end of a line makes two of it.
        arrived = b"\n".join(cable(line) if b"G1 " in line else line for line in lines).split(b"\n")
        if answer := b"".join(printer.take(line) for line in arrived):
            os.write(master, answer)
        if printer.over:
            figures = {
                "moves": printer.moves,
                "in_order": printer.in_order,
                "seconds": time.perf_counter() - printer.begun,
                "spoilt": cable.spoilt,
            }
            print(json.dumps(figures), flush=True)
            printer.over, printer.moves = False, 0


if __name__ == "__main__":
    main()
