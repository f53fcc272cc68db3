"""Series of pictures: begun, followed, stopped, and gone on with after a restart."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drivers.microscope.contract import Microscope
from hub.clock import now
from hub.errors import HubError, Invalid
from hub.ids import new_id
from hub.plugin import N_, DeviceHandle, PluginHub, Principal, Role, check
from hub.programs import ffmpeg
from hub.school import clean_text
from hub.store import reserving
from plugins.microscopy.captures import Captures
from plugins.microscopy.optics import Optics
from plugins.microscopy.processing import Processing
from plugins.microscopy.series.burst import Burst
from plugins.microscopy.series.clip import Clip
from plugins.microscopy.series.drive import certain_optics
from plugins.microscopy.series.encoding import Encoder
from plugins.microscopy.series.errors import (
    HubEnded,
    MicroscopeMoves,
    ScaleUnknown,
    SeriesRunning,
    TooManySeries,
)
from plugins.microscopy.series.guided import Guided
from plugins.microscopy.series.plan import (
    MOST_PLACES,
    check_stage,
    focus_of,
    heights,
    places,
)
from plugins.microscopy.series.register import Register, said
from plugins.microscopy.series.time_lapse import TimeLapse
from plugins.microscopy.series.tools import Progress, Tools
from plugins.microscopy.series.values import MOVING, Kind, Series, State, lesson_id, planned

log = logging.getLogger("classhub.microscopy")

Take = Callable[[Series, Progress], Coroutine[Any, Any, dict[str, Any]]]

MOST_OF_A_PUPIL = 1
MOST_LAPSES = 2
"""Time-lapses of one microscope at the same time."""
MOST = 8
PUPILS_SECONDS = 120.0
PUPILS_PICTURES = 300
MOST_PICTURES = 2000
TITLES = {
    Kind.BURST: N_("Burst"),
    Kind.CLIP: N_("Clip"),
    Kind.TIME_LAPSE: N_("Time-lapse"),
    Kind.STACK: N_("Focus stack"),
    Kind.MOSAIC: N_("Mosaic"),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants taken, and what it is to be called; see `Captures.take`."""

    device: str
    title: str | None = None
    note: str = ""
    lesson: str | None = None


