"""Files that are sent, in forms or as they are: written to disk as they come, and kept or gone.

The file goes straight into the store's staging folder, so that keeping it is a rename: never twice
on the disk, never in the memory that a system's `/tmp` often is. Whatever ends the upload, its file
is removed; after a power cut the store does that at its next start.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from hub.api.problems import Malformed, WrongContent
from hub.rights import Principal
from hub.store import Files, StoreBusy, storage_error

MOST_AT_ONCE = 16
MOST_OF_ONE = 4
_FIELDS = 10
_FIELD_LIMIT = 64 << 10


@dataclass(frozen=True, slots=True)
class Upload:
    """A form that has come whole; `path` holds the file's bytes."""

    form: FormData
    path: Path


class Uploads:
    """Receives forms, a few at the same time."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._receiving: Counter[str] = Counter()

    @contextlib.asynccontextmanager
    async def receive(self, request: Request, caller: Principal) -> AsyncIterator[Upload]:
        """Receive a form with one file at most; the file is gone at the end unless it was moved.

        Raises:
            WrongContent: it is no form.
            Malformed: the form is broken or not complete.
            StoreBusy: too many are being received already.
            StorageFull: there is no room for it.
        """
        async with self._scratch(request, caller, form=True) as (path, file):
            yield Upload(await _parse(request, file), path)

    @contextlib.asynccontextmanager
    async def receive_plain(self, request: Request, caller: Principal) -> AsyncIterator[Path]:
        """Receive a body that is a file, as `PUT` sends it; else as `receive`."""
        async with self._scratch(request, caller, form=False) as (path, file):
            await _copy(request, file)
            yield path

    @contextlib.asynccontextmanager
    async def _scratch(
        self, request: Request, caller: Principal, *, form: bool
    ) -> AsyncIterator[tuple[Path, BinaryIO]]:
        kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
        if form and kind != "multipart/form-data":
            raise WrongContent("send a form (multipart/form-data)")
        if self._receiving.total() >= MOST_AT_ONCE or self._receiving[caller.owner] >= MOST_OF_ONE:
            raise StoreBusy("too many files are being sent")
        self._receiving[caller.owner] += 1
        try:
            length = request.headers.get("content-length", "0")
            path, file = await asyncio.to_thread(self._files.scratch, int(length))
            try:
                yield path, file
            finally:
                await asyncio.to_thread(_remove, file, path)
        finally:
            self._receiving[caller.owner] -= 1
            self._receiving += Counter()  # forgets who sends nothing


async def _copy(request: Request, file: BinaryIO) -> None:
    try:
        async for piece in request.stream():
            await asyncio.to_thread(file.write, piece)
        await asyncio.to_thread(file.flush)
    except ClientDisconnect:
        raise Malformed("the file is not complete") from None
    except OSError as error:
        raise storage_error(error) from error


async def _parse(request: Request, file: BinaryIO) -> FormData:
    try:
        form = await _Parser(request, file).parse()
        await asyncio.to_thread(file.flush)
    except MultiPartException as error:
        raise Malformed(error.message) from None
    except ClientDisconnect:
        raise Malformed("the form is not complete") from None
    except OSError as error:
        raise storage_error(error) from error
    return form


class _Parser(MultiPartParser):
    """Starlette's, but with a file of ours in the place of its own temporary one."""

    def __init__(self, request: Request, file: BinaryIO) -> None:
        super().__init__(
            request.headers,
            request.stream(),
            max_files=1,
            max_fields=_FIELDS,
            max_part_size=_FIELD_LIMIT,
        )
        self._file = file

    def on_part_begin(self) -> None:
        # A form's texts are UTF-8, whatever it says of itself.
        self._charset = "utf-8"
        super().on_part_begin()

    def on_headers_finished(self) -> None:
        super().on_headers_finished()
        begun = self._current_part.file
        if begun is not None:
            begun.file.close()  # empty, and in memory
            self._current_part.file = UploadFile(
                file=self._file, size=0, filename=begun.filename, headers=begun.headers
            )


def _remove(file: BinaryIO, path: Path) -> None:
    path.unlink(missing_ok=True)
    # What could not be written on a full disk cannot be when closing, either.
    with contextlib.suppress(OSError):
        file.close()
