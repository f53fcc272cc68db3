"""The hub with eight devices in eight processes and its broker: ready, memory, idle cost."""

import time

from tests.bench._process import cpu_seconds, hub, peer, pss_bytes
from tests.bench._table import Row

DEVICES = 8
IDLE = 20.0
CONFIG = (
    '[[devices]]\nid = "d{number}"\ndriver = "stream"\nsettings = {{ url = "{address}/stream" }}\n'
)


def measure() -> list[Row]:
    """Start, wait until all of them run, and leave them alone."""
    with peer("drivers.virtual.microscope") as address:
        config = "".join(CONFIG.format(number=n, address=address) for n in range(DEVICES))
        with hub(config=config) as running:
            time.sleep(10)
            family = running.family()
            memory = pss_bytes(family)
            before = cpu_seconds(family)
            time.sleep(IDLE)
            used = (cpu_seconds(family) - before) / IDLE
    what = f"hub, {DEVICES} devices, broker"
    return [
        Row(f"{what}: ready", f"{running.ready:.2f} s", "<= 3 s"),
        Row(
            f"{what}: memory (PSS)",
            f"{memory / 1e6:.0f} MB",
            "<= 300 MB",
            f"{len(family)} processes",
        ),
        Row(f"{what}: idle, of a core", f"{100 * used:.2f} %", "<= 3 %"),
    ]
