"""How each table is divided: kept, changed by teachers, told to whoever wants to know."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from drivers.touch_table.contract import TouchTable
from hub.audit import record
from hub.clock import now
from hub.errors import NotFound
from hub.plugin import DeviceHandle, PluginHub, Principal
from plugins.touch.tables import ZonesRow
from plugins.touch.zones.errors import BadZones, ZonesChanged
from plugins.touch.zones.zone import MOST_ZONES, Layout, Side, Zone, overlap, ready_made


@dataclass(frozen=True, slots=True)
class Division:
    """How a table is divided; `revision` grows with every change, 0 before the first."""

    layout: Layout
    zones: tuple[Zone, ...]
    revision: int = 0


UNDIVIDED = Division(Layout.WHOLE, ready_made(Layout.WHOLE))


class Zones:
    """The divisions of all tables.

    Attributes:
        changed: called with a table's id and its new division.
    """

    def __init__(self, hub: PluginHub) -> None:
        self.changed: list[Callable[[str, Division], None]] = []
        self._hub = hub
        self._known: dict[str, Division] = {}

    async def start(self) -> None:
        """Read what is kept."""

        def work(session: Session) -> dict[str, Division]:
            return {row.device: _division(row) for row in session.query(ZonesRow)}

        self._known = await self._hub.store.read(work)

    def table(self, device: str) -> DeviceHandle:
        """Return one table. Raises `NotFound`."""
        handle = self._hub.devices.get(device)
        if handle.kind != TouchTable.kind:
            raise NotFound(f"{device} is no touch table")
        return handle

    def tables(self) -> list[DeviceHandle]:
        """Return all tables."""
        return [one for one in self._hub.devices.list() if one.kind == TouchTable.kind]

    def of(self, device: str) -> Division:
        """Return how a table is divided; not at all until somebody does."""
        return self._known.get(device, UNDIVIDED)

    async def divide(
        self,
        device: str,
        layout: Layout,
        own: Sequence[Zone],
        *,
        seats: Sequence[str | None],
        revision: int,
        by: Principal,
    ) -> Division:
        """Divide a table.

        Args:
            device: the table.
            layout: how.
            own: the zones, of `Layout.OWN`; their numbers are their order.
            seats: of the zones of the other layouts, in their order; may be fewer.
            revision: the division that `by` has seen.
            by: who does.

        Raises:
            NotFound: there is no such table.
            BadZones: zones overlap, or lie outside of the table.
            ZonesChanged: it was divided by somebody else meanwhile.
        """
        self.table(device)
        zones = _own(own) if layout is Layout.OWN else _seated(ready_made(layout), seats)

        def work(session: Session) -> Division:
            row = session.get(ZonesRow, device)
            if (0 if row is None else row.revision) != revision:
                raise ZonesChanged(f"{device} is at another revision than {revision}")
            if row is None:
                row = ZonesRow(device=device)
                session.add(row)
            row.layout, row.revision = layout.value, revision + 1
            row.zones = [_kept(zone) for zone in zones]
            row.changed = now()
            record(session, by, "touch.divide", device)
            return _division(row)

        division = await self._hub.store.write(work)
        self._known[device] = division
        for tell in self.changed:
            tell(device, division)
        return division


def _own(zones: Sequence[Zone]) -> tuple[Zone, ...]:
    if not 1 <= len(zones) <= MOST_ZONES:
        raise BadZones(f"{len(zones)} zones")
    numbered = tuple(zone._replace(number=at) for at, zone in enumerate(zones, 1))
    for at, zone in enumerate(numbered):
        tiny = 1e-9
        if zone.x + zone.width > 1 + tiny or zone.y + zone.height > 1 + tiny:
            raise BadZones(f"zone {zone.number} lies outside of the table")
        if any(overlap(zone, other) for other in numbered[:at]):
            raise BadZones(f"zone {zone.number} overlaps another")
    return numbered


def _seated(zones: tuple[Zone, ...], seats: Sequence[str | None]) -> tuple[Zone, ...]:
    if len(seats) > len(zones):
        raise BadZones(f"{len(seats)} seats at {len(zones)} zones")
    padded = [*seats, *([None] * (len(zones) - len(seats)))]
    return tuple(zone._replace(seat=seat) for zone, seat in zip(zones, padded, strict=True))


def _kept(zone: Zone) -> dict[str, Any]:
    return {**zone._asdict(), "side": zone.side.value}


def _division(row: ZonesRow) -> Division:
    zones = tuple(Zone(**{**one, "side": Side(one["side"])}) for one in row.zones)
    return Division(Layout(row.layout), zones, row.revision)
