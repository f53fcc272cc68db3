"""The child that makes live pictures smaller: `python -m hub.rendition --parent PID`.

It reads a picture as u32 length, u32 pixels of the longer side, and the bytes of a JPEG; it answers
with u32 length and a smaller JPEG, or with length 0 where it cannot make one. It ends when its
input closes, and with its parent. What cameras send is untrusted, so it has limits of its own.
"""

import argparse
import ctypes
import io
import os
import resource
import signal
import struct
import sys
from typing import BinaryIO

from PIL import Image

_PR_SET_PDEATHSIG = 1
_NICE = 5
_MEMORY = 1 << 30
_LARGEST = 8 << 20
_QUALITY = 74
_HEAD = struct.Struct("!II")


def main() -> None:
    """Serve pictures until the input ends."""
    options = argparse.ArgumentParser()
    options.add_argument("--parent", type=int, required=True)
    parent = options.parse_args().parent
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("the hub is gone")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_NICE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    # Whatever a library prints must not garble the answers: they get a descriptor of their own.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, answers)


def serve(pictures: BinaryIO, answers: BinaryIO) -> None:
    """Answer each picture with a smaller one."""
    while len(head := pictures.read(_HEAD.size)) == _HEAD.size:
        size, side = _HEAD.unpack(head)
        if size > _LARGEST:
            sys.exit("the hub sends what no picture is")
        data = pictures.read(size)
        if len(data) < size:
            return
        small = shrunk(data, side)
        answers.write(len(small).to_bytes(4) + small)
        answers.flush()


def shrunk(data: bytes, side: int) -> bytes:
    """Return a JPEG of at most `side` pixels a side; nothing where it cannot be made.

    Args:
        data: a JPEG.
        side: pixels of the longer side.
    """
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG"]) as picture:
            ratio = min(1.0, side / max(picture.size))
            width, height = (max(1, round(length * ratio)) for length in picture.size)
            wanted = (width, height)
            # The decoder itself halves it as far as that goes, and colours stay as they are coded.
            picture.draft("YCbCr", wanted)
            small = picture.resize(wanted, Image.Resampling.BILINEAR)
            out = io.BytesIO()
            small.save(out, "JPEG", quality=_QUALITY)
    except (OSError, SyntaxError, ValueError, MemoryError, Image.DecompressionBombError):
        return b""
    return out.getvalue()


if __name__ == "__main__":
    main()
