"""Keeping what is seen: from a frame of the live view to an asset that survives a power cut."""

import asyncio
import hashlib
import secrets
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from drivers.microscope.contract import Microscope
from hub import __version__
from hub.assets import Also
from hub.clock import rfc3339
from hub.device import TimedOut
from hub.errors import Forbidden, NotFound
from hub.frames import LiveFrame
from hub.plugin import Asset, AssetRow, DeviceHandle, Lesson, PluginHub, Principal, Role, check
from hub.school import BadName, LessonEnded, clean_name, clean_text
from hub.store import Page
from plugins.microscopy.facts import Facts
from plugins.microscopy.jpeg import Jpeg
from plugins.microscopy.optics import Optics, OpticsLog, Size
from plugins.microscopy.splice import splice
from plugins.microscopy.stills import has_stills, take_still
from plugins.microscopy.tables import CaptureRow

SOFTWARE = f"classroom-hub {__version__}"
TITLE = 120
"""The most characters of a title."""
FRESH_FRAME_LIMIT = 8.0
"""Seconds to wait for a frame; a camera that was resting needs some to start."""


@dataclass(frozen=True, slots=True)
class Capture:
    """A kept picture: the asset, and how it was taken (see `CaptureRow`)."""

    asset: Asset
    device: str
    frame: int
    frame_sha256: str
    taken: float
    optics: Optics


@dataclass(frozen=True, slots=True)
class _Picture:
    content: bytes
    jpeg: Jpeg
    frame_sha256: str
    unique_id: str


