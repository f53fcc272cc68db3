"""Calibrations of microscopes: kept all, told to whoever shows a scale.

Whoever calibrates says which calibration it replaces: of two teachers at once the second is told.
`x/microscopy/<device>/scale` (retained) says what a page needs to draw a scale bar: the objective
in use, the scale that the microscope tells itself, and the calibrations of that objective.
"""

import asyncio
import math
import secrets
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from drivers.microscope.contract import Microscope
from hub.audit import record
from hub.clock import now
from hub.errors import NotFound
from hub.frames import LiveFrame
from hub.plugin import DeviceHandle, PluginHub, Principal, check
from plugins.microscopy.calibration.errors import (
    BadPicture,
    BadPoints,
    CalibratedMeanwhile,
    ObjectivesChanged,
    TellsObjective,
    TooManyObjectives,
    UnknownObjective,
)
from plugins.microscopy.optics import Calibrated, OpticsLog
from plugins.microscopy.tables import CalibrationRow, ObjectivesRow

MOST_OBJECTIVES = 12
MOST_KEPT = 100
"""Calibrations of one objective of one microscope; the oldest go first."""
FRAME_LIMIT = 8.0
FIND_LIMIT = 60.0
FIND_MEMORY = 1200 << 20
"""Of address space, of which OpenCV takes a good part before it has seen a picture."""
MOST_PIXELS = 40_000_000
_LEAST_APART = 0.02  # of the picture's width
_BY_HAND = 1.5  # px: how well a person sets a point
_FIND = "plugins.microscopy.calibration.ruling:find_in_file"

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Calibration:
    """One calibration, see `CalibrationRow`."""

    id: int
    device: str
    objective: str
    width: int
    height: int
    scale: float
    how: str
    error: float
    length: float
    points: list[list[float]]
    by: str
    by_name: str
    made: float


@dataclass(frozen=True, slots=True)
class Objective:
    """An objective as the teacher calls it; of digital microscopes the whole magnification."""

    name: str
    magnification: float | None


