"""The writing program of virtual cameras over a kernel that is played: `loopback_player FILE NODE W H RATE`.

What would go to the node goes to FILE. The ioctls are answered as v4l2loopback answers them.
"""

import sys

from hub import v4l2
from plugins.virtualcamera.writing.__main__ import main


def ask(fd: int, request: int, structure: object) -> None:
    """Answer an ioctl of a node that nobody writes to yet."""
    if request == v4l2.QUERYCAP:
        structure.driver, structure.card = b"v4l2 loopback", b"Classroom microscope"
        structure.capabilities = v4l2.CAP_DEVICE_CAPS
        structure.device_caps = v4l2.CAP_VIDEO_OUTPUT | v4l2.CAP_READWRITE | v4l2.CAP_STREAMING


if __name__ == "__main__":
    v4l2.ask = ask
    sys.exit(main([sys.argv[1], *sys.argv[3:]]))