class Captures:
    """Takes pictures with the microscopes of the class and finds them again."""

    def __init__(self, hub: PluginHub, optics: OpticsLog) -> None:
        self._hub = hub
        self._devices = hub.devices
        self._assets = hub.assets
        self._school = hub.school
        self._optics = optics

    def microscopes(self) -> list[DeviceHandle]:
        """Return the microscopes, in the order of their configuration."""
        return [handle for handle in self._devices.list() if handle.kind == Microscope.kind]

    def microscope(self, device: str) -> DeviceHandle:
        """Return one microscope.

        Raises:
            NotFound: there is no such device, or it is no microscope.
        """
        handle = self._devices.get(device)
        if handle.kind != Microscope.kind:
            raise NotFound(f"{device} is a {handle.kind or 'device of unknown kind'}")
        return handle

    async def take(
        self,
        device: str,
        *,
        by: Principal,
        frame: int | None = None,
        still: bool = False,
        title: str | None = None,
        note: str = "",
        lesson: str | None = None,
    ) -> Capture:
        """Keep a frame of the live view; it is safe once this has returned.

        Args:
            device: the microscope's id.
            by: who takes it, and owns it then.
            frame: the id of the very frame that was seen; None for the next one that comes.
            still: at the camera's full size instead, where it can: the live view stands still.
            title: None for the microscope's name.
            note: what was written to it.
            lesson: None for the one that `by` is in.

        Raises:
            NotFound: no such microscope or lesson.
            Forbidden: `by` may not watch the microscope, or is not in that lesson.
            LessonEnded: the lesson is over, and `by` is no teacher.
            BadName: title or note cannot be used.
            FrameGone: the frame is not kept any more.
            BrokenPicture, Unreachable, TimedOut: the camera gave no picture.
        """
        handle = self.microscope(device)
        check(by, handle.access("observe", Microscope.view.name))
        kept = await self.lesson_for(by, lesson)
        title = self.title_of(handle, title)
        note = clean_text(note)
        if still and has_stills(handle):
            live = await take_still(handle, self._hub.operations, by=by)
        else:
            live = await self._frame(handle, frame)
        return await self.keep(handle, live, by=by, title=title, note=note, lesson=kept)

    def title_of(self, handle: DeviceHandle, wanted: str | None) -> str:
        """Return the title that was wanted, cleaned, or the microscope's name. Raises `BadName`."""
        return _title(handle) if wanted is None else clean_name(wanted, field="title", limit=TITLE)

    def optics_at(self, device: str, time: float, size: Size | None = None) -> Optics:
        """Return how the optics were at `time` (seconds since the epoch), see `OpticsLog.at`."""
        handle = self.microscope(device)
        return self._optics.at(device, time, size, view=view_size(handle), delay=view_delay(handle))

    async def keep(
        self,
        handle: DeviceHandle,
        live: LiveFrame,
        *,
        by: Principal,
        title: str,
        note: str,
        lesson: Lesson | None,
        info: dict[str, Any] | None = None,
        also: Also | None = None,
    ) -> Capture:
        """Keep a frame that was got already, for somebody who was checked already.

        Of the optics it names what held for as long as the frame may have been on its way.

        Args:
            handle: of the microscope.
            live: the frame.
            by: whose it will be.
            title: clean.
            note: clean.
            lesson: in whose album it goes.
            info: added to what is known of it.
            also: adds rows in the same transaction.

        Raises:
            NotFound: the lesson is gone.
            BrokenPicture: the frame is no picture.
            StorageFull: there is no room.
        """
        await _heard()
        optics = self.optics_at(handle.id, live.time, (live.width, live.height))
        facts = _facts(handle, live, optics, by=by, title=title, note=note, lesson=lesson)
        picture = await asyncio.to_thread(_picture, live.data, facts)

        def row(session: Session, asset: AssetRow) -> None:
            if also is not None:
                also(session, asset)
            session.add(
                CaptureRow(
                    asset=asset.id,
                    device=handle.id,
                    frame=live.id,
                    frame_sha256=picture.frame_sha256,
                    taken=live.time,
                    objective=optics.objective,
                    scale=optics.scale,
                    focus=optics.focus,
                )
            )

        asset = await self._assets.add(
            content=picture.content,
            media_type="image/jpeg",
            title=facts.title,
            note=note,
            owner=by,
            lesson=None if lesson is None else lesson.id,
            device=handle.id,
            info={**_info(handle, live, optics, picture), **(info or {})},
            also=row,
        )
        self._tell(handle.id, asset, live)
        return Capture(asset, handle.id, live.id, picture.frame_sha256, live.time, optics)

    async def get(self, asset: str, *, by: Principal) -> Capture:
        """Return one capture.

        Raises:
            NotFound: there is no such asset, or it is no capture.
            Forbidden: it is not for `by` to see.
        """
        found = await self._assets.get(asset)
        check(by, self._assets.access(found, "view"))
        captures = await self._with_rows([found])
        if not captures:
            raise NotFound(f"asset {asset} is no capture")
        return captures[0]

    async def of(
        self, device: str, *, by: Principal, cursor: str | None, limit: int
    ) -> Page[Capture]:
        """Return the captures of a microscope that `by` may see, newest first."""
        self.microscope(device)
        page = await self._assets.list(
            visible_to=by, device=device, media_type="image/jpeg", cursor=cursor, limit=limit
        )
        return Page(await self._with_rows(page.items), page.next)

    async def _with_rows(self, assets: list[Asset]) -> list[Capture]:
        wanted = [asset.id for asset in assets]

        def work(session: Session) -> dict[str, CaptureRow]:
            found = session.scalars(select(CaptureRow).where(CaptureRow.asset.in_(wanted)))
            rows = {row.asset: row for row in found}
            session.expunge_all()
            return rows

        rows = await self._hub.store.read(work)
        return [_capture(asset, rows[asset.id]) for asset in assets if asset.id in rows]

    async def lesson_for(self, by: Principal, named: str | None) -> Lesson | None:
        """Return the lesson that a picture of `by` goes to: the named one, else their own.

        Raises:
            NotFound: there is no such lesson.
            Forbidden: `by` is not in it.
            LessonEnded: it is over, and `by` is no teacher.
        """
        default = await self._school.default_lesson(by)
        if named is None or (default is not None and named == default.id):
            return default
        if by.role.includes(Role.TEACHER):
            return await self._school.lesson(named)
        if by.lesson == named:
            raise LessonEnded(f"lesson {named}")
        raise Forbidden(f"{by.id} is not in lesson {named}")

    async def _frame(self, handle: DeviceHandle, frame: int | None) -> LiveFrame:
        feed = handle.frames(Microscope.view.name)
        if frame is not None:
            return feed.get(frame)
        seen = 0 if feed.latest is None else feed.latest.id
        end = time.monotonic() + FRESH_FRAME_LIMIT
        live = await feed.next(after=seen, timeout=FRESH_FRAME_LIMIT)
        # Somebody changes the objective: the next pictures may still show the one before.
        while await self._changing(handle, live) and (left := end - time.monotonic()) > 0:
            try:
                live = await feed.next(after=live.id, timeout=left)
            except TimedOut:
                break  # what it shows is not certain, and so nothing is said of it
        return live

    async def _changing(self, handle: DeviceHandle, live: LiveFrame) -> bool:
        await _heard()
        return self._optics.changing(handle.id, live.time, view_delay(handle))

    def _tell(self, device: str, asset: Asset, live: LiveFrame) -> None:
        self._hub.publish(
            f"{device}/captured",
            {"asset": asset.id, "device": device, "frame": live.id, "lesson": asset.lesson},
            audience=self._assets.access(asset, "view"),
        )


