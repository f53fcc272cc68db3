"""Everything that `/metrics` says, gathered at the moment that it is asked for."""

import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)

from hub.metrics._devices import device_metrics
from hub.operations import Status

if TYPE_CHECKING:
    from hub.app import Hub


class Collector:
    """The metric families of a hub.

    Args:
        hub: running.
        since: when it was made ready, on the clock of `time.monotonic`.
        connections: returns how many WebSockets are open.
        refused: returns how many requests were refused for coming too fast.
    """

    def __init__(
        self,
        hub: "Hub",
        *,
        since: float,
        connections: Callable[[], int],
        refused: Callable[[], int],
    ) -> None:
        self._hub = hub
        self._connections = connections
        self._refused = refused
        self._since = since
        # A registry of its own: nothing global, and only what this hub is.
        self._process = ProcessCollector(registry=CollectorRegistry(auto_describe=False))

    def collect(self) -> Iterator[Metric]:
        """Yield all families; takes no longer than a look at what is counted already."""
        yield from self._about()
        yield from self._process.collect()
        yield from device_metrics(self._hub.devices.list())
        yield from self._traffic()
        yield from self._mqtt()
        yield from self._store()
        yield self._operations()

    def _about(self) -> Iterator[Metric]:
        hub = self._hub
        yield InfoMetricFamily(
            "classhub",
            "The hub.",
            {"version": hub.version, "hub": hub.id, "name": hub.settings.name},
        )
        yield _gauge(
            "classhub_uptime_seconds", "Since the hub was ready.", time.monotonic() - self._since
        )
        yield _gauge(
            "classhub_drivers_broken",
            "Drivers that cannot be used.",
            len(hub.devices.broken_drivers()),
        )
        yield _gauge(
            "classhub_plugins_failed",
            "Plugins that are off because they failed.",
            sum(loaded.state == "failed" for loaded in hub.plugins.all),
        )

    def _traffic(self) -> Iterator[Metric]:
        yield _gauge("classhub_websockets", "WebSockets that are open.", self._connections())
        yield _gauge(
            "classhub_endless_answers",
            "Live pictures and Server-Sent Events that are being served.",
            self._hub.places.taken,
        )
        yield _counter(
            "classhub_requests_refused",
            "Requests refused because their address sent too many.",
            self._refused(),
        )

    def _mqtt(self) -> Iterator[Metric]:
        state = self._hub.mqtt.state
        said = {
            "connects": "Times that the hub has connected to the broker.",
            "broker_starts": "Times that the hub has started its own broker.",
            "published": "Messages published on this connection.",
            "dropped": "Messages dropped because newer ones came before they could be sent.",
            "commands": "Commands taken.",
            "refused": "Commands refused.",
        }
        yield _gauge(
            "classhub_mqtt_connected",
            "Whether the hub is connected to a broker.",
            state.status == "connected",
        )
        yield _gauge(
            "classhub_mqtt_waiting_messages",
            "Messages that wait to be published.",
            state.counters.get("waiting", 0),
        )
        for name, text in said.items():
            yield _counter(f"classhub_mqtt_{name}", text, state.counters.get(name, 0))

    def _store(self) -> Iterator[Metric]:
        writes = self._hub.store.writes
        family = HistogramMetricFamily(
            "classhub_store_write_duration_seconds",
            "How long the database took to keep a change, the disk's part included.",
            unit="seconds",
        )
        family.add_metric([], writes.buckets(), writes.total)
        yield family
        try:
            disk = shutil.disk_usage(self._hub.settings.data)
        except OSError:
            return
        yield _gauge("classhub_disk_free_bytes", "Free where the hub keeps its data.", disk.free)
        yield _gauge("classhub_disk_size_bytes", "Size of that disk.", disk.total)

    def _operations(self) -> Metric:
        counted = Counter(operation.status for operation in self._hub.operations.list())
        family = GaugeMetricFamily(
            "classhub_operations", "Operations that are known, by status.", labels=["status"]
        )
        for status in Status:
            family.add_metric([status.value], counted[status])
        return family


def _gauge(name: str, said: str, value: float) -> Metric:
    return GaugeMetricFamily(name, said, value=float(value))


def _counter(name: str, said: str, value: float) -> Metric:
    return CounterMetricFamily(name, said, value=float(value))
