"""Figures of each device: what `DeviceHandle.counters` says, under names with units."""

from collections.abc import Callable, Iterable, Iterator
from typing import get_args

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
    StateSetMetricFamily,
)

from hub.devices import DeviceHandle, DeviceState
from hub.histogram import Histogram

LABELS = ("device", "driver", "kind")
_PRESENCES = get_args(DeviceState.model_fields["presence"].annotation)
_PROCESSES = get_args(DeviceState.model_fields["process"].annotation)
_RESTARTS = "restarts_"

# Counters of a handle by their names here. The processes of a driver that serves several devices
# are told with each of them.
_COUNTS = {
    "connects": ("connects", "Times that the device was connected."),
    "losses": ("losses", "Times that the connection to the device was lost."),
    "readings": ("readings", "Readings of properties that were taken in."),
    "events": ("events", "Events that the device told."),
    "messages_dropped": (
        "messages_dropped",
        "Messages that the driver's process dropped because they came too fast.",
    ),
}
_STREAM_COUNTS = {
    "frames": ("frames", "Pictures taken in from a stream."),
    "dropped": ("frames_dropped", "Pictures thrown away because they were broken or too large."),
    "bytes": ("frame_bytes", "Size of the pictures taken in."),
}


def device_metrics(devices: Iterable[DeviceHandle]) -> Iterator[Metric]:
    """Yield the metric families of all devices."""
    all_ = [(device, _labels(device), device.counters) for device in devices]
    yield from _states(all_)
    for counter, (name, said) in _COUNTS.items():
        family = CounterMetricFamily(f"classhub_device_{name}", said, labels=LABELS)
        for _, labels, counters in all_:
            family.add_metric(labels, counters.get(counter, 0))
        yield family
    for counter, (name, said) in _STREAM_COUNTS.items():
        family = CounterMetricFamily(f"classhub_device_{name}", said, labels=[*LABELS, "stream"])
        for device, labels, counters in all_:
            for stream in device.streams:
                family.add_metric([*labels, stream], counters.get(f"{stream}_{counter}", 0))
        yield family
    yield from _processes(all_)
    yield _calls(all_)


_All = list[tuple[DeviceHandle, list[str], dict[str, int]]]


def _states(all_: _All) -> Iterator[Metric]:
    for name, said, what in (
        ("reachable", "Whether its driver has a connection to the device.", _is_reachable),
        ("healthy", "Whether the device is reachable and reports nothing wrong.", _is_healthy),
    ):
        family = GaugeMetricFamily(f"classhub_device_{name}", said, labels=LABELS)
        for device, labels, _ in all_:
            family.add_metric(labels, float(what(device)))
        yield family
    sets: list[tuple[str, str, tuple[str, ...], Callable[[DeviceHandle], str]]] = [
        ("presence", "Whether it is plugged in.", _PRESENCES, lambda d: d.state.presence),
        ("process", "How its driver's process is.", _PROCESSES, lambda d: d.state.process),
    ]
    for name, said, choices, which in sets:
        states = StateSetMetricFamily(f"classhub_device_{name}", said, labels=LABELS)
        for device, labels, _ in all_:
            now = which(device)
            states.add_metric(labels, {choice: choice == now for choice in choices})
        yield states


def _processes(all_: _All) -> Iterator[Metric]:
    memory = GaugeMetricFamily(
        "classhub_driver_memory_bytes",
        "Resident memory of the driver's process and of what it started.",
        labels=LABELS,
        unit="bytes",
    )
    cpu = CounterMetricFamily(
        "classhub_driver_cpu_seconds",
        "Processor time of the driver's processes.",
        labels=LABELS,
        unit="seconds",
    )
    restarts = CounterMetricFamily(
        "classhub_driver_restarts",
        "Times that the driver's process was started again, by cause.",
        labels=[*LABELS, "cause"],
    )
    for _, labels, counters in all_:
        if "rss" in counters:
            memory.add_metric(labels, counters["rss"])
        if "cpu_ms" in counters:
            cpu.add_metric(labels, counters["cpu_ms"] / 1000)
        causes = {
            name.removeprefix(_RESTARTS): count
            for name, count in counters.items()
            if name.startswith(_RESTARTS)
        }
        rest = counters.get("restarts", 0) - sum(causes.values())
        for cause, count in {**causes, "other": rest}.items():
            restarts.add_metric([*labels, cause], count)
    yield from (memory, cpu, restarts)


def _calls(all_: _All) -> Metric:
    family = HistogramMetricFamily(
        "classhub_device_call_duration_seconds",
        "How long the device took to be read, be set, or do an action.",
        labels=LABELS,
        unit="seconds",
    )
    for device, labels, _ in all_:
        calls = getattr(device, "calls", None)
        if isinstance(calls, Histogram):
            family.add_metric(labels, calls.buckets(), calls.total)
    return family


def _labels(device: DeviceHandle) -> list[str]:
    return [device.id, device.driver_name, device.kind]


def _is_reachable(device: DeviceHandle) -> bool:
    return device.state.reachable


def _is_healthy(device: DeviceHandle) -> bool:
    return device.state.reachable and device.state.health is None
