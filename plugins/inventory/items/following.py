"""What the hub writes itself: devices into the inventory; firmware and faults into their logs."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.clock import now
from hub.plugin import N_, SYSTEM, DeviceHandle, HubError, Latch, Message, PluginHub
from plugins.inventory.items.keeper import READERS, new_entry, new_row, put, today
from plugins.inventory.items.knowing import ABOUT, Known, known_of
from plugins.inventory.items.values import EntryFields, ItemFields, one_line
from plugins.inventory.tables import EntryRow, ItemRow

log = logging.getLogger("classhub.inventory")

EVERY = 15.0
LASTING = 60.0
"""Seconds for which a device says that it has a fault, or has none, until it is written."""
AGAIN = 24 * 3600.0
"""The same fault within so many seconds is the same line."""
FIRST_FIRMWARE = N_("The firmware is {now}.")
NEW_FIRMWARE = N_("The firmware has changed from {before} to {now}.")


@dataclass(slots=True)
class _Told:
    """What a device says is wrong with it, and since when."""

    problem: dict[str, Any] | None
    since: float
    written: bool = False

    @property
    def code(self) -> str:
        return "" if self.problem is None else str(self.problem.get("code", ""))


class Following:
    """Keeps the inventory true of the hub's devices.

    Args:
        hub: the hub. monotonic: seconds that never go back.
    """

    def __init__(self, hub: PluginHub, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._hub = hub
        self._monotonic = monotonic
        self._known: dict[str, Known] = {}
        self._told: dict[str, _Told] = {}
        self._look = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._leave: list[Callable[[], None]] = []
        self._writes = Latch(
            log, "the inventory cannot be written: %s", "the inventory is written again"
        )

    async def start(self) -> None:
        """Begin to follow the devices."""
        self._leave = [self._hub.bus.subscribe("+/state", self._state)]
        self._leave += [self._hub.bus.subscribe(f"+/p/{name}", self._said) for name in ABOUT]
        self._task = asyncio.create_task(self._run(), name="inventory of devices")
        self._look.set()

    async def stop(self) -> None:
        """Leave off."""
        for leave in self._leave:
            leave()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _said(self, message: Message) -> None:
        if message.payload is not None:
            self._look.set()

    def _state(self, message: Message) -> None:
        device = message.topic.partition("/")[0]
        state = message.payload
        if not isinstance(state, dict):
            self._told.pop(device, None)
            return
        health = state.get("health")
        problem = health if isinstance(health, dict) and health.get("severity") == "fault" else None
        before = self._told.get(device)
        told = _Told(problem, self._monotonic())
        # A device that is away says nothing of how it is.
        if state.get("reachable") and (before is None or before.code != told.code):
            self._told[device] = told
        if device not in self._known:
            self._look.set()

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY):
                    await self._look.wait()
            self._look.clear()
            try:
                await self.look()
            except HubError as error:
                self._writes.failed(error)
            else:
                self._writes.worked()
            await asyncio.sleep(0.5)  # devices that start tell much in a moment

    async def look(self) -> None:
        """Write what is new of devices and of their faults."""
        devices = self._hub.devices.list()
        ids = {device.id for device in devices}
        for device in devices:
            known = known_of(device)
            if self._known.get(device.id) != known:
                await self._write(device, known, ids)
                self._known[device.id] = known
        for gone in self._known.keys() - ids:
            del self._known[gone]
        for device_id, told in list(self._told.items()):
            lasted = self._monotonic() - told.since >= LASTING
            if lasted and not told.written and device_id in self._known:
                await self._fault(device_id, told)
                told.written = True

    async def _write(self, device: DeviceHandle, known: Known, in_use: set[str]) -> None:
        def work(session: Session) -> str | None:
            row = session.scalar(select(ItemRow).where(ItemRow.device == device.id))
            changed = row is None
            if row is None:
                row = _adopted(session, device, known, in_use)
            changed |= _fill(row, device, known)
            if known.firmware and known.firmware != row.firmware:
                _firmware(session, row, known.firmware)
                changed = True
            return row.id if changed else None

        item = await self._hub.store.write(work)
        if item is not None:
            self._tell(item)

    async def _fault(self, device: str, told: _Told) -> None:
        def work(session: Session) -> str | None:
            row = session.scalar(select(ItemRow).where(ItemRow.device == device))
            return None if row is None else _put_fault(session, row.id, told)

        item = await self._hub.store.write(work)
        if item is not None:
            self._tell(item)

    def _tell(self, item: str) -> None:
        self._hub.publish(f"items/{item}", {"id": item, "gone": False}, audience=READERS)


def _adopted(session: Session, device: DeviceHandle, known: Known, in_use: set[str]) -> ItemRow:
    """Return the thing that a new device is: one with its serial number, or a new one."""
    kind = device.kind or "other"
    if known.serial:
        same = select(ItemRow).where(ItemRow.serial == known.serial, ItemRow.kind == kind)
        for row in session.scalars(same):
            if row.device is None or row.device not in in_use:
                row.device = device.id
                return row
    name = one_line(device.name)[:200] or device.id
    return new_row(session, ItemFields(name=name, kind=kind), device.id)


def _fill(row: ItemRow, device: DeviceHandle, known: Known) -> bool:
    """Fill in what people have left empty."""
    said = {
        name: getattr(known, name)
        for name in ("maker", "model", "serial")
        if getattr(known, name) and not getattr(row, name)
    }
    if row.kind == "other" and device.kind:
        said["kind"] = device.kind
    if not said:
        return False
    have = {name: getattr(row, name) for name in ItemFields.model_fields}
    return bool(put(row, ItemFields.model_construct(**{**have, **said})))


def _firmware(session: Session, row: ItemRow, firmware: str) -> None:
    text = NEW_FIRMWARE if row.firmware else FIRST_FIRMWARE
    params = {"before": row.firmware, "now": firmware}
    line = EntryFields(kind="firmware", text=text)
    new_entry(session, row.id, line, SYSTEM, params=params)
    row.firmware = firmware


def _put_fault(session: Session, item: str, told: _Told) -> str | None:
    """Write a fault that lasts, or that it is over; returns the item where anything changed."""
    mine = select(EntryRow).where(
        EntryRow.item == item, EntryRow.kind == "fault", EntryRow.by == SYSTEM.owner
    )
    changed = False
    for row in session.scalars(mine.where(EntryRow.ended.is_(None))):
        if row.code != told.code:
            row.ended, changed = today(), True
    if told.problem is None:
        return item if changed else None
    same = mine.where(EntryRow.code == told.code).order_by(EntryRow.id.desc()).limit(1)
    last = session.scalar(same)
    if last is not None and last.ended is None:
        return item if changed else None  # of before the hub's start
    if last is not None and 0 <= now() - last.told < AGAIN:
        last.ended, last.told = None, now()
        last.times += 1
        return item
    params = told.problem.get("params")
    new_entry(
        session, item,
        EntryFields(kind="fault", text=str(told.problem.get("title", ""))[:5000]), SYSTEM,
        code=told.code, params=params if isinstance(params, dict) else {},
    )  # fmt: skip
    return item
