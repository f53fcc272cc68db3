"""In the machine: read MJPEG frames from a camera as it made them, and print how long each is.

`frame.py /dev/video0 COUNT` uses V4L2's mapped buffers (linux/videodev2.h), as a driver does.
"""

import ctypes
import fcntl
import mmap
import os
import select
import struct
import sys

CAPTURE, MMAP_MEMORY = 1, 1
MJPG = struct.unpack("<I", b"MJPG")[0]


def request(direction: int, number: int, size: int) -> int:
    """Return the number of an ioctl on `V` (asm-generic/ioctl.h)."""
    return direction << 30 | size << 16 | ord("V") << 8 | number


S_FMT, REQBUFS = request(3, 5, 208), request(3, 8, 20)
QUERYBUF, QBUF, DQBUF = request(3, 9, 88), request(3, 15, 88), request(3, 17, 88)
STREAMON, STREAMOFF = request(1, 18, 4), request(1, 19, 4)

camera = os.open(sys.argv[1], os.O_RDWR | os.O_NONBLOCK)
form = bytearray(208)
struct.pack_into("<I4xIIII", form, 0, CAPTURE, 640, 480, MJPG, 0)
fcntl.ioctl(camera, S_FMT, form)
got = struct.unpack_from("<I4xIII", form)
print("format", got[1], got[2], struct.pack("<I", got[3]).decode(), flush=True)
fcntl.ioctl(camera, REQBUFS, bytearray(struct.pack("<IIIII", 2, CAPTURE, MMAP_MEMORY, 0, 0)))
maps = []
for number in range(2):
    buffer = bytearray(88)
    struct.pack_into("<II", buffer, 0, number, CAPTURE)
    struct.pack_into("<I", buffer, 60, MMAP_MEMORY)
    fcntl.ioctl(camera, QUERYBUF, buffer)
    offset, length = struct.unpack_from("<I4xI", buffer, 64)
    maps.append(mmap.mmap(camera, length, offset=offset))
    fcntl.ioctl(camera, QBUF, buffer)
fcntl.ioctl(camera, STREAMON, ctypes.c_int(CAPTURE))
for _ in range(int(sys.argv[2])):
    if not select.select([camera], [], [], 20)[0]:
        sys.exit("no frame")
    buffer = bytearray(88)
    struct.pack_into("<II", buffer, 0, 0, CAPTURE)
    struct.pack_into("<I", buffer, 60, MMAP_MEMORY)
    fcntl.ioctl(camera, DQBUF, buffer)
    number, _, used = struct.unpack_from("<III", buffer)
    data = maps[number][:used]
    print("frame", used, data[:2].hex(), data[-2:].hex(), flush=True)
    fcntl.ioctl(camera, QBUF, buffer)
fcntl.ioctl(camera, STREAMOFF, ctypes.c_int(CAPTURE))