@dataclass(frozen=True, slots=True)
class Objectives:
    """The objectives of a microscope; `revision` grows with every change, 0 before the first."""

    revision: int
    items: tuple[Objective, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """What a person measured: two points of a picture (px), and the um between them."""

    objective: str
    points: tuple[Point, Point]
    length: float
    width: int
    height: int
    how: str = "two-points"
    error: float | None = None

    def scale(self) -> tuple[float, float]:
        """Return micrometres to a pixel, and the relative error of it. Raises `BadPoints`."""
        if any(not (0 <= x <= self.width and 0 <= y <= self.height) for x, y in self.points):
            raise BadPoints("a point lies outside of the picture")
        apart = math.dist(*self.points)
        if not apart >= max(_LEAST_APART * self.width, 8.0):
            raise BadPoints(f"the points are {apart:.0f} px apart")
        error = math.sqrt(2) * _BY_HAND / apart if self.error is None else self.error
        return self.length / apart, error


class Calibrations:
    """The calibrations and objectives of all microscopes."""

    def __init__(self, hub: PluginHub) -> None:
        self._hub = hub
        self._started = False
        self.optics = OpticsLog(hub.bus, self._tell)

    async def start(self) -> None:
        """Read what is calibrated."""

        def work(session: Session) -> dict[str, list[Calibrated]]:
            found: dict[str, list[Calibrated]] = {}
            for row in session.scalars(select(CalibrationRow).order_by(CalibrationRow.id.desc())):
                found.setdefault(row.device, []).append(_calibrated(row))
            return found

        found = await self._hub.store.read(work)
        self._started = True
        for device, known in found.items():
            self.optics.calibrate(device, known)
        for handle in self._hub.devices.list():
            self._tell(handle.id)

    def close(self) -> None:
        """Listen no more."""
        self.optics.close()

    def microscope(self, device: str) -> DeviceHandle:
        """Return one microscope. Raises `NotFound`."""
        handle = self._hub.devices.get(device)
        if handle.kind != Microscope.kind:
            raise NotFound(f"{device} is no microscope")
        return handle

    async def of(self, device: str) -> list[Calibration]:
        """Return the calibrations of a microscope, the newest first. Raises `NotFound`."""
        self.microscope(device)

        def work(session: Session) -> list[Calibration]:
            return [_calibration(row) for row in _newest_first(session, device)]

        return await self._hub.store.read(work)

    async def add(
        self, device: str, measured: Measured, *, replaces: int | None, by: Principal
    ) -> Calibration:
        """Keep a calibration; it counts at once, and is safe once this has returned.

        Args:
            device: the microscope's id.
            measured: what was measured.
            replaces: the newest calibration of the objective that `by` has seen; None for none.
            by: who calibrates.

        Raises:
            NotFound: there is no such microscope.
            BadPoints: the points give no scale.
            CalibratedMeanwhile: there is a newer one than `replaces`.
            UnknownObjective: it is not one of the microscope's.
        """
        self.microscope(device)
        scale, error = measured.scale()
        told = self.optics.objective(device) if self.optics.tells_objective(device) else None

        def work(session: Session) -> tuple[Calibration, list[Calibrated]]:
            names = {each.name for each in _objectives(session, device).items}
            if measured.objective not in names and measured.objective != told:
                raise UnknownObjective(measured.objective)
            known = [
                row.id
                for row in _newest_first(session, device)
                if row.objective == measured.objective
            ]
            if next(iter(known), None) != replaces:
                raise CalibratedMeanwhile(f"the newest is {next(iter(known), None)}")
            row = CalibrationRow(
                device=device,
                objective=measured.objective,
                width=measured.width,
                height=measured.height,
                scale=scale,
                how=measured.how,
                error=error,
                length=measured.length,
                points=[list(point) for point in measured.points],
                by=by.owner,
                by_name=by.name,
                made=now(),
            )
            session.add(row)
            gone = known[MOST_KEPT - 1 :]
            session.execute(delete(CalibrationRow).where(CalibrationRow.id.in_(gone)))
            session.flush()
            detail = {"objective": row.objective, "scale": scale, "how": row.how}
            record(session, by, "calibration.add", device, detail)
            return _calibration(row), [_calibrated(each) for each in _newest_first(session, device)]

        made, known = await self._hub.store.write(work)
        self.optics.calibrate(device, known)
        return made

    async def remove(self, device: str, number: int, *, by: Principal) -> None:
        """Remove a calibration; the one before it counts again. Raises `NotFound`."""
        self.microscope(device)

        def work(session: Session) -> list[Calibrated]:
            row = session.get(CalibrationRow, number)
            if row is None or row.device != device:
                raise NotFound(f"calibration {number}")
            record(session, by, "calibration.remove", device, {"objective": row.objective})
            session.delete(row)
            session.flush()
            return [_calibrated(each) for each in _newest_first(session, device)]

        self.optics.calibrate(device, await self._hub.store.write(work))

    async def objectives(self, device: str) -> Objectives:
        """Return the objectives that were listed for a microscope. Raises `NotFound`."""
        self.microscope(device)
        return await self._hub.store.read(lambda session: _objectives(session, device))

    async def set_objectives(
        self, device: str, wanted: list[Objective], *, revision: int, by: Principal
    ) -> Objectives:
        """Put this list in the place of the microscope's.

        Raises:
            NotFound: there is no such microscope.
            TooManyObjectives: too many, or two of one name.
            ObjectivesChanged: the list has another revision by now.
        """
        self.microscope(device)
        if len(wanted) > MOST_OBJECTIVES or len({each.name for each in wanted}) != len(wanted):
            raise TooManyObjectives(f"{len(wanted)} objectives")

        def work(session: Session) -> Objectives:
            row = session.get(ObjectivesRow, device)
            if (0 if row is None else row.revision) != revision:
                raise ObjectivesChanged(f"not at revision {revision} any more")
            if row is None:
                row = ObjectivesRow(device=device)
                session.add(row)
            row.revision = revision + 1
            row.items = [asdict(each) for each in wanted]
            session.flush()
            record(session, by, "objectives.change", device, {"count": len(wanted)})
            return _objectives(session, device)

        kept = await self._hub.store.write(work)
        if not self.optics.tells_objective(device):
            chosen = self.optics.objective(device)
            if chosen is not None and chosen not in {each.name for each in kept.items}:
                self.optics.choose(device, None)
        return kept

    async def choose(self, device: str, objective: str | None) -> None:
        """Note which objective is in use, for a microscope that does not say it itself.

        Raises:
            NotFound: there is no such microscope.
            TellsObjective: it does say it.
            UnknownObjective: it is not one of the listed.
        """
        listed = await self.objectives(device)
        if self.optics.tells_objective(device):
            raise TellsObjective(device)
        if objective is not None and objective not in {each.name for each in listed.items}:
            raise UnknownObjective(objective)
        self.optics.choose(device, objective)

    async def detect(
        self, device: str, *, frame: int | None, by: Principal
    ) -> tuple[LiveFrame, dict[str, Any]]:
        """Find the ruling in a frame of the live view; return the frame and a `Ruling` as a dict.

        Raises:
            NotFound, Forbidden: there is no such microscope, or it is not for `by` to watch.
            FrameGone, Unreachable, TimedOut: there is no such picture.
            NoRuling, LinesTooClose, BadPicture: no ruling was found in it.
            WorkTimedOut, WorkersBusy: the computer has too much to do.
        """
        handle = self.microscope(device)
        check(by, handle.access("observe", Microscope.view.name))
        feed = handle.frames(Microscope.view.name)
        if frame is not None:
            live = feed.get(frame)
        else:
            seen = 0 if feed.latest is None else feed.latest.id
            live = await feed.next(after=seen, timeout=FRAME_LIMIT)
        if live.width * live.height > MOST_PIXELS:
            raise BadPicture(f"{live.width} x {live.height} pixels")
        file = self._hub.work / f"calibration-{secrets.token_hex(8)}"
        try:
            await asyncio.to_thread(_put, file, live.data)
            found = await self._hub.workers.run(
                _FIND, str(file), timeout=FIND_LIMIT, memory=FIND_MEMORY, urgent=True
            )
        finally:
            await asyncio.to_thread(file.unlink, missing_ok=True)
        return live, found

    def _tell(self, device: str) -> None:
        if not self._started or not self._is_microscope(device):
            return
        objective = self.optics.objective(device)
        known = [each for each in self.optics.calibrated(device) if each.objective == objective]
        self._hub.publish(
            f"{device}/scale",
            {
                "device": device,
                "objective": objective,
                "tells_objective": self.optics.tells_objective(device),
                "scale": self.optics.told_scale(device),
                "calibrations": [
                    {"width": each.width, "height": each.height, "scale": each.scale}
                    for each in known
                ],
            },
            retained=True,
        )

    def _is_microscope(self, device: str) -> bool:
        return any(h.id == device and h.kind == Microscope.kind for h in self._hub.devices.list())


def _put(file: Any, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def _newest_first(session: Session, device: str) -> list[CalibrationRow]:
    of_device = CalibrationRow.device == device
    rows = select(CalibrationRow).where(of_device).order_by(CalibrationRow.id.desc())
    return list(session.scalars(rows))


def _objectives(session: Session, device: str) -> Objectives:
    row = session.get(ObjectivesRow, device)
    if row is None:
        return Objectives(0, ())
    items = (Objective(each["name"], each["magnification"]) for each in row.items)
    return Objectives(row.revision, tuple(items))


def _calibrated(row: CalibrationRow) -> Calibrated:
    return Calibrated(row.objective, row.width, row.height, row.scale)


def _calibration(row: CalibrationRow) -> Calibration:
    return Calibration(**{name: getattr(row, name) for name in Calibration.__slots__})
