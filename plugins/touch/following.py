"""Follows the touches of all tables and tells them: with zone and seat, and as gestures.

    x/touch/<table>/zones      retained: how it is divided
    x/touch/<table>/contacts   {"contacts": […]}, every sample of the table, with zone and seat
    x/touch/<table>/gestures   {"gestures": […]}

What comes and goes is told at once; movements are gathered for `GATHER` seconds.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

from drivers.input.values import Size
from drivers.touch_table.contract import TouchTable
from hub.errors import NotFound
from hub.plugin import Message, PluginHub
from plugins.touch.contacts import Heard, Sample, TableContacts
from plugins.touch.zones.zones import Division, Zones

log = logging.getLogger("classhub.touch")

GATHER = 0.016

Listener = Callable[[str, Sequence[Sample]], None]


class _Table:
    """One table: its contacts, what waits to be told, and its timers."""

    def __init__(self, following: "Following", device: str) -> None:
        self.contacts = TableContacts(following.zones.of(device).zones)
        self._following = following
        self._device = device
        self._waiting = Heard()
        self._flush: asyncio.TimerHandle | None = None
        self._rest: asyncio.TimerHandle | None = None
        self._fed = time.monotonic()

    def feed(self, samples: Sequence[Sample]) -> None:
        self._fed = time.monotonic()
        self.tell(self.contacts.feed(samples))
        self._expect()

    def tell(self, heard: Heard) -> None:
        self._waiting.add(heard)
        if heard.urgent:
            self._now()
        elif self._flush is None and (heard.contacts or heard.gestures):
            self._flush = asyncio.get_running_loop().call_later(GATHER, self._now)

    def close(self) -> None:
        for timer in (self._flush, self._rest):
            if timer is not None:
                timer.cancel()
        self._flush = self._rest = None

    def _expect(self) -> None:
        """Look again when a finger that rests becomes a long press."""
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None
        due = self.contacts.due
        if due is not None:
            pause = max(due - self.contacts.last, 0.0)
            self._rest = asyncio.get_running_loop().call_later(pause, self._rested)

    def _rested(self) -> None:
        self._rest = None
        passed = time.monotonic() - self._fed
        self.tell(self.contacts.wait(self.contacts.last + passed))
        self._expect()

    def _now(self) -> None:
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None
        waiting, self._waiting = self._waiting, Heard()
        self._following.publish(self._device, waiting)


class Following:
    """Follows all tables, from `start` to `stop`.

    Attributes:
        listeners: called with a table's id and its samples, as they come; an end of all contacts
            that the table did not tell itself is among them.
    """

    def __init__(self, hub: PluginHub, zones: Zones) -> None:
        self.zones = zones
        self.listeners: list[Listener] = []
        self._hub = hub
        self._tables: dict[str, _Table] = {}
        self._leave: list[Callable[[], None]] = []

    def start(self) -> None:
        """Begin to follow."""
        self.zones.changed.append(self._divided)
        subscribe = self._hub.bus.subscribe
        self._leave = [
            subscribe(f"+/s/{TouchTable.touches.name}", self._hear),
            subscribe("+/state", self._state),
            subscribe(f"+/p/{TouchTable.size.name}", self._size),
        ]

    def stop(self) -> None:
        """Follow no more."""
        for leave in self._leave:
            leave()
        for table in self._tables.values():
            table.close()

    def size(self, device: str) -> Size | None:
        """Return how large a table is, None where it does not say."""
        table = self._tables.get(device)
        return None if table is None else table.contacts.size

    def publish(self, device: str, heard: Heard) -> None:
        """Tell what was heard of a table."""
        if heard.contacts:
            self._hub.publish(f"{device}/contacts", {"contacts": heard.contacts})
        if heard.gestures:
            self._hub.publish(f"{device}/gestures", {"gestures": heard.gestures})

    def _hear(self, message: Message) -> None:
        device = message.topic.partition("/")[0]
        table = self._table(device)
        if table is not None:
            samples = table.contacts.living(message.payload["samples"])
            if samples:
                table.feed(samples)
                self._pass_on(device, samples)

    def _state(self, message: Message) -> None:
        device = message.topic.partition("/")[0]
        if message.payload is None:
            gone = self._tables.pop(device, None)
            if gone is not None:
                self._end(device, gone)
                gone.close()
                self._hub.bus.clear(f"x/touch/{device}")
            return
        table = self._table(device)
        if table is None:
            return
        if message.payload["reachable"]:
            table.contacts.back()
        else:
            self._end(device, table)

    def _size(self, message: Message) -> None:
        device = message.topic.partition("/")[0]
        table = self._table(device)
        if table is not None:
            value = None if message.payload is None else message.payload.get("value")
            table.contacts.size = None if value is None else Size.model_validate(value)

    def _end(self, device: str, table: _Table) -> None:
        """End contacts whose table has gone without saying so: its process was killed, say."""
        if len(table.contacts):
            heard = table.contacts.gone()
            table.tell(heard)
            self._pass_on(device, heard.contacts)

    def _divided(self, device: str, division: Division) -> None:
        table = self._table(device)
        if table is not None:
            table.tell(table.contacts.divide(division.zones))
            self._tell_division(device, division)

    def _tell_division(self, device: str, division: Division) -> None:
        self._hub.publish(
            f"{device}/zones",
            {
                "layout": division.layout.value,
                "revision": division.revision,
                "zones": [{**one._asdict(), "side": one.side.value} for one in division.zones],
            },
            retained=True,
        )

    def _pass_on(self, device: str, samples: Sequence[Sample]) -> None:
        for listener in self.listeners:
            listener(device, samples)

    def _table(self, device: str) -> _Table | None:
        known = self._tables.get(device)
        if known is None:
            try:
                self.zones.table(device)
            except NotFound:
                return None
            known = self._tables[device] = _Table(self, device)
            self._tell_division(device, self.zones.of(device))
        return known
