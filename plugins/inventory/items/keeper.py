"""Keeps things and their logs."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub import audit
from hub.clock import now
from hub.ids import new_id
from hub.plugin import SYSTEM, Access, PluginHub, Principal, Role
from plugins.inventory.errors import (
    ChangedMeanwhile,
    InventoryFull,
    ItemInUse,
    LogFull,
    UnknownEntry,
    UnknownItem,
)
from plugins.inventory.items.values import (
    MOST_ENTRIES,
    MOST_ITEMS,
    Entry,
    EntryFields,
    Item,
    ItemFields,
)
from plugins.inventory.tables import EntryRow, ItemRow

READERS = Access(role=Role.TEACHER)
_FIELDS = tuple(ItemFields.model_fields)


def today() -> date:
    """Return the day of the calendar on the hub's wall."""
    return datetime.fromtimestamp(now()).astimezone().date()


class Inventory:
    """All things, and the log of each.

    Args:
        hub: where they are kept and told.
    """

    def __init__(self, hub: PluginHub) -> None:
        self._hub = hub

    # Things.

    async def items(self) -> list[Item]:
        """Return all things, the first entered first."""

        def work(session: Session) -> list[Item]:
            return read_items(session)

        return await self._hub.store.read(work)

    async def item(self, item: str) -> Item:
        """Return a thing. Raises `UnknownItem`."""

        def work(session: Session) -> Item:
            return _item(session, _row(session, item))

        return await self._hub.store.read(work)

    async def of_device(self, device: str) -> Item:
        """Return the thing that a device of the hub is. Raises `UnknownItem`."""

        def work(session: Session) -> Item:
            row = session.scalar(select(ItemRow).where(ItemRow.device == device))
            if row is None:
                raise UnknownItem(f"device {device}")
            return _item(session, row)

        return await self._hub.store.read(work)

    async def add(self, fields: ItemFields, by: Principal) -> Item:
        """Enter a thing that is no device of the hub. Raises `InventoryFull`."""

        def work(session: Session) -> Item:
            row = new_row(session, fields)
            audit.record(session, by, "inventory.add", row.id, {"kind": fields.kind})
            session.flush()
            return _item(session, row)

        return self._told(await self._hub.store.write(work))

    async def change(self, item: str, revision: int, fields: ItemFields, by: Principal) -> Item:
        """Say otherwise what is known of a thing.

        Raises:
            UnknownItem: there is none.
            ChangedMeanwhile: it is no longer as it was in that revision.
        """

        def work(session: Session) -> Item:
            row = _row(session, item)
            if row.revision != revision:
                raise ChangedMeanwhile(f"{item} is at {row.revision}, not {revision}")
            changed = put(row, fields)
            if changed:
                audit.record(session, by, "inventory.change", item, {"fields": changed})
            return _item(session, row)

        return self._told(await self._hub.store.write(work))

    async def strike(self, item: str, in_use: Sequence[str], by: Principal) -> None:
        """Strike a thing off, with its log.

        Args:
            item: the thing.
            in_use: the ids of the devices that the hub has.
            by: who does it.

        Raises:
            UnknownItem: there is none.
            ItemInUse: it is a device that is in use.
        """

        def work(session: Session) -> None:
            row = _row(session, item)
            if row.device in in_use:
                raise ItemInUse(f"{item} is {row.device}")
            detail = {"number": row.number, "name": row.name}
            session.delete(row)
            for entry in session.scalars(select(EntryRow).where(EntryRow.item == item)):
                session.delete(entry)
            audit.record(session, by, "inventory.strike", item, detail)

        await self._hub.store.write(work)
        self._hub.publish(f"items/{item}", {"id": item, "gone": True}, audience=READERS)

    # Logs.

    async def entries(self, item: str) -> list[Entry]:
        """Return the log of a thing, the newest line first. Raises `UnknownItem`."""

        def work(session: Session) -> list[Entry]:
            _row(session, item)
            query = select(EntryRow).where(EntryRow.item == item)
            newest = query.order_by(EntryRow.day.desc(), EntryRow.id.desc())
            return [_entry(row) for row in session.scalars(newest)]

        return await self._hub.store.read(work)

    async def write(self, item: str, fields: EntryFields, by: Principal) -> Entry:
        """Write a line into the log of a thing.

        Raises:
            UnknownItem: there is none.
            LogFull: its log has as many lines as are kept.
        """

        def work(session: Session) -> Entry:
            _row(session, item)
            row = new_entry(session, item, fields, by)
            audit.record(session, by, f"inventory.{fields.kind}", item, {"entry": row.id})
            return _entry(row)

        written = await self._hub.store.write(work)
        self._tell(item)
        return written

    async def end(self, item: str, entry: str, ended: date | None, by: Principal) -> Entry:
        """Say on which day a fault was over, or with None that it is not.

        Raises:
            UnknownEntry: the thing has no such fault in its log.
        """

        def work(session: Session) -> Entry:
            row = session.get(EntryRow, entry)
            if row is None or row.item != item or row.kind != "fault":
                raise UnknownEntry(f"{entry} of {item}")
            row.ended = ended
            verb = "mended" if ended else "not-mended"
            audit.record(session, by, f"inventory.{verb}", item, {"entry": entry})
            return _entry(row)

        written = await self._hub.store.write(work)
        self._tell(item)
        return written

    def _tell(self, item: str) -> None:
        self._hub.publish(f"items/{item}", {"id": item, "gone": False}, audience=READERS)

    def _told(self, item: Item) -> Item:
        self._tell(item.id)
        return item