class SeriesService:
    """Takes series with the microscopes of the class.

    Whoever may take a picture may take a series. Pupils one at a time, with limits of its own.
    """

    def __init__(
        self, hub: PluginHub, captures: Captures, encoder: Encoder, processing: Processing
    ) -> None:
        self._hub = hub
        self._captures = captures
        self._register = Register(hub)
        self._tools = Tools(
            hub, captures, self._register, encoder, hub.work / "series", reserving(hub.work.parent)
        )
        self._clips = Clip(self._tools)
        self._bursts = Burst(self._tools)
        self._lapses = TimeLapse(self._tools)
        self._guided = Guided(self._tools, processing)
        self._operations: dict[str, str] = {}
        self._beginning = asyncio.Lock()

    async def start(self) -> None:
        """Go on with what the end of the hub has interrupted; remove what belongs to nothing."""
        unfinished = await self._register.take_up()
        known = {series.id for series in unfinished}
        await asyncio.to_thread(_tidy, self._tools.folder, known)
        for series in unfinished:
            try:
                await self._go_on(series)
            except HubError as error:
                log.warning("%s %s cannot go on: %s", series.kind, series.id, error)

    def close(self) -> None:
        """The hub ends: what is under way is left as it is."""
        self._tools.closing = True

    async def burst(self, wish: Wish, *, count: int, interval: float, by: Principal) -> Series:
        """Begin a burst.

        Raises:
            NotFound, Forbidden, LessonEnded, BadName: as for a single picture.
            SeriesRunning, TooManySeries: something else must end first.
        """
        return await self._begin(Kind.BURST, wish, {"count": count, "interval": interval}, by)

    async def clip(self, wish: Wish, *, seconds: float, by: Principal) -> Series:
        """Begin a clip; raises as `burst`, and `FfmpegMissing`."""
        ffmpeg()
        ffmpeg("ffprobe")
        _limit(by, seconds, PUPILS_SECONDS, "seconds")
        return await self._begin(Kind.CLIP, wish, {"seconds": seconds}, by)

    async def time_lapse(
        self,
        wish: Wish,
        *,
        interval: float,
        count: int | None,
        until: float | None,
        rate: int,
        by: Principal,
    ) -> Series:
        """Begin a time-lapse; raises as `burst`, and `Invalid`.

        Args:
            wish: of which microscope.
            interval: seconds from picture to picture.
            count: so many pictures, or
            until: when the last one may be taken, in seconds since the epoch.
            rate: pictures a second in the video.
            by: who begins it.
        """
        if (count is None) == (until is None):
            raise Invalid("either count or until", field="count")
        if count is None:
            count = planned(now(), interval, until or 0.0)
        if not 2 <= count <= MOST_PICTURES:
            raise Invalid(f"{count} pictures; 2 to {MOST_PICTURES} can be taken", field="count")
        _limit(by, count, PUPILS_PICTURES, "count")
        settled = {"interval": interval, "count": count, "rate": rate}
        return await self._begin(Kind.TIME_LAPSE, wish, settled, by)

    async def stack(
        self,
        wish: Wish,
        *,
        count: int,
        wanted: tuple[float, float] | None,
        autofocus: bool,
        settle: float,
        by: Principal,
    ) -> Series:
        """Begin a stack: the hub moves the focus, and joins the pictures; raises as `burst`.

        Args:
            wish: of which microscope.
            count: how many heights.
            wanted: the first and the last; None: some around where the focus is.
            autofocus: have the microscope focus first.
            settle: seconds from a movement to its picture.
            by: who begins it.

        Raises:
            NoDrivenFocus: the focus is moved by hand.
            Invalid: these heights cannot be.
        """
        handle = self._captures.microscope(wish.device)
        focus = focus_of(handle)
        check(by, handle.access("write", focus.name))
        settled: dict[str, Any] = {"count": count, "interval": 0.0, "settle": settle}
        if autofocus:
            check(by, handle.access("invoke", Microscope.autofocus.name))
            if wanted is not None or focus.name != Microscope.focus.name:
                raise Invalid("autofocus chooses the heights itself", field="autofocus")
            settled["autofocus"] = True
        else:
            at = (await handle.read(focus.name)).value
            optics = Optics()
            if wanted is None:
                optics = await certain_optics(self._captures, handle)
            settled["stops"] = heights(focus, at, count, wanted, optics.objective)
        return await self._begin(Kind.STACK, wish, settled, by)

    async def mosaic(
        self,
        wish: Wish,
        *,
        columns: int,
        rows: int,
        overlap: float,
        settle: float,
        by: Principal,
    ) -> Series:
        """Begin a mosaic around where the stage is; raises as `burst`.

        Args:
            wish: of which microscope.
            columns: pictures beside each other.
            rows: pictures below each other.
            overlap: part of a picture that neighbours share.
            settle: seconds from a movement to its picture.
            by: who begins it.

        Raises:
            NoDrivenStage: the slide is moved by hand.
            ScaleUnknown: nobody knows how wide a picture is.
            Invalid: too few or too many pictures.
        """
        handle = self._captures.microscope(wish.device)
        check_stage(handle)
        check(by, handle.access("write", Microscope.stage.name))
        count = columns * rows
        if not 2 <= count <= MOST_PLACES:
            raise Invalid(f"{count} pictures; 2 to {MOST_PLACES} can be joined", field="columns")
        scale = (await certain_optics(self._captures, handle)).scale
        frame = handle.frames(Microscope.view.name).latest
        size = (0, 0) if frame is None else (frame.width, frame.height)
        if scale is None or min(size) <= 0:
            raise ScaleUnknown(f"device {handle.id}")
        at = (await handle.read(Microscope.stage.name)).value
        step = tuple(side * scale * (1 - overlap) for side in size)
        stops = places((at["x"], at["y"]), columns, rows, (step[0], step[1]))
        settled = {"count": count, "interval": 0.0, "settle": settle, "stops": stops}
        settled |= {"columns": columns, "rows": rows, "overlap": overlap}
        return await self._begin(Kind.MOSAIC, wish, settled, by)

    async def get(self, id: str, *, by: Principal) -> Series:  # noqa: A002 - the word of the API
        """Return one. Raises `NotFound`, `Forbidden`."""
        series = await self._register.get(id)
        check(by, series.access("view"))
        return series

    async def of(self, device: str, *, by: Principal) -> list[Series]:
        """Return the newest of a microscope that `by` may see."""
        self._captures.microscope(device)
        return await self._register.newest(device, by)

    async def pictures(self, id: str, *, by: Principal) -> list[str]:  # noqa: A002
        """Return the assets of its pictures, in their order."""
        await self.get(id, by=by)
        return await self._register.pictures(id)

    async def stop(self, id: str, *, by: Principal) -> Series:  # noqa: A002
        """Ask it to stop and keep what is there; one that is over stays as it is."""
        series = await self._register.get(id)
        check(by, series.access("stop"))
        stoppable = series.state == State.RUNNING or (series.under_way and series.kind in MOVING)
        if stoppable and id in self._operations:
            self._hub.operations.cancel(self._operations[id])
        return series

    def operation(self, id: str) -> str | None:  # noqa: A002 - the word of the API
        """Return the operation that is doing it now."""
        return self._operations.get(id)

    async def _begin(
        self, kind: Kind, wish: Wish, settled: dict[str, Any], by: Principal
    ) -> Series:
        handle = self._captures.microscope(wish.device)
        check(by, handle.access("observe", Microscope.view.name))
        lesson = await self._captures.lesson_for(by, wish.lesson)
        series = Series(
            id=new_id(),
            kind=kind.value,
            state=State.RUNNING.value,
            device=handle.id,
            owner=by.owner,
            owner_name=by.name,
            lesson=lesson_id(lesson),
            title=self._captures.title_of(handle, wish.title),
            note=clean_text(wish.note),
            settled=settled,
            started=now(),
            ended=None,
            stopped=False,
            place=0,
            taken=0,
            missed=0,
            gaps=[],
            problem=None,
            result=None,
            tries=0,
        )
        async with self._beginning:
            self._check_limits(kind, handle, by)
            await asyncio.to_thread(_make_folder, self._tools.folder)
            self._tools.room(0)
            await self._register.add(series)
        await self._operate(series, self._work(series))
        return series

    def _check_limits(self, kind: Kind, handle: DeviceHandle, by: Principal) -> None:
        running = self._register.running()
        here = [one for one in running if one.device == handle.id]
        lapses = sum(one.kind == Kind.TIME_LAPSE for one in here)
        taking = [one for one in here if one.state == State.RUNNING]
        if (kind in MOVING and taking) or any(one.kind in MOVING for one in taking):
            raise MicroscopeMoves(f"device {handle.id}")
        if kind is not Kind.TIME_LAPSE and any(
            one.kind != Kind.TIME_LAPSE and one.state == State.RUNNING for one in here
        ):
            raise SeriesRunning(f"device {handle.id}")
        theirs = sum(one.owner == by.owner for one in running)
        pupil = not by.role.includes(Role.TEACHER)
        if len(running) >= MOST or (pupil and theirs >= MOST_OF_A_PUPIL):
            raise TooManySeries(f"{len(running)} in all, {theirs} of {by.owner}")
        if kind is Kind.TIME_LAPSE and lapses >= MOST_LAPSES:
            raise TooManySeries(f"{lapses} time-lapses of {handle.id}")

    def _work(self, series: Series) -> "_Work":
        takers = {
            Kind.BURST: self._bursts.take,
            Kind.CLIP: self._clips.take,
            Kind.TIME_LAPSE: self._lapses.take,
            Kind.STACK: self._guided.take,
            Kind.MOSAIC: self._guided.take,
        }
        return _Work(series, takers[Kind(series.kind)])

    async def _go_on(self, series: Series) -> None:
        if series.kind == Kind.BURST:
            await self._bursts.end(series.id, HubEnded(f"series {series.id}"))
        elif series.kind in MOVING:
            await self._guided.end(series.id, HubEnded(f"series {series.id}"))
        elif series.kind == Kind.CLIP:
            await self._operate(series, _Work(series, self._clips.resume))
        else:
            await self._operate(series, self._work(series))

    async def _operate(self, series: Series, work: "_Work") -> None:
        kind = Kind(series.kind)
        try:
            operation = self._hub.operations.start(
                action=kind.value,
                by=series.principal,
                work=work,
                device=series.device,
                title=TITLES[kind],
            )
        except HubError as error:
            await self._register.set(
                series.id, state=State.FAILED, problem=said(error), ended=now()
            )
            raise
        self._operations[series.id] = operation.id


class _Work:
    """One series as the work of an operation."""

    def __init__(self, series: Series, take: Take) -> None:
        self._series = series
        self._take = take

    def __call__(self, progress: Progress) -> Coroutine[Any, Any, dict[str, Any]]:
        return self._take(self._series, progress)


def _limit(by: Principal, wanted: float, most: float, name: str) -> None:
    if wanted > most and not by.role.includes(Role.TEACHER):
        raise Invalid(f"pupils may take up to {most:g} {name}", field=name)


def _make_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def _tidy(folder: Path, known: set[str]) -> None:
    """Remove half-made videos, and recordings that belong to nothing."""
    if not folder.is_dir():
        return
    for file in folder.iterdir():
        if file.suffix != ".mkv" or file.stem not in known:
            log.warning("removed %s, left by an earlier run", file.name)
            file.unlink()
