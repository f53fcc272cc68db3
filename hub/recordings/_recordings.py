"""Makes and keeps recordings."""

import asyncio
import json
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.device.transports import BadRecording, Header, read_header
from hub.devices import DeviceHandle
from hub.errors import N_, Conflict, HubError, NotFound
from hub.ids import is_id, new_id
from hub.operations import Operation, Operations, Progress
from hub.rights import Principal
from hub.store import StorageFull
from hub.wire import Message

log = logging.getLogger("classhub.recordings")

MOST_ONE = 128 << 20
MOST_TOTAL = 1 << 30
RESERVE = 128 << 20
LEAST = 1 << 20
GRACE = 30.0
SUFFIX = ".jsonl"
_TAIL = 300


class RecordingsFull(HubError):
    """All recordings together are as large as they may be."""

    code = "recordings-full"
    status = 507
    title = N_("There is no more room for recordings.")
    hint = N_("Delete recordings that are no longer needed.")


class BeingRecorded(Conflict):
    """The device, or the recording, is in use by a recording that runs."""

    code = "being-recorded"
    title = N_("This device is being recorded just now.")
    hint = N_("Wait until the recording has ended, or end it.")


@dataclass(frozen=True, slots=True)
class Stored:
    """A recording that is kept.

    Attributes:
        id: opaque. header: what was recorded, and when.
        size: bytes. seconds: how long it is; None while it runs, or where a crash cut it.
    """

    id: str
    header: Header
    size: int
    seconds: float | None


class Recordings:
    """The recordings of a hub.

    A recording is written by the driver's process, as it happens: what was recorded before a
    driver, the hub or the computer crashed can be read.

    Args:
        folder: where they are kept. operations: follow those that run.
    """

    def __init__(self, folder: Path, operations: Operations) -> None:
        self._folder = folder
        self._operations = operations
        self._running: dict[str, str] = {}  # recording -> device

    async def record(self, device: DeviceHandle, seconds: float, *, by: Principal) -> Operation:
        """Record a device; it is connected again first, so that the recording can be replayed.

        The operation's result is `{"recording": id, "why": "time|size|stopped", "size": bytes}`.
        One that is cancelled or fails is kept as far as it came.

        Raises:
            BeingRecorded: it is being recorded already.
            RecordingsFull, StorageFull: there is no room.
            HubError: its driver does not run.
        """
        if device.id in self._running.values():
            raise BeingRecorded(device.id)
        if device.state.process != "running":
            raise device.error
        id_ = new_id()
        self._running[id_] = device.id
        try:
            most = await asyncio.to_thread(self._room)
            path = self._folder / f"{id_}{SUFFIX}"

            async def work(progress: Progress) -> Any:
                try:
                    message: Message = {"op": "record", "path": str(path.absolute())}
                    message |= {"seconds": seconds, "most_bytes": most}
                    end = await device.tape(message, seconds + GRACE, progress)
                finally:
                    self._running.pop(id_, None)
                return {"recording": id_, "why": end["why"], "size": end["size"]}

            operation = self._operations.start(
                device=device.id, action="record", title=N_("Recording"), by=by, work=work
            )
        except BaseException:
            self._running.pop(id_, None)
            raise
        return operation

    async def list(self) -> Sequence[Stored]:
        """Return all, the newest first."""
        return await asyncio.to_thread(self._all)

    async def get(self, id: str) -> tuple[Stored, Path]:  # noqa: A002 - the word of the API
        """Return a recording and its file (NotFound where there is none)."""
        path = self._path(id)
        stored = await asyncio.to_thread(self._look, path)
        if stored is None:
            raise NotFound(f"no recording {id}")
        return stored, path

    async def delete(self, id: str) -> Stored:  # noqa: A002 - the word of the API
        """Delete a recording and return what it was.

        Raises:
            NotFound: there is none. BeingRecorded: it is not over yet.
        """
        if id in self._running:
            raise BeingRecorded(id)
        stored, path = await self.get(id)
        await asyncio.to_thread(path.unlink, missing_ok=True)
        return stored

    def _path(self, id_: str) -> Path:
        if not is_id(id_):
            raise NotFound(f"no recording {id_}")
        return self._folder / f"{id_}{SUFFIX}"

    def _room(self) -> int:
        """Return how large a new recording may become."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        used = 0
        for path in self._folder.glob(f"*{SUFFIX}"):
            size = path.stat().st_size
            if size == 0 and path.stem not in self._running:
                path.unlink(missing_ok=True)  # of a process that ended before the first line
            used += MOST_ONE if path.stem in self._running else size
        if used + LEAST > MOST_TOTAL:
            raise RecordingsFull(f"{used >> 20} of {MOST_TOTAL >> 20} MiB are used")
        about = os.statvfs(self._folder)
        free = about.f_bavail * about.f_frsize - RESERVE
        if free < LEAST:
            raise StorageFull(f"{free + RESERVE} bytes are free")
        return min(MOST_ONE, MOST_TOTAL - used, free)

    def _all(self) -> Sequence[Stored]:
        found = [self._look(path) for path in self._folder.glob(f"*{SUFFIX}")]
        return sorted((one for one in found if one), key=lambda one: one.id, reverse=True)

    def _look(self, path: Path) -> Stored | None:
        if not is_id(path.stem):
            return None
        try:
            header = read_header(path)
            size = path.stat().st_size
            return Stored(path.stem, header, size, _seconds(path, size))
        except FileNotFoundError:
            return None
        except (BadRecording, OSError) as error:
            log.warning("%s cannot be read: %s", path.name, error)
            return None


def _seconds(path: Path, size: int) -> float | None:
    """Return the time that the last line says, None where it is not the end."""
    with path.open("rb") as file:
        file.seek(max(size - _TAIL, 0))
        line = file.read(_TAIL).rstrip(b"\n").rpartition(b"\n")[2]
    try:
        data = json.loads(line)
        return float(data["t"]) if data["e"] == "end" else None
    except (ValueError, LookupError, TypeError):
        return None
