"""What a device tells of how it is: the hub's own counts, and what its driver measures."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from hub.device import Quality
from hub.plugin import N_, DeviceHandle
from plugins.health.series import SeriesInfo

# UCUM units of what tells how a device is: how warm, how full, how long in use, how strong.
TELLING = frozenset(("Cel", "%", "h", "min", "s", "V", "A", "W", "dB", "lx", "/min", "Hz", "m"))
MOST_LEAVES = 12
MOST_DEPTH = 5

_COUNTS = {
    "connects": N_("Times connected"),
    "losses": N_("Connections lost"),
    "restarts": N_("Driver started again"),
    "events": N_("Events"),
    "messages_dropped": N_("Messages dropped"),
}


class Value(NamedTuple):
    """One measured value."""

    series: SeriesInfo
    value: float


class DeviceWatch:
    """The values of one device; what only rises is told as what it rose by.

    The hub's counters begin at 0 with the hub, so that nothing is lost or counted twice over a
    restart: what had been counted by then was told.
    """

    def __init__(self, device: DeviceHandle) -> None:
        self._device = device
        self._before: dict[str, float] = {}

    def values(self) -> Iterator[Value]:
        """Yield what is to be told now."""
        device = self._device
        id_ = device.id
        reachable = float(device.state.reachable)
        yield Value(SeriesInfo(id_, "reachable", N_("Reachable"), "1"), reachable)
        healthy = reachable and device.state.health is None
        yield Value(SeriesInfo(id_, "healthy", N_("In order"), "1"), float(healthy))
        counters = device.counters
        for name, title in _COUNTS.items():
            yield from self._rise(SeriesInfo(id_, name, title, "1", sums=True), counters.get(name))
        yield from self._rise(
            SeriesInfo(id_, "processor", N_("Processor time of its driver"), "s", sums=True),
            None if "cpu_ms" not in counters else counters["cpu_ms"] / 1000,
        )
        if "rss" in counters:
            memory = SeriesInfo(id_, "memory", N_("Memory of its driver"), "By")
            yield Value(memory, float(counters["rss"]))
        yield from self._calls()
        yield from self._properties()

    def _rise(self, series: SeriesInfo, now: float | None) -> Iterator[Value]:
        if now is None:
            return
        before = self._before.get(series.name, 0.0)
        self._before[series.name] = now
        # A process that was started anew counts from 0 again.
        rise = now - before if now >= before else now
        if rise:
            yield Value(series, float(rise))

    def _calls(self) -> Iterator[Value]:
        calls = self._device.calls
        count, total = calls.count, calls.total
        more = count - self._before.get("calls", 0.0)
        longer = total - self._before.get("calls_total", 0.0)
        self._before |= {"calls": float(count), "calls_total": total}
        if more > 0:
            answer = SeriesInfo(self._device.id, "answer", N_("Time to answer"), "s")
            yield Value(answer, longer / more)

    def _properties(self) -> Iterator[Value]:
        described = self._device.description
        if described is None or not self._device.state.reachable:
            return
        readings = self._device.readings
        for name, about in described.properties.items():
            reading = readings.get(name)
            if reading is None or reading.quality is not Quality.GOOD or about.writable:
                continue
            if about.unit not in TELLING:
                continue
            for leaf in leaves(name, about.title, reading.value, about.value_schema):
                title = "\n".join(leaf.titles)
                series = SeriesInfo(self._device.id, leaf.path, title, about.unit or "")
                yield Value(series, leaf.value)


class Leaf(NamedTuple):
    """A number within a value.

    Attributes:
        path: where it stands, such as `temperatures.bed.actual`.
        titles: what people call it, from the property's on (message ids and figures).
        value: it.
    """

    path: str
    titles: tuple[str, ...]
    value: float


def leaves(name: str, title: str, value: Any, schema: Mapping[str, Any]) -> list[Leaf]:
    """Return the numbers in the value of a property.

    Args:
        name: of the property.
        title: of the property (message id).
        value: JSON-ready.
        schema: of the value; its fields' titles name its parts.
    """
    found: list[Leaf] = []
    named = schema.get("$defs", {})
    waiting: list[tuple[str, tuple[str, ...], Any, Mapping[str, Any]]] = [
        (name, (title,), value, schema)
    ]
    while waiting and len(found) < MOST_LEAVES:
        path, titles, one, about = waiting.pop(0)
        if isinstance(one, bool):
            continue
        if isinstance(one, int | float):
            # A whole number may have more digits than a measured one has room for.
            with suppress(OverflowError):
                found.append(Leaf(path, titles, float(one)))
        elif len(titles) < MOST_DEPTH and isinstance(one, Mapping):
            for key, item in one.items():
                inner = _branch(about, named).get("properties", {}).get(key, {})
                said = str(inner.get("title", key))
                waiting.append((f"{path}.{key}", (*titles, said), item, inner))
        elif len(titles) < MOST_DEPTH and isinstance(one, list):
            inner = _branch(about, named).get("items", {})
            for at, item in enumerate(one, 1):
                number = (str(at),) if len(one) > 1 else ()
                waiting.append((f"{path}.{at}", (*titles, *number), item, inner))
    return found


def _branch(schema: Mapping[str, Any], named: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a schema says where there is something: of `null` or something, something."""
    schema = _whole(schema, named)
    for one in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        if isinstance(one, Mapping) and one.get("type") != "null":
            return _whole(one, named)
    return schema


def _whole(schema: Mapping[str, Any], named: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a schema, or what it refers to."""
    found = named.get(str(schema.get("$ref", "")).rpartition("/")[2], schema)
    return found if isinstance(found, Mapping) else schema
