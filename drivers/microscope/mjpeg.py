"""JPEG pictures out of a `multipart/x-mixed-replace` body, whatever the camera makes of it.

Cameras disagree on boundaries (with and without leading dashes, quoted, or none at all), on line
ends, and on whether `Content-Length` is there and true. All agree that a part is a JPEG picture.
The reader therefore looks for pictures (ITU-T T.81, annex B: SOI, segments, scans, EOI) and takes
a part's `Content-Length` only as a short cut that it checks.
"""

import re
from dataclasses import dataclass

SOI = b"\xff\xd8\xff"
EOI = b"\xff\xd9"
_HEADERS = 1024
_LENGTH = re.compile(rb"(?:^|\n)content-length[ \t]*:[ \t]*(\d{1,9})[ \t]*\r?\n", re.IGNORECASE)
_SOS = 0xDA
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_NEVER_INSIDE = frozenset({0x00, *range(0x02, 0xC0), 0xD8, 0xD9})  # reserved, or out of place
_DISTRUST = 4
_PADDING = 16


@dataclass(slots=True)
class Counts:
    """What came so far: good pictures, truncated, over the limit, garbage, wrong lengths."""

    frames: int = 0
    truncated: int = 0
    oversize: int = 0
    garbage: int = 0
    wrong_lengths: int = 0


class JpegParts:
    """Cuts a body into JPEG pictures; the same bytes give the same pictures however they arrive.

    Args:
        limit: the largest picture in bytes; a part that goes beyond is skipped. At most this much
            is kept, and what is read at once beside it.
        counts: where to count.
    """

    def __init__(self, *, limit: int = 32 * 1024 * 1024, counts: Counts | None = None) -> None:
        self.counts = counts or Counts()
        self._limit = limit
        self._buffer = bytearray()
        self._start = -1  # of the picture that is being read; -1 while looking for one
        self._looked = 0  # up to here the search is done
        self._scan = -1  # where the picture's first scan begins; -1 while in its headers
        self._length: int | None = None

    @property
    def pending(self) -> int:
        """Bytes kept for a picture that is not complete."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes of the body; return the pictures that they complete, in order."""
        self._buffer += data
        frames: list[bytes] = []
        while self._find_start():
            end = self._find_end()
            if end is None:
                break
            if end > 0:
                frames.append(bytes(memoryview(self._buffer)[self._start : end]))
                self.counts.frames += 1
                self._drop(end)
        return frames

    def _drop(self, upto: int) -> None:
        del self._buffer[:upto]
        self._start, self._looked, self._scan, self._length = -1, 0, -1, None

    def _find_start(self) -> bool:
        """Find where the next picture begins and what its part says of its length."""
        if self._start >= 0:
            return True
        found = self._buffer.find(SOI, self._looked)
        if found < 0:
            self._looked = max(len(self._buffer) - len(SOI) + 1, 0)
            surplus = self._looked - _HEADERS
            if surplus > 0:
                del self._buffer[:surplus]
                self._looked -= surplus
            return False
        headers = bytes(self._buffer[max(found - _HEADERS, 0) : found])
        del self._buffer[:found]
        self._start, self._looked, self._scan = 0, 2, -1
        self._length = self._said(headers)
        return True

    def _said(self, headers: bytes) -> int | None:
        """Return the part's length by its headers, None where none is to be trusted."""
        if self.counts.wrong_lengths >= _DISTRUST or not headers.endswith((b"\n\r\n", b"\n\n")):
            return None
        block = re.split(rb"\r?\n\r?\n", headers.rstrip(b"\r\n"))[-1] + b"\n"
        said = _LENGTH.findall(block)
        length = int(said[-1]) if said else 0
        return length if 4 <= length <= self._limit else None

    def _find_end(self) -> int | None:
        """Return where the picture ends; None when more is needed; 0 when it was given up."""
        if self._length is not None:
            if len(self._buffer) < self._length:
                return None
            tail = max(self._length - _PADDING, 0)
            end = self._buffer.rfind(EOI, tail, self._length)
            if end >= 0:
                return end + 2
            self.counts.wrong_lengths += 1
            self._length = None
        if self._scan < 0 and not self._walk():
            return 0 if self._start < 0 else self._over()
        window = min(len(self._buffer), self._limit)
        end = self._buffer.find(EOI, self._looked, window)
        # In a scan every 0xFF of the picture is followed by 0: a start means that the end is lost.
        again = self._buffer.find(SOI, self._looked, window if end < 0 else end)
        if again >= 0:
            self.counts.truncated += 1
            self._resume(again)
            return 0
        if end >= 0:
            return end + 2
        self._looked = max(self._scan, window - 2)
        return self._over()

    def _over(self) -> int | None:
        if len(self._buffer) < self._limit:
            return None
        self.counts.oversize += 1
        self._resume(self._limit - 2)
        return 0

    def _resume(self, at: int) -> None:
        """Give the picture up and look for the next one from `at`, its headers kept."""
        keep = max(at - _HEADERS, 2)
        del self._buffer[:keep]
        self._start, self._looked, self._scan, self._length = -1, at - keep, -1, None

    def _walk(self) -> bool:
        """Walk the segments up to the first scan; False when more is needed or it is no picture."""
        buffer, at = self._buffer, self._looked
        while at + 4 <= min(len(buffer), self._limit):
            if buffer[at] != 0xFF:
                return self._no_picture()
            marker = buffer[at + 1]
            if marker == 0xFF:
                at += 1
                continue
            if marker in _NEVER_INSIDE:
                return self._no_picture()
            if marker in _STANDALONE:
                at += 2
                continue
            length = int.from_bytes(buffer[at + 2 : at + 4], "big")
            if length < 2:
                return self._no_picture()
            at += 2 + length
            if marker == _SOS:
                self._scan = self._looked = at
                return True
        self._looked = at
        return False

    def _no_picture(self) -> bool:
        self.counts.garbage += 1
        self._resume(2)
        return False