async def _heard() -> None:
    """Return once what a driver said before it gave the last frame was heard.

    Readings and frames come on two channels. What was sent before a frame was sent lies there when
    the frame is here, and is read in the next turn of the event loop.
    """
    for _ in range(2):
        await asyncio.sleep(0)


def view_delay(handle: DeviceHandle) -> float:
    """Return how many seconds a picture of the live view may have been on its way."""
    described = handle.description
    view = None if described is None else described.streams.get(Microscope.view.name)
    return 0.0 if view is None else view.delay


def view_size(handle: DeviceHandle) -> Size | None:
    """Return width and height of the live view, None where it was not seen yet."""
    if Microscope.view.name not in handle.streams:
        return None
    latest = handle.frames(Microscope.view.name).latest
    return None if latest is None or not latest.width else (latest.width, latest.height)


def _picture(frame: bytes, facts: Facts) -> _Picture:
    digest = hashlib.sha256(frame).hexdigest()
    content, jpeg = splice(frame, replace(facts, frame_sha256=digest))
    return _Picture(content, jpeg, digest, facts.unique_id)


def _title(handle: DeviceHandle) -> str:
    """Return the microscope's name, made fit for a title; it is untrusted text, or empty."""
    try:
        return clean_name(handle.name[:TITLE], field="title", limit=TITLE)
    except BadName:
        return handle.id


def _facts(
    handle: DeviceHandle,
    live: LiveFrame,
    optics: Optics,
    *,
    by: Principal,
    title: str,
    note: str,
    lesson: Lesson | None,
) -> Facts:
    return Facts(
        taken=datetime.fromtimestamp(live.time, UTC).astimezone(),
        title=title,
        author=by.name,
        note=note,
        device=handle.id,
        device_name=handle.name or handle.id,
        frame=live.id,
        unique_id=secrets.token_hex(16),
        software=SOFTWARE,
        lesson="" if lesson is None else lesson.id,
        lesson_title="" if lesson is None else lesson.title,
        objective=optics.objective,
        scale=optics.scale,
        focus=optics.focus,
    )


def _info(
    handle: DeviceHandle, live: LiveFrame, optics: Optics, picture: _Picture
) -> dict[str, Any]:
    known = {
        "frame": live.id,
        "taken": rfc3339(live.time),
        "device": handle.id,
        "device_name": handle.name,
        "objective": optics.objective,
        "scale": optics.scale,
        "focus": optics.focus,
        "width": picture.jpeg.width,
        "height": picture.jpeg.height,
        "frame_sha256": picture.frame_sha256,
        "unique_id": picture.unique_id,
    }
    return {name: value for name, value in known.items() if value is not None}


def _capture(asset: Asset, row: CaptureRow) -> Capture:
    optics = Optics(row.objective, row.scale, row.focus)
    return Capture(asset, row.device, row.frame, row.frame_sha256, row.taken, optics)
