"""The assets: kept whole, found again, shown to those who may see them."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hub.assets._intake import Also, Intake, checked_info, checked_media_type
from hub.assets._queries import Order, after, known, of_type, visible
from hub.assets._sweep import sweep
from hub.assets._thumbnails import Thumbnails
from hub.assets._values import Asset
from hub.audit import record
from hub.bus import Bus
from hub.clock import now
from hub.device import Role
from hub.errors import Conflict, HubError, TooMany, Unsupported
from hub.ids import new_id
from hub.rights import SYSTEM, Access, Principal, may
from hub.school import clean_name, clean_text
from hub.store import FileDamaged, Files, Page, Store, SweepReport
from hub.store.tables import AssetRow
from hub.workers import Workers

log = logging.getLogger("classhub.assets")

Op = Literal["view", "edit"]

LARGEST = 1 << 30
TITLE_LIMIT = 120
LIMIT = 200
_ADDING = 64


class Assets:
    """Keeps what lessons make; told on the bus as `assets/<id>` to those who may see it.

    Args of the constructor:
        store: opened before `start`.
        files: where the contents are.
        bus: hears of every change.
        workers: make the thumbnails.
        thumbnails: a folder for them; it may be emptied at any time.
        clock: seconds since the epoch.
        largest: the most bytes of one asset.
    """

    def __init__(
        self,
        store: Store,
        files: Files,
        bus: Bus,
        workers: Workers,
        *,
        thumbnails: Path,
        clock: Callable[[], float] = now,
        largest: int = LARGEST,
    ) -> None:
        self._store = store
        self._files = files
        self._bus = bus
        self._thumbnails = Thumbnails(thumbnails, workers)
        self._clock = clock
        self._intake = Intake(store, files, largest)
        self._adding: set[asyncio.Task[Asset]] = set()
        self._sweeping: asyncio.Task[None] | None = None
        self.found = SweepReport()

    async def start(self) -> None:
        """Remove half-written files; look for lost ones beside the work (`swept` waits for it)."""
        self.found = SweepReport(half_written=await asyncio.to_thread(self._files.open))
        await asyncio.to_thread(self._thumbnails.open)
        self._sweeping = asyncio.create_task(self._sweep(), name="assets-sweep")

    async def swept(self) -> SweepReport:
        """Wait until all files have been looked at once; return what was found."""
        if self._sweeping is not None:
            await asyncio.shield(self._sweeping)
        return self.found

    async def stop(self) -> None:
        """Finish what is being added; give up the rest."""
        if self._adding:
            await asyncio.wait(set(self._adding), timeout=10)
        await self._thumbnails.stop()
        task, self._sweeping = self._sweeping, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def add(
        self,
        *,
        content: bytes | Path,
        media_type: str,
        title: str,
        owner: Principal,
        note: str = "",
        lesson: str | None = None,
        device: str | None = None,
        derived_from: str | None = None,
        info: dict[str, Any] | None = None,
        width: int = 0,
        height: int = 0,
        also: Also | None = None,
    ) -> Asset:
        """Keep something. Once this returns it is there after a power cut, whole.

        Begun, it is finished even when the caller is cancelled meanwhile.

        Args:
            content: its bytes, or a file that is moved in (and gone from where it was).
            media_type: JPEG and PNG pictures must be what they say, and get their width and height
                from their own bytes.
            title: one line, 1 to 120 characters.
            owner: who made it.
            note: several lines, at most 2000 characters.
            lesson: in whose album it goes; the caller has checked that `owner` may.
            device: which device made it.
            derived_from: the asset it was made from.
            info: JSON-ready, at most 64 KiB.
            width: in pixels, of what is no JPEG or PNG.
            height: likewise.
            also: adds rows of its own in the same transaction.

        Raises:
            BadName, Invalid, NotFound: a field is not right.
            Unsupported, BadPicture, TooLarge: the content is not right.
            StorageFull: there is no room; nothing was kept.
            TooMany: too much is being added already.
        """
        if len(self._adding) >= _ADDING:
            raise TooMany(f"{_ADDING} assets are being added")
        row = AssetRow(
            id=new_id(),
            media_type=checked_media_type(media_type),
            width=width,
            height=height,
            owner=owner.owner,
            owner_name=owner.name,
            lesson=lesson,
            device=device,
            derived_from=derived_from,
            title=clean_name(title, field="title", limit=TITLE_LIMIT),
            note=clean_text(note),
            created=self._clock(),
            damaged=False,
            info=checked_info(info),
        )
        task = asyncio.create_task(self._add(row, content, also), name=f"asset-{row.id}")
        self._adding.add(task)
        task.add_done_callback(self._added)
        return await asyncio.shield(task)

    async def get(self, asset: str) -> Asset:
        """Return an asset. Raises `NotFound`."""
        return await self._store.read(lambda session: Asset.of(known(session, asset)))

    async def list(
        self,
        *,
        visible_to: Principal | None = None,
        lesson: str | None = None,
        owner: str | None = None,
        device: str | None = None,
        media_type: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
        order: Order = "newest",
    ) -> Page[Asset]:
        """Return a page of assets, in the order in which they came.

        Args:
            visible_to: only what this principal may see.
            lesson: only of this lesson's album.
            owner: only of this person (or token).
            device: only what this device made.
            media_type: only of this type; `image/*` means every kind of picture.
            cursor: `next` of the page before.
            limit: the most on a page, 1 to 200.
            order: which end first.

        Raises:
            Invalid: the cursor is none of this list.
        """
        query = select(AssetRow)
        wanted = {"lesson": lesson, "owner": owner, "device": device}
        for name, value in wanted.items():
            if value is not None:
                query = query.where(getattr(AssetRow, name) == value)
        if media_type is not None:
            query = query.where(of_type(media_type))
        if visible_to is not None:
            query = query.where(visible(visible_to))
        limit = max(1, min(limit, LIMIT))
        query = after(query, cursor, order).limit(limit + 1)

        def work(session: Session) -> Page[Asset]:
            rows = list(session.scalars(query))
            following = str(rows[limit - 1].seq) if len(rows) > limit else None
            return Page([Asset.of(row) for row in rows[:limit]], following)

        page = await self._store.read(work)
        if visible_to is not None and not all(
            may(visible_to, self.access(asset, "view")) for asset in page.items
        ):
            raise HubError("the list's filter and the rights disagree")
        return page

    async def edit(self, asset: str, *, title: str | None = None, note: str | None = None) -> Asset:
        """Change title or note. Raises `NotFound`, `BadName`."""
        new_title = title and clean_name(title, field="title", limit=TITLE_LIMIT)
        new_note = None if note is None else clean_text(note)
        if title is not None and not new_title:
            clean_name("", field="title", limit=TITLE_LIMIT)

        def work(session: Session) -> Asset:
            row = known(session, asset)
            row.title = new_title or row.title
            row.note = row.note if new_note is None else new_note
            return Asset.of(row)

        changed = await self._store.write(work)
        self._tell("edited", changed)
        return changed

    async def delete(self, asset: str, *, by: Principal = SYSTEM) -> None:
        """Delete an asset, and its file where no other asset has the same.

        Args:
            asset: its id.
            by: who deletes it.

        Raises:
            NotFound: there is no such asset.
            Conflict: something that a plugin keeps needs it.
        """

        def work(session: Session) -> tuple[Asset, bool]:
            row = known(session, asset)
            session.delete(row)
            session.flush()
            detail = {"title": row.title, "owner": row.owner, "lesson": row.lesson}
            record(session, by, "asset.delete", asset, detail, at=self._clock())
            shared = select(AssetRow.id).where(AssetRow.sha256 == row.sha256).limit(1)
            return Asset.of(row), session.scalar(shared) is None

        def committed(done: tuple[Asset, bool]) -> None:
            gone, last = done
            if last:
                # The row is gone for good; a crash here leaves a file that the sweep finds.
                self._files.remove(gone.sha256)
                self._thumbnails.forget(gone.sha256)

        try:
            gone, _last = await self._store.write(work, after=committed)
        except IntegrityError as error:
            raise Conflict(f"asset {asset} is in use: {error.orig}") from error
        self._tell("deleted", gone)

    def access(self, asset: Asset, op: Op) -> Access:
        """Who may see it (its lesson, its owner, teachers) or change it (its owner, teachers)."""
        return Access(
            role=Role.PUPIL,
            lesson=asset.lesson if op == "view" else None,
            persons=frozenset({asset.owner}),
            private=True,
        )

    def content(self, asset: Asset) -> Path:
        """Return where its bytes are. Raises `FileDamaged` where they are not all there."""
        if not self._files.whole(asset.sha256, asset.size):
            raise FileDamaged(f"the file of asset {asset.id}")
        return self._files.path(asset.sha256)

    async def thumbnail(self, asset: Asset, size: int = 320) -> Path:
        """Return a JPEG file of at most `size` (320 or 640) pixels a side, upright.

        Raises:
            Unsupported: it is no JPEG or PNG picture.
            NotFound: there is no such size.
            FileDamaged: its file is not there.
            NoThumbnail: it cannot be made small.
            WorkersBusy, WorkTimedOut: try again later.
        """
        if not asset.is_picture:
            raise Unsupported(f"asset {asset.id} is {asset.media_type}")
        return await self._thumbnails.get(self.content(asset), asset.sha256, size)

    async def _add(self, row: AssetRow, content: bytes | Path, also: Also | None) -> Asset:
        asset = await self._intake.take(row, content, also)
        self._tell("added", asset)
        return asset

    def _added(self, task: "asyncio.Task[Asset]") -> None:
        self._adding.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waited has it; one who left does not want it

    def _tell(self, change: str, asset: Asset) -> None:
        payload = {"change": change, "asset": asset.as_json()}
        self._bus.publish(f"assets/{asset.id}", payload, audience=self.access(asset, "view"))

    async def _sweep(self) -> None:
        try:
            await sweep(self._store, self._files, self.found)
        except HubError as error:
            log.warning("looking for lost files was given up: %s", error)
