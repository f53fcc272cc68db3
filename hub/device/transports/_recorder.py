"""Writes a recording beside the device's work: never slower for it, never broken by it.

What happens on connections is handed to a thread, which takes secrets out and writes. A disk that
is full or too slow ends the recording and says so; the device does not notice.
"""

import asyncio
import os
import queue
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from hub.device.transports._errors import RecordingFailed
from hub.device.transports._format import Header, line_of
from hub.device.transports._redact import Mask, Secrets

MOST_WAITING = 32 * 1024 * 1024
PIECE = 96 * 1024
LAG = 5.0
END_LINE = 200

Why = Literal["time", "size", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class RecordingEnd:
    """How a recording ended.

    Attributes:
        why: its time was over, it reached its size, somebody stopped it, or it failed.
        size: bytes of the file. events: that were written.
        problem: why it failed, None otherwise.
    """

    why: Why
    size: int
    events: int
    problem: RecordingFailed | None = None


@dataclass(slots=True)
class _Entry:
    """An event on its way to the file; its bytes are there once no secret can be in them."""

    time: float
    channel: int
    kind: str
    fields: dict[str, Any]
    size: int = 0
    stream: bool = True
    data: bytearray = field(default_factory=bytearray)


class Recorder:
    """Records the connections of one device.

    Args:
        path: a new file; it must not exist.
        header: its first line; secrets in it are replaced.
        secrets: what must not be in the file.
        most_bytes: the size that ends it.

    Raises:
        OSError: the file cannot be made.
    """

    def __init__(self, path: Path, header: Header, secrets: Secrets, *, most_bytes: int) -> None:
        self._loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[RecordingEnd] = self._loop.create_future()
        self.size = 0
        self.events = 0
        self._secrets = secrets
        self._most = most_bytes
        self._path = path
        # For the hub's user alone: there may be pictures of people in it.
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._start = time.monotonic()
        self._queue: queue.SimpleQueue[tuple[_Entry, bytes] | Why] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._waiting = 0
        self._closing = False
        self._order: deque[_Entry] = deque()
        self._masks: dict[tuple[int, str], Mask] = {}
        self._open: dict[tuple[int, str], deque[_Entry]] = {}
        first = line_of(**secrets.data(header.model_dump(mode="json")))
        self._thread = threading.Thread(
            target=self._run, args=(first,), name="recorder", daemon=True
        )
        self._thread.start()

    def note(
        self, channel: int, kind: str, data: bytes = b"", *, stream: bool = True, **fields: Any
    ) -> None:
        """Take what happened on a connection; returns at once."""
        if self._closing:
            return
        with self._lock:
            self._waiting += len(data)
            waiting = self._waiting
        if waiting > MOST_WAITING:
            self._finish("failed")
            return
        if kind in ("open", "fail"):
            fields["stream"] = stream
        entry = _Entry(time.monotonic() - self._start, channel, kind, fields, len(data), stream)
        self._queue.put((entry, bytes(data)))

    def stop(self, why: Why = "stopped") -> None:
        """End the recording; `ended` tells when it is on the disk."""
        self._finish(why)

    def _finish(self, why: Why) -> None:
        if not self._closing:
            self._closing = True
            self._queue.put(why)

    # In the thread.

    def _run(self, first: bytes) -> None:
        problem: RecordingFailed | None = None
        why: Why = "stopped"
        try:
            self._file.write(first)
            self._file.flush()
            self.size = len(first)
            why = self._write_all()
            if why == "failed":
                problem = RecordingFailed("the disk is slower than what the device says")
            self._hurry()
            end = line_of(t=round(time.monotonic() - self._start, 6), e="end", why=why)
            self._file.write(end)
            self.size += len(end)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            why, problem = "failed", RecordingFailed(error.strerror or type(error).__name__)
        except _Full:
            why = "size"
        except Exception as error:  # noqa: BLE001 - a recording never breaks its device
            why, problem = "failed", RecordingFailed(f"{type(error).__name__}: {error}")
        self._closing = True
        try:
            self._file.close()
        except OSError as error:
            why, problem = "failed", RecordingFailed(error.strerror or type(error).__name__)
        told = RecordingEnd(why, self.size, self.events, problem)
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._tell, told)

    def _tell(self, end: RecordingEnd) -> None:
        if not self.ended.done():
            self.ended.set_result(end)

    def _write_all(self) -> Why:
        while True:
            item = self._queue.get()
            if isinstance(item, str):
                return item
            entry, data = item
            with self._lock:
                self._waiting -= len(data)
            self._take(entry, data)
            self._write_ready()
            if self._order and entry.time - self._order[0].time > LAG:
                self._hurry()
            if self._queue.empty():
                self._file.flush()

    def _take(self, entry: _Entry, data: bytes) -> None:
        self._order.append(entry)
        for key, text in entry.fields.items():
            if isinstance(text, str):
                entry.fields[key] = self._secrets.text(text)
        if entry.kind == "call":
            entry.fields["answer"] = self._mask_whole(entry.fields["answer"])
            entry.data = bytearray(self._mask_whole(data))
        elif entry.size:
            key2 = (entry.channel, entry.kind)
            mask = self._masks.setdefault(key2, Mask(self._secrets))
            self._open.setdefault(key2, deque()).append(entry)
            self._fill(key2, mask.feed(data))
        if entry.kind in ("close", "error"):
            for direction in ("rx", "tx"):
                ended = self._masks.pop((entry.channel, direction), None)
                if ended is not None:
                    self._fill((entry.channel, direction), ended.finish())
                    self._open.pop((entry.channel, direction), None)

    def _mask_whole(self, data: bytes) -> bytes:
        mask = Mask(self._secrets)
        return mask.feed(data) + mask.finish()

    def _fill(self, key: tuple[int, str], masked: bytes) -> None:
        entries = self._open[key]
        at = 0
        while at < len(masked):
            entry = entries[0]
            piece = masked[at : at + entry.size - len(entry.data)]
            entry.data += piece
            at += len(piece)
            if len(entry.data) == entry.size:
                entries.popleft()

    def _hurry(self) -> None:
        """Write all that waits, although more of a secret could still come."""
        for key, mask in self._masks.items():
            self._fill(key, mask.finish())
        self._write_ready()

    def _write_ready(self) -> None:
        while self._order and len(self._order[0].data) == self._order[0].size:
            self._write(self._order.popleft())

    def _write(self, entry: _Entry) -> None:
        base = {"t": round(entry.time, 6), "c": entry.channel, "e": entry.kind, **entry.fields}
        if entry.kind not in ("rx", "tx", "call"):
            self._put(line_of(**base))
            return
        # Packets stay whole; a stream has no packets.
        step = PIECE if entry.stream and entry.kind != "call" else max(entry.size, 1)
        for at in range(0, max(entry.size, 1), step):
            self._put(line_of(**base, data=bytes(entry.data[at : at + step])))

    def _put(self, line: bytes) -> None:
        if self.size + len(line) + END_LINE > self._most:
            self._end_full()
        self._file.write(line)
        self.size += len(line)
        self.events += 1

    def _end_full(self) -> None:
        end = line_of(t=round(time.monotonic() - self._start, 6), e="end", why="size")
        self._file.write(end)
        self.size += len(end)
        self._file.flush()
        os.fsync(self._file.fileno())
        raise _Full


class _Full(Exception):
    """The recording has reached its size."""
