"""Fifteen tablets and a table at once, to four viewers: nothing lost, how late, and what it costs."""

import subprocess
import sys
import time

from tests.bench._process import cpu_seconds, hub, is_peer, quantile
from tests.bench._table import Row
from tests.bench.strokes import Viewing

TABLETS, RATE, CONTACTS, TABLE_RATE, VIEWERS, SECONDS = 15, 200, 10, 120, 4, 10.0

DEVICE = """
[[devices]]
id = "{id}"
driver = "{driver}"
name = "{id}"
settings = {{ path = "{path}" }}
"""


def measure() -> list[Row]:
    """Run the peers, a hub with MQTT, and four viewers in a process of their own."""
    arguments = ["--tablets", TABLETS, "--rate", RATE, "--contacts", CONTACTS]
    arguments += ["--table-rate", TABLE_RATE, "--restless"]
    command = [sys.executable, "-m", "drivers.virtual.pens", *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as peers:
        assert peers.stdout is not None
        address = peers.stdout.readline().split()[-1]
        try:
            return _measure(address)
        finally:
            peers.terminate()


def _measure(address: str) -> list[Row]:
    config = "".join(
        DEVICE.format(id=f"pen-{n}", driver="tablet", path=f"{address}-{n}")
        for n in range(1, TABLETS + 1)
    )
    config += DEVICE.format(id="table", driver="touch-table", path=f"{address}-table")
    with hub(config=config) as running:
        token = running.token("teacher")
        time.sleep(3.0)
        command = [sys.executable, "-m", "tests.bench.strokes", running.url, token]
        command += [str(VIEWERS), str(SECONDS)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as viewers:
            assert viewers.stdout is not None
            viewers.stdout.readline()  # it measures now
            family = [one for one in running.family() if not is_peer(one)]
            before, began = cpu_seconds(family), time.monotonic()
            time.sleep(SECONDS - 1.0)
            share = (cpu_seconds(family) - before) / (time.monotonic() - began)
            seen = Viewing.model_validate_json(viewers.stdout.readline())
    wanted = TABLETS * RATE + CONTACTS * TABLE_RATE
    p99 = quantile(seen.ages, 0.99) * 1000
    what = f"{TABLETS} pens at {RATE} Hz, {CONTACTS} contacts at {TABLE_RATE} Hz"
    return [
        Row(
            f"{what}: seen a second", f"{seen.rate:.0f}", f"{wanted}", "less: lost, or not kept up"
        ),
        Row("  reports of the table that are missing", f"{seen.gaps}", "0"),
        Row("  read to viewer, p99 of 4 viewers", f"{p99:.1f} ms", "<= 10 ms"),
        Row("  hub, driver and broker", f"{100 * share:.0f} % of a core", "<= 60 %"),
    ]
