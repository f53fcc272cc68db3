"""How something becomes an asset: looked at, written, synced, named, and only then known."""

import asyncio
import contextlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.assets._inspect import inspect
from hub.assets._queries import known
from hub.assets._values import PICTURES, Asset
from hub.errors import HubError, Invalid, NotFound, TooLarge, Unsupported
from hub.store import Files, Staged, Store
from hub.store.tables import AssetRow, LessonRow, PersonRow

Also = Callable[[Session, AssetRow], None]

_INFO_LIMIT = 64 << 10
_STAGING = 4
_MEDIA_TYPE = re.compile(r"[a-z]{1,20}/[a-z0-9][a-z0-9.+-]{0,80}\Z")


class Intake:
    """Takes contents in; at most four are written at the same time."""

    def __init__(self, store: Store, files: Files, largest: int) -> None:
        self._store = store
        self._files = files
        self._largest = largest
        self._staging = asyncio.Semaphore(_STAGING)

    async def take(self, row: AssetRow, content: bytes | Path, also: Also | None) -> Asset:
        """Keep `content` and `row`, or neither; on return both survive a power cut."""
        async with self._staging:
            staged = await asyncio.to_thread(self._stage, row, content)
        try:
            return await self._store.write(lambda session: self._insert(session, row, staged, also))
        except BaseException:
            await asyncio.to_thread(self._files.discard, staged)
            with contextlib.suppress(HubError):
                await self._store.write(lambda session: self._drop(session, staged.sha256))
            raise

    def _stage(self, row: AssetRow, content: bytes | Path) -> Staged:
        """Look at the content and write it to a temporary file; runs in a thread."""
        size = len(content) if isinstance(content, bytes) else content.stat().st_size
        if size > self._largest:
            raise TooLarge(f"{size} bytes")
        if isinstance(content, bytes):
            # Bytes are looked at before anything is written.
            look(row, content)
            return self._files.stage(content)
        staged = self._files.stage(content)
        try:
            look(row, staged.path)
        except BaseException:
            self._files.discard(staged)
            raise
        return staged

    def _insert(self, session: Session, row: AssetRow, staged: Staged, also: Also | None) -> Asset:
        """Put file and row in their places; runs on the writer's thread, as deleting does.

        So no deletion can take the file away between the two.
        """
        if row.lesson is not None and session.get(LessonRow, row.lesson) is None:
            raise NotFound(f"lesson {row.lesson}")
        if row.derived_from is not None:
            known(session, row.derived_from)
        person = session.get(PersonRow, row.owner)
        if person is not None:
            # As it is called now: it may have been renamed or erased since it signed in.
            row.owner_name = person.name
        stored = self._files.commit(staged)
        row.sha256, row.size = stored.sha256, stored.size
        session.add(row)
        session.flush()
        if also is not None:
            also(session, row)
            session.flush()
        return Asset.of(row)

    def _drop(self, session: Session, sha256: str) -> None:
        """Remove the file of an asset that got no row; runs on the writer's thread."""
        if session.scalar(select(AssetRow.id).where(AssetRow.sha256 == sha256).limit(1)) is None:
            self._files.remove(sha256)


def checked_media_type(text: str) -> str:
    """Return a media type without its parameters. Raises `Unsupported`."""
    media_type = text.partition(";")[0].strip().lower()
    if not _MEDIA_TYPE.match(media_type):
        raise Unsupported(f"{text[:80]!r} is no media type")
    return media_type


def checked_info(info: dict[str, Any] | None) -> dict[str, Any]:
    """Return `info` where it is JSON of a sensible size. Raises `Invalid`."""
    try:
        size = len(json.dumps(info or {}, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise Invalid(f"info is not JSON: {error}", field="info") from error
    if size > _INFO_LIMIT:
        raise Invalid(f"info has {size} bytes", field="info")
    return info or {}


def look(row: AssetRow, content: bytes | Path) -> None:
    """Check that a picture is what it says, and note its size in pixels."""
    if row.media_type not in PICTURES:
        return
    found = inspect(content)
    if found.media_type != row.media_type:
        raise Unsupported(f"it says {row.media_type} and is {found.media_type}")
    row.width, row.height = found.width, found.height