def new_row(session: Session, fields: ItemFields, device: str | None = None) -> ItemRow:
    """Add a thing in somebody's transaction. Raises `InventoryFull`."""
    if (session.scalar(select(func.count(ItemRow.id))) or 0) >= MOST_ITEMS:
        raise InventoryFull(f"{MOST_ITEMS} are kept")
    row = ItemRow(
        id=new_id(), device=device, firmware="", revision=1, changed=now(), **dict(fields)
    )
    session.add(row)
    return row


def put(row: ItemRow, fields: ItemFields) -> list[str]:
    """Set what is known of a thing; returns the names of what is different now."""
    changed = [name for name in _FIELDS if getattr(row, name) != getattr(fields, name)]
    for name in changed:
        setattr(row, name, getattr(fields, name))
    if changed:
        row.revision += 1
        row.changed = now()
    return changed


def new_entry(
    session: Session, item: str, fields: EntryFields, by: Principal, **more: object
) -> EntryRow:
    """Add a line in somebody's transaction. Raises `LogFull`."""
    count = select(func.count(EntryRow.id)).where(EntryRow.item == item)
    if (session.scalar(count) or 0) >= MOST_ENTRIES:
        raise LogFull(f"{MOST_ENTRIES} lines are kept")
    columns = {
        "id": new_id(), "item": item, "kind": fields.kind, "day": fields.day or today(),
        "text": fields.text, "params": {}, "code": "",
        "who": fields.who or ("" if by is SYSTEM else by.name), "cost": fields.cost, "times": 1,
        "ended": None, "by": by.owner, "made": now(), "told": now(),
    }  # fmt: skip
    row = EntryRow(**{**columns, **more})
    session.add(row)
    return row


def read_items(session: Session) -> list[Item]:
    """Return all things in somebody's transaction."""
    open_faults = (
        select(EntryRow.item, func.count(EntryRow.id))
        .where(EntryRow.kind == "fault", EntryRow.ended.is_(None))
        .group_by(EntryRow.item)
    )
    read_on = (
        select(EntryRow.item, func.max(EntryRow.day))
        .where(EntryRow.kind == "safety")
        .group_by(EntryRow.item)
    )
    faults: dict[str, int] = {row[0]: row[1] for row in session.execute(open_faults)}
    safety: dict[str, date] = {row[0]: row[1] for row in session.execute(read_on)}
    rows = session.scalars(select(ItemRow).order_by(ItemRow.id))
    return [_value(row, faults.get(row.id, 0), safety.get(row.id)) for row in rows]


def _row(session: Session, item: str) -> ItemRow:
    row = session.get(ItemRow, item)
    if row is None:
        raise UnknownItem(item)
    return row


def _item(session: Session, row: ItemRow) -> Item:
    mine = EntryRow.item == row.id
    faults = session.scalar(
        select(func.count(EntryRow.id)).where(
            mine, EntryRow.kind == "fault", EntryRow.ended.is_(None)
        )
    )
    safety = session.scalar(select(func.max(EntryRow.day)).where(mine, EntryRow.kind == "safety"))
    return _value(row, faults or 0, safety)


def _value(row: ItemRow, faults: int, safety: date | None) -> Item:
    # What is kept was checked when it came.
    fields = ItemFields.model_construct(**{name: getattr(row, name) for name in _FIELDS})
    return Item(row.id, row.device, fields, row.firmware, row.revision, row.changed, faults, safety)


def _entry(row: EntryRow) -> Entry:
    return Entry(**{name: getattr(row, name) for name in Entry.__dataclass_fields__})
