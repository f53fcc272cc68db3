"""In the machine: a pen made by uinput, that does what is written into /run/lab-pen.

`stroke` draws forty places, `down` leaves its tip on the tablet, `end` pulls it out. The kernel's
name of its node is written to /run/lab-pen.node. (Documentation/input/uinput.rst)
"""

import fcntl
import os
import struct
import time
from pathlib import Path

EV_SYN, EV_KEY, EV_ABS = 0, 1, 3
X, Y, PRESSURE, TILT_X, TILT_Y = 0, 1, 0x18, 0x1A, 0x1B
PEN, TOUCH, STYLUS = 0x140, 0x14A, 0x14B
AXES = {
    X: (0, 50800, 200),
    Y: (0, 31750, 200),
    PRESSURE: (0, 8191, 0),
    TILT_X: (-60, 60, 57),
    TILT_Y: (-60, 60, 57),
}
COMMANDS, NODE = Path("/run/lab-pen"), Path("/run/lab-pen.node")


def ioc(number: int, size: int = 0, direction: int = 1) -> int:
    """Return the number of an ioctl of uinput."""
    return direction << 30 | size << 16 | ord("U") << 8 | number


device = os.open("/dev/uinput", os.O_WRONLY)
for kind in (EV_KEY, EV_ABS):
    fcntl.ioctl(device, ioc(100, 4), kind)
for key in (PEN, TOUCH, STYLUS):
    fcntl.ioctl(device, ioc(101, 4), key)
for axis, (least, most, resolution) in AXES.items():
    fcntl.ioctl(device, ioc(103, 4), axis)
    told = struct.pack("=H2x6i", axis, 0, least, most, 0, 0, resolution)
    fcntl.ioctl(device, ioc(4, len(told)), told)
about = struct.pack("=4H80sI", 3, 0x256C, 0x006D, 1, b"Lab Pen", 0)
fcntl.ioctl(device, ioc(3, len(about)), about)
fcntl.ioctl(device, ioc(1, direction=0))
name = bytearray(64)
fcntl.ioctl(device, ioc(44, len(name), 2), name)
folder = Path("/sys/devices/virtual/input") / name.split(b"\0")[0].decode()
NODE.write_text(next(folder.glob("event*")).name)


def say(*events: tuple[int, int, int]) -> None:
    """Tell a frame."""
    for event in (*events, (EV_SYN, 0, 0)):
        os.write(device, struct.pack("=qqHHi", 0, 0, *event))
    time.sleep(0.02)  # the driver, emulated as well, has to keep up


COMMANDS.unlink(missing_ok=True)
os.mkfifo(COMMANDS)
while True:
    for command in COMMANDS.read_text().split():
        if command == "end":
            NODE.unlink()
            raise SystemExit
        say((EV_KEY, PEN, 1), (EV_ABS, X, 100), (EV_ABS, Y, 200))
        say((EV_KEY, TOUCH, 1), (EV_ABS, PRESSURE, 8191))
        if command == "stroke":
            for step in range(40):
                say(
                    (EV_ABS, X, 1270 * step),
                    (EV_ABS, PRESSURE, 200 * step),
                    (EV_ABS, TILT_X, step - 20),
                    (EV_ABS, TILT_Y, 40 - step),
                )
            say((EV_KEY, TOUCH, 0), (EV_ABS, PRESSURE, 0), (EV_KEY, PEN, 0))
