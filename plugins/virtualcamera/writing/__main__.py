"""`python -m plugins.virtualcamera.writing NODE WIDTH HEIGHT RATE`: the hub starts it.

It reads what to show from its input, each a kind (`J`: a JPEG picture, `C`: a card as JSON), a u32
length and the bytes, and writes the newest to the node, so many times a second: programs that read
a camera want pictures all the time. On its output, a line of JSON each: `mode` once it has the
node, `shown` for what it took, `refused` before it ends. It ends when its input does.
"""

import contextlib
import json
import os
import resource
import select
import signal
import struct
import sys
import time
from typing import Any

import cv2

from plugins.virtualcamera.writing.output import Mode, VideoOutput
from plugins.virtualcamera.writing.pictures import card, from_jpeg

HEAD = struct.Struct("<cI")
MOST = 32 << 20
_MEMORY = 2 << 30
_PIECE = 1 << 20


class Inlet:
    """Takes apart what comes: only the newest of several is worth showing."""

    def __init__(self) -> None:
        self._data = bytearray()

    def feed(self, data: bytes) -> tuple[int, tuple[bytes, bytes] | None]:
        """Take bytes; return how many messages ended in them, and the newest of these.

        Raises ValueError for what the hub never sends.
        """
        self._data += data
        count, newest = 0, None
        while len(self._data) >= HEAD.size:
            kind, length = HEAD.unpack_from(self._data)
            if kind not in (b"J", b"C") or length > MOST:
                raise ValueError(f"{kind!r} of {length} bytes")
            end = HEAD.size + length
            if len(self._data) < end:
                break
            count, newest = count + 1, (kind, bytes(self._data[HEAD.size : end]))
            del self._data[:end]
        return count, newest


def say(**what: Any) -> None:
    """Tell the hub."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def made(kind: bytes, data: bytes, mode: Mode) -> bytes | None:
    """Return what came as the node takes it; None where it cannot be read."""
    if kind == b"J":
        return from_jpeg(data, mode)
    words = json.loads(data)
    return card(str(words["title"]), str(words["text"]), mode)


def run(output: VideoOutput, rate: int, source: int = 0) -> None:
    """Show what comes until there is no more (OSError where the node has gone)."""
    inlet = Inlet()
    picture: bytes | None = None
    written = full = 0
    due = time.monotonic()
    while True:
        wait = None if picture is None else max(due - time.monotonic(), 0.0)
        if select.select([source], [], [], wait)[0]:
            data = os.read(source, _PIECE)
            if not data:
                return
            count, newest = inlet.feed(data)
            if newest is not None:
                fresh = made(*newest, output.mode)
                picture = fresh or picture
                say(shown=count, good=fresh is not None, written=written, full=full)
        now = time.monotonic()
        if picture is not None and now >= due:
            if output.write(picture):
                written += 1
            else:
                full += 1
            due = max(due + 1 / rate, now)


def main(arguments: list[str]) -> int:
    """Open the node and show what comes."""
    node, width, height, rate = arguments[0], *map(int, arguments[1:4])
    try:
        output = VideoOutput(node, width, height, rate)
        try:
            mode = output.mode
            say(mode={"width": mode.width, "height": mode.height, "card": output.card})
            run(output, rate)
        finally:
            output.close()
    except OSError as error:
        with contextlib.suppress(OSError):
            say(refused=error.errno or 0, text=str(error.strerror)[:200])
        return 3
    return 0


def bound_process() -> None:
    """Take little of the computer: what it reads is a camera's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the hub says when it is over
    cv2.setNumThreads(1)
    with contextlib.suppress(OSError, ValueError):
        os.nice(5)
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


if __name__ == "__main__":
    bound_process()
    sys.exit(main(sys.argv[1:]))
