"""Ready after start, memory and idle cost of the hub with one driver."""

import time

from tests.bench._process import cpu_seconds, hub, peer, pss_bytes, quantile
from tests.bench._table import Row
from tests.bench.frames import CONFIG

IDLE = 20.0


def measure() -> list[Row]:
    """Start three times; then let the last one be idle."""
    ready = []
    with peer("drivers.virtual.microscope") as address:
        for _ in range(3):
            with hub(config=CONFIG.format(address=address)) as running:
                ready.append(running.ready)
                time.sleep(4)
                family = running.family()
                memory = pss_bytes(family)
                before = cpu_seconds(family)
                if len(ready) == 3:
                    time.sleep(IDLE)
                used = (cpu_seconds(running.family()) - before) / IDLE
    return [
        Row("ready after start, median of 3", f"{quantile(ready, 0.5):.2f} s", "<= 2 s"),
        Row(
            "memory of hub and one driver (PSS)",
            f"{memory / 1e6:.0f} MB",
            "<= 130 MB",
            f"{len(family)} processes",
        ),
        Row("idle, of a core", f"{100 * used:.2f} %", "<= 1 %"),
    ]
