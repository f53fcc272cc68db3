"""What the computer tells: processor, memory, disk, heat."""

from collections.abc import Iterator
from pathlib import Path

from hub.plugin import N_
from plugins.health.series import SeriesInfo
from plugins.health.watching.devices import Value

COMPUTER = "computer"


def computer_values(data: Path) -> Iterator[Value]:
    """Yield what is measured of the computer now; what it does not tell is left out. Blocking.

    Args:
        data: where the hub keeps its data; how full that disk is.
    """
    import psutil  # noqa: PLC0415 - only where the computer is watched, and not at the start

    yield _of("processor", N_("Processor in use"), "%", psutil.cpu_percent(None))
    memory = psutil.virtual_memory()
    yield _of("memory", N_("Memory in use"), "%", memory.percent)
    try:
        disk = psutil.disk_usage(str(data))
    except OSError:
        pass  # The guard of the disk says what is wrong with it.
    else:
        yield _of("disk", N_("Disk in use"), "%", disk.percent)
        yield _of("disk_free", N_("Free on the disk"), "By", float(disk.free))
    heat = [
        one.current
        for sensors in psutil.sensors_temperatures().values()
        for one in sensors
        if one.current is not None and one.current > 0
    ]
    if heat:
        yield _of("heat", N_("Hottest part"), "Cel", max(heat))


def _of(name: str, title: str, unit: str, value: float) -> Value:
    return Value(SeriesInfo(COMPUTER, name, title, unit), value)
