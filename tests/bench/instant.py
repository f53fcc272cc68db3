"""An instant fake printer on a pseudo-terminal: each line is confirmed as soon as it is read.

python -m tests.bench.instant [advanced]      `ok N12 P15 B3` instead of `ok`

It says where it listens; at the `M400` after the last move, what it has measured, as JSON: how many
moves in how many seconds, and the quantiles of the gap from an `ok` being written until the next
line has come, in milliseconds.
"""

import json
import os
import pty
import sys
import time
import tty

HELLO = b"FIRMWARE_NAME:instant EXTRUDER_COUNT:1\nCap:EMERGENCY_PARSER:1\n"


def move(number: int) -> str:
    """Return a move of the part that is printed; no two that follow each other are alike."""
    return f"G1 X{number % 200}.125 Y{number % 180}.25 E{number * 0.03:.5f}"


def measured(gaps: list[int], seconds: float) -> dict[str, float]:
    """Return the figures of one print."""
    ordered = sorted(gaps)
    count = len(ordered)

    def at(share: float) -> float:
        return ordered[min(count - 1, int(share * count))] / 1e6

    return {
        "lines": count,
        "seconds": seconds,
        "rate": count / seconds,
        "p50": at(0.5),
        "p99": at(0.99),
        "p99.9": at(0.999),
        "max": ordered[-1] / 1e6,
    }


def main() -> None:
    """Confirm lines until the other end is closed."""
    advanced = sys.argv[1:] == ["advanced"]
    master, slave = pty.openpty()
    tty.setraw(slave)
    print(f"listening on {os.ttyname(slave)}", flush=True)
    read, write, clock = os.read, os.write, time.perf_counter_ns
    rest = b""
    gaps: list[int] = []
    begun = said = 0
    while True:
        data = read(master, 4096)
        now = clock()
        *lines, rest = (rest + data).split(b"\n")
        answer = b""
        for line in lines:
            number, _, text = line.partition(b" ")
            if b"G1 " in line[:14]:
                if not gaps:
                    begun = now
                gaps.append(now - said)
            elif gaps and b"M400" in line:
                print(json.dumps(measured(gaps[1:], (said - begun) / 1e9)), flush=True)
                gaps = []
            elif text.startswith(b"M115"):
                answer += HELLO + b"Cap:ADVANCED_OK:%d\n" % advanced
            answer += b"ok %b P15 B3\n" % number if advanced and number[:1] == b"N" else b"ok\n"
        if answer:
            said = clock()
            write(master, answer)


if __name__ == "__main__":
    main()
