"""The printers: what they are and do, their plates, and what people set of them."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from drivers.printer.contract import Printer
from drivers.printer.gcode import DEFAULT, policy_named
from drivers.printer.values import PrinterState, Progress, Volume
from hub.clock import now
from hub.device import Quality
from hub.errors import NotFound
from hub.plugin import Access, DeviceHandle, PluginHub, Principal, Role, check
from plugins.printing.jobs.errors import PlateInUse
from plugins.printing.jobs.job import Job
from plugins.printing.jobs.register import record_printer
from plugins.printing.jobs.states import UNDER_WAY
from plugins.printing.queue.values import Plate, PrinterNow, PrinterSetup
from plugins.printing.tables import JobRow, PrinterRow

log = logging.getLogger("classhub.printing")

UNSEEN = 900.0
"""Seconds: longer than a cable that is put back or a hub that starts anew, shorter than a print."""
KEEP_SEEN = 60.0
"""Seconds between two notes that a printer is in sight."""


class Printers:
    """All printers of the hub, and what the plugin knows of each.

    Args of the constructor:
        policy_of: returns the G-code policy of a profile, None where there is no such profile.
        unseen: seconds for which a printer may be out of sight until its plate counts as clear no
            longer; 0: for ever.
        clock: epoch seconds.

    Attributes:
        changed: called with a printer's id when plate or setup have changed.
    """

    def __init__(
        self,
        hub: PluginHub,
        policy_of: Callable[[str], str | None],
        *,
        unseen: float = UNSEEN,
        clock: Callable[[], float] = now,
    ) -> None:
        self._hub = hub
        self._policy_of = policy_of
        self._unseen = unseen
        self.clock = clock
        self._plates: dict[str, Plate] = {}
        self._setups: dict[str, PrinterSetup] = {}
        self._busy: dict[str, str] = {}
        self._written: dict[str, float] = {}
        self.changed: list[Callable[[str], None]] = []

    async def start(self) -> None:
        """Read what was kept."""

        def work(session: Session) -> tuple[list[tuple[str, Plate, PrinterSetup]], dict[str, str]]:
            rows = [
                (row.device, plate_of(row), PrinterSetup.of(row.settings))
                for row in session.scalars(select(PrinterRow))
            ]
            states = [state.value for state in UNDER_WAY]
            running = select(JobRow.printer, JobRow.id).where(JobRow.state.in_(states))
            return rows, {row.printer: row.id for row in session.execute(running) if row.printer}

        rows, self._busy = await self._hub.store.read(work)
        self._plates = {device: plate for device, plate, _ in rows}
        self._setups = {device: setup for device, _, setup in rows}

    # What there is.

    def handles(self) -> list[DeviceHandle]:
        """Return the printers, in the order of their configuration."""
        return [one for one in self._hub.devices.list() if one.kind == Printer.kind]

    def handle(self, printer: str) -> DeviceHandle:
        """Return one. Raises `NotFound`, also where the device is no printer."""
        found = self._hub.devices.get(printer)
        if found.kind != Printer.kind:
            raise NotFound(f"{printer} is a {found.kind or 'device of unknown kind'}")
        return found

    def all(self) -> list[PrinterNow]:
        """Return each as it is now."""
        return [self._now(handle) for handle in self.handles()]

    def get(self, printer: str) -> PrinterNow:
        """Return one as it is now. Raises `NotFound`."""
        return self._now(self.handle(printer))

    def setup(self, printer: str) -> PrinterSetup:
        """Return what was set of a printer, or what is usual."""
        return self._setups.get(printer, PrinterSetup())

    def plate(self, printer: str) -> Plate:
        """Return how its plate is; one that nobody has ever spoken of is not clear."""
        return self._plates.get(printer, Plate()).after(self.clock(), self._unseen)

    def progress(self, printer: str) -> Progress | None:
        """Return how far its print is, as the printer said last while it could be reached."""
        try:
            handle = self.handle(printer)
        except NotFound:
            return None
        value = self._fresh(handle, Printer.progress.name)
        try:
            return None if value is None else Progress.model_validate(value)
        except ValidationError:
            return None

    def printing(self, job: str) -> str | None:
        """Return the printer that a job is on."""
        return next((printer for printer, busy in self._busy.items() if busy == job), None)

    def occupied(self, job: Job) -> None:
        """Learn that a job has come onto a printer, or is not on it any more."""
        for printer in [one for one, busy in self._busy.items() if busy == job.id]:
            del self._busy[printer]
        if job.under_way and job.printer is not None:
            self._busy[job.printer] = job.id

    # What people do.

    async def plate_cleared(self, printer: str, *, by: Principal, whose: Job | None) -> PrinterNow:
        """Note that somebody says that the plate is clear.

        Args:
            printer: its id.
            by: a teacher, or the pupil whose part lay on it.
            whose: the job whose part lies on it, where that is known.

        Raises:
            NotFound, Forbidden: no such printer; it is not for them to say.
            PlateInUse: it prints.
        """
        handle = self.handle(printer)
        owners = frozenset() if whose is None else frozenset({whose.owner})
        check(by, Access(role=Role.PUPIL, persons=owners, private=True))
        state = self._now(handle).state
        if state in (PrinterState.PRINTING, PrinterState.PAUSED):
            raise PlateInUse(f"{printer} is {state}")

        def work(session: Session) -> Plate:
            states = [one.value for one in UNDER_WAY]
            running = select(JobRow.id).where(JobRow.printer == printer, JobRow.state.in_(states))
            if (job := session.scalar(running)) is not None:
                raise PlateInUse(f"job {job}")
            row = printer_row(session, printer)
            time = self.clock()
            if not plate_of(row).after(time, self._unseen).clear:
                row.plate_clear, row.plate_job = True, None
                row.plate_since, row.plate_by = time, by.owner
                record_printer(session, by, "plate-cleared", printer)
            row.plate_seen = time
            return plate_of(row)

        self._plates[printer] = await self._hub.store.write(work)
        self._tell(printer)
        return self._now(handle)

    async def set_up(self, printer: str, changes: dict[str, Any], *, by: Principal) -> PrinterNow:
        """Change what is set of a printer; fields that are left out stay.

        Raises:
            NotFound: there is no such printer, or no such camera.
            NoSuchPolicy: there is no G-code policy of that name.
        """
        handle = self.handle(printer)
        if name := changes.get("policy", {}).get("name"):
            policy_named(name)
        if changes.get("camera") is not None:
            self._hub.devices.get(changes["camera"])

        def work(session: Session) -> PrinterSetup:
            row = printer_row(session, printer)
            setup = replace(PrinterSetup.of(row.settings), **changes)
            row.settings = setup.as_json()
            record_printer(session, by, "printer-set-up", printer, changes)
            return setup

        self._setups[printer] = await self._hub.store.write(work)
        self._tell(printer)
        return self._now(handle)

    # What the queue does.

    def plate_changed(self, printer: str, plate: Plate) -> None:
        """Learn how a plate is after a transaction of the queue."""
        self._plates[printer] = plate
        self._tell(printer)

    async def gone(self) -> None:
        """Of printers that are in the hub no more nobody knows what lies on their plates."""
        there = {handle.id for handle in self.handles()}
        for printer in [one for one, plate in self._plates.items() if plate.clear]:
            if printer not in there:
                await self.foreign_print(printer)

    async def foreign_print(self, printer: str) -> None:
        """Note that something is printed that the queue knows nothing of, or may be."""
        await self._not_clear(printer, None)

    async def _not_clear(self, printer: str, seen: float | None) -> None:
        if not self._plates.get(printer, Plate()).clear:
            return

        def work(session: Session) -> Plate:
            row = printer_row(session, printer)
            row.plate_clear, row.plate_job, row.plate_seen = False, None, seen
            row.plate_since, row.plate_by = self.clock(), ""
            return plate_of(row)

        self.plate_changed(printer, await self._hub.store.write(work))

    async def in_sight(self) -> None:
        """Note which printers with a clear plate are in sight, and which were not for too long.

        On a printer that was switched off, or while the hub was, somebody may have left something.
        """
        time, write = self.clock(), {}
        for handle in self.handles():
            plate = self._plates.get(handle.id)
            if plate is None or not plate.clear:
                continue
            if not (after := plate.after(time, self._unseen)).clear:
                log.info("%s was out of sight for too long: its plate may not be clear", handle.id)
                await self._not_clear(handle.id, after.seen)
            elif handle.state.reachable:
                self._plates[handle.id] = replace(plate, seen=time)
                if not 0 <= time - self._written.get(handle.id, 0.0) < KEEP_SEEN:
                    write[handle.id] = time
        if write:

            def work(session: Session) -> None:
                for printer in write:
                    row = printer_row(session, printer)
                    if row.plate_clear:
                        row.plate_seen = time

            await self._hub.store.write(work)
            self._written |= write

    def _now(self, handle: DeviceHandle) -> PrinterNow:
        def said(name: str) -> Any:
            reading = handle.readings.get(name)
            return None if reading is None else reading.value

        state, volume = self._fresh(handle, Printer.state.name), said(Printer.volume.name)
        materials = said(Printer.materials.name)
        return PrinterNow(
            id=handle.id,
            name=handle.name,
            reachable=handle.state.reachable,
            state=None if state is None else PrinterState(state),
            volume=None if volume is None else Volume.model_validate(volume),
            nozzle=said(Printer.nozzle.name),
            materials=None if materials is None else tuple(materials),
            plate=self.plate(handle.id),
            setup=self.setup(handle.id),
            policy=self._policy(self.setup(handle.id), said(Printer.policy.name)),
            busy_with=self._busy.get(handle.id),
        )

    def _policy(self, setup: PrinterSetup, own: str | None) -> str:
        """Return by which policy it is: as set here, as set for the device, as the profile says.

        A device that says no more than `default` leaves it to its profile.
        """
        named = setup.policy.get("name") or (own if own != DEFAULT else None)
        return named or self._policy_of(setup.profile) or DEFAULT

    @staticmethod
    def _fresh(handle: DeviceHandle, name: str) -> Any:
        """Return what a printer says now, None where it cannot be reached."""
        reading = handle.readings.get(name)
        if reading is None or not handle.state.reachable or reading.quality is not Quality.GOOD:
            return None
        return reading.value

    def _tell(self, printer: str) -> None:
        for told in self.changed:
            told(printer)


def printer_row(session: Session, printer: str) -> PrinterRow:
    """Return the row of a printer, a new one where there is none yet."""
    row = session.get(PrinterRow, printer)
    if row is None:
        row = PrinterRow(
            device=printer,
            plate_clear=False,
            plate_job=None,
            plate_since=now(),
            plate_by="",
            settings=PrinterSetup().as_json(),
        )
        session.add(row)
        session.flush()
    return row


def plate_of(row: PrinterRow) -> Plate:
    """Return how the plate is."""
    return Plate(row.plate_clear, row.plate_job, row.plate_since, row.plate_by, row.plate_seen)
