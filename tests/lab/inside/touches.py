"""In the machine: print the positions that a touch screen's event node reports. `touches.py COUNT`."""

import struct
import sys
import time
from pathlib import Path

EV_ABS, X, Y = 3, 0x35, 0x36
EVENT = struct.Struct("llHHi")  # linux/input.h, struct input_event


def find() -> Path:
    """Return the node of the screen; hid-generic, which has it for a moment, is not waited on."""
    for _ in range(200):
        for one in Path("/sys/class/input").glob("event*/device/device/driver"):
            if one.resolve().name == "hid-multitouch":
                return Path("/dev/input") / one.parts[4]
        time.sleep(0.1)
    raise SystemExit("no touch screen")


node = find()
x = y = None
left = int(sys.argv[1])
with node.open("rb", buffering=0) as events:
    # Said once it is open: what a screen reports before that, nobody hears.
    print("reads", node, flush=True)
    while left:
        for _, _, kind, code, value in EVENT.iter_unpack(events.read(EVENT.size * 64)):
            if kind == EV_ABS and code == X:
                x = value
            elif kind == EV_ABS and code == Y:
                y = value
            elif kind == 0 and x is not None and y is not None:
                print(x, y, flush=True)
                x = y = None
                left -= 1
                if not left:
                    break
