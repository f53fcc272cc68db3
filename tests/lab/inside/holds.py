"""In the machine: hold a camera as a program does that shows its picture. `holds.py /dev/video0`."""

import fcntl
import os
import struct
import sys
import time
from pathlib import Path

S_FMT = 3 << 30 | 208 << 16 | ord("V") << 8 | 5
REQBUFS = 3 << 30 | 20 << 16 | ord("V") << 8 | 8

camera = os.open(sys.argv[1], os.O_RDWR)
form = bytearray(208)
struct.pack_into("<I4xIIII", form, 0, 1, 640, 480, struct.unpack("<I", b"MJPG")[0], 0)
fcntl.ioctl(camera, S_FMT, form)
fcntl.ioctl(camera, REQBUFS, bytearray(struct.pack("<IIIII", 2, 1, 1, 0, 0)))
Path("/tmp/held").touch()
time.sleep(3600)
