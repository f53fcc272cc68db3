"""The assets: kept whole, found again, shown to those who may see them."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, Unpack

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hub.assets._intake import Also, Intake, checked_info, checked_media_type
from hub.assets._outline import Outline, outline
from hub.assets._queries import Order, Which, after, chosen, known, visible, words_of
from hub.assets._sweep import sweep
from hub.assets._thumbnails import Thumbnails
from hub.assets._values import Asset
from hub.audit import record
from hub.bus import Bus
from hub.clock import now
from hub.device import AssetFile, Role
from hub.errors import N_, Conflict, HubError, NotFound, TooMany, Unsupported
from hub.ids import new_id
from hub.rights import SYSTEM, Access, Principal, check, may
from hub.school import clean_name, clean_text
from hub.store import FileDamaged, Files, Page, Store, SweepReport
from hub.store.tables import AssetFavouriteRow, AssetRow, LessonRow
from hub.workers import Workers

log = logging.getLogger("classhub.assets")

Op = Literal["view", "edit"]

LARGEST = 1 << 30
TITLE_LIMIT = 120
LIMIT = 200
FAVOURITES = 5000
_ADDING = 64
_SAME: tuple[str, ...] = ("media_type", "sha256", "size", "width", "height", "device", "title")
_SAME += ("note", "damaged", "info", "words")


class NoLesson(Conflict):
    """What belongs to no lesson cannot be handed in."""

    code = "no-lesson"
    title = N_("This picture belongs to no lesson.")
    hint = N_("Join the lesson and add the picture again; then hand it in.")


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
        keeper: str | None = None,
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
            keeper: the plugin whose working thing it is (`Asset.keeper`).
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
            keeper=keeper,
        )
        row.words = words_of(row.title, row.note, row.info)
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
        cursor: str | None = None,
        limit: int = 50,
        order: Order = "newest",
        **which: Unpack[Which],
    ) -> Page[Asset]:
        """Return a page of assets, in the order in which they came.

        Args:
            visible_to: only what this principal may see.
            cursor: `next` of the page before.
            limit: the most on a page, 1 to 200.
            order: which end first.
            which: only these (`Which`).

        Raises:
            Invalid: the cursor is none of this list.
        """
        query = select(AssetRow)
        if visible_to is not None:
            query = query.where(visible(visible_to))
        limit = max(1, min(limit, LIMIT))
        query = after(query, cursor, order).limit(limit + 1)

        def work(session: Session) -> Page[Asset]:
            rows = list(session.scalars(query.where(chosen(session, which))))
            following = str(rows[limit - 1].seq) if len(rows) > limit else None
            return Page([Asset.of(row) for row in rows[:limit]], following)

        page = await self._store.read(work)
        if visible_to is not None and not all(
            may(visible_to, self.access(asset, "view")) for asset in page.items
        ):
            raise HubError("the list's filter and the rights disagree")
        return page

    async def outline(
        self,
        *,
        visible_to: Principal | None = None,
        order: Order = "newest",
        every: int = 100,
        offset: timedelta = timedelta(),
        **which: Unpack[Which],
    ) -> Outline:
        """Return how many assets there are, in which sections, and where each page begins.

        Args:
            visible_to: only what this principal may see.
            order: which end first.
            every: assets on a page, 1 to 200.
            offset: of the caller's clock from UTC, for the days.
            which: only these (`Which`).
        """
        pages = max(1, min(every, LIMIT))
        return await self._store.read(
            lambda session: outline(session, which, visible_to, order, every=pages, offset=offset)
        )

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
            row.words = words_of(row.title, row.note, row.info)
            return Asset.of(row)

        return await self._change(work)

    async def hand_in(self, asset: str, answer: str) -> Asset:
        """Give it to the teacher, with an answer to the lesson's task; again replaces it.

        Raises:
            NotFound: there is no such asset.
            NoLesson: it is in no lesson's album.
            BadName: the answer is too long.
        """
        text = clean_text(answer, field="answer")

        def work(session: Session) -> Asset:
            row = known(session, asset)
            if row.lesson is None:
                raise NoLesson(f"asset {asset}")
            row.handed_in, row.answer = self._clock(), text
            row.task = session.scalar(select(LessonRow.task).where(LessonRow.id == row.lesson))
            return Asset.of(row)

        return await self._change(work)

    async def take_back(self, asset: str) -> Asset:
        """Undo `hand_in`; the answer is forgotten. Raises `NotFound`."""

        def work(session: Session) -> Asset:
            row = known(session, asset)
            row.handed_in, row.answer, row.task = None, "", None
            return Asset.of(row)

        return await self._change(work)

    async def copy(self, asset: Asset, *, owner: Principal, lesson: str) -> Asset:
        """Put the same picture into a lesson's album, as one of `owner`; its bytes are kept once.

        Raises:
            NotFound: there is no such asset or lesson.
            FileDamaged: its file is not all there.
        """
        self.content(asset)

        def work(session: Session) -> Asset:
            row = known(session, asset.id)
            if session.get(LessonRow, lesson) is None:
                raise NotFound(f"lesson {lesson}")
            copy = AssetRow(
                **{name: getattr(row, name) for name in _SAME},
                id=new_id(),
                owner=owner.owner,
                owner_name=owner.name,
                lesson=lesson,
                derived_from=row.id,
                created=self._clock(),
                handed_in=None,
            )
            session.add(copy)
            session.flush()
            return Asset.of(copy)

        made = await self._store.write(work)
        self._tell("added", made)
        return made

    async def favour(self, asset: str, *, by: Principal, favourite: bool) -> None:
        """Note whether `by` wants to find it again.

        Raises:
            NotFound: there is no such asset.
            TooMany: they have too many favourites.
        """
        owner = by.owner

        def work(session: Session) -> None:
            known(session, asset)
            own = AssetFavouriteRow.owner == owner
            session.execute(delete(AssetFavouriteRow).where(own, AssetFavouriteRow.asset == asset))
            if favourite:
                count = select(func.count()).select_from(AssetFavouriteRow).where(own)
                if (session.scalar(count) or 0) >= FAVOURITES:
                    raise TooMany(f"{FAVOURITES} favourites")
                session.add(AssetFavouriteRow(owner=owner, asset=asset))

        await self._store.write(work)

    async def favourites(self, assets: Iterable[Asset], *, of: Principal) -> set[str]:
        """Return which of these (their ids) are favourites of `of`."""
        query = select(AssetFavouriteRow.asset).where(
            AssetFavouriteRow.owner == of.owner,
            AssetFavouriteRow.asset.in_([asset.id for asset in assets]),
        )
        return await self._store.read(lambda session: set(session.scalars(query)))

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
        """Who may see it or change it: its owner and teachers.

        Its lesson may see what is `open` (docs/adr/0019-pupils-pictures.md).
        """
        return Access(
            role=Role.PUPIL,
            lesson=asset.lesson if op == "view" and asset.open else None,
            persons=frozenset({asset.owner}),
            private=True,
        )

    def content(self, asset: Asset) -> Path:
        """Return where its bytes are. Raises `FileDamaged` where they are not all there."""
        if not self._files.whole(asset.sha256, asset.size):
            raise FileDamaged(f"the file of asset {asset.id}")
        return self._files.path(asset.sha256)

    async def lend(self, asset: str, by: Principal) -> AssetFile:
        """Return an asset's file for a driver that works on it.

        Raises:
            NotFound, Forbidden: there is no such asset for `by`.
            FileDamaged: its bytes are not all there.
        """
        found = await self.get(asset)
        check(by, self.access(found, "view"))
        return AssetFile(
            asset=found.id,
            path=self.content(found),
            size=found.size,
            sha256=found.sha256,
            media_type=found.media_type,
            title=found.title,
        )

    async def thumbnail(self, asset: Asset, size: int = 320) -> Path:
        """Return a JPEG file of at most `size` (320 or 640) pixels a side, upright.

        Raises:
            Unsupported: it is no JPEG or PNG picture and no MP4 video.
            NotFound: there is no such size.
            FileDamaged: its file is not there.
            NoThumbnail: it cannot be made small.
            WorkersBusy, WorkTimedOut: try again later.
        """
        if not asset.is_picture and not asset.is_video:
            raise Unsupported(f"asset {asset.id} is {asset.media_type}")
        return await self._thumbnails.get(
            self.content(asset), asset.sha256, size, video=asset.is_video
        )

    async def _change(self, work: Callable[[Session], Asset]) -> Asset:
        changed = await self._store.write(work)
        self._tell("edited", changed)
        return changed

    async def _add(self, row: AssetRow, content: bytes | Path, also: Also | None) -> Asset:
        asset = await self._intake.take(row, content, also)
        self._tell("added", asset)
        return asset

    def _added(self, task: "asyncio.Task[Asset]") -> None:
        self._adding.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waited has it; one who left does not want it

    def _tell(self, change: str, asset: Asset) -> None:
        if asset.keeper is not None:
            return  # its keeper tells what became of it
        payload = {"change": change, "asset": asset.as_json()}
        self._bus.publish(f"assets/{asset.id}", payload, audience=self.access(asset, "view"))

    async def _sweep(self) -> None:
        try:
            await sweep(self._store, self._files, self.found)
        except HubError as error:
            log.warning("looking for lost files was given up: %s", error)
