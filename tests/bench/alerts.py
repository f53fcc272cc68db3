"""Alerts: from a pulled cable until the page shows it; and what the whole plugin costs the hub.

The cable is a globe's: its peer is killed, the serial line ends. The rule's own delay is nothing
here. For the cost the same hub with the virtual classroom runs with the plugin and without.
"""

import json
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from tests.bench._process import Running, cpu_seconds, hub, pss_bytes, quantile
from tests.bench._table import Row

GLOBES, ROUNDS = 6, 2
SETTLE, MEASURED = 45.0, 60.0
WITHOUT = "[plugins.health]\nenabled = false\n"
RULES = """schema = 1
source = "the bench"
date = 2026-11-29
[rules.device-unreachable]
delay = 0
hold = 0
"""


class Globe:
    """A globe's peer behind a path that stays the same."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.process: subprocess.Popen[str] | None = None

    def put(self) -> None:
        """Start it."""
        command = [sys.executable, "-m", "drivers.virtual.globe"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(line.split()[-1])

    def pull(self) -> float:
        """Kill it; return the moment."""
        assert self.process is not None
        self.path.unlink(missing_ok=True)
        self.process.send_signal(signal.SIGKILL)
        at = time.monotonic()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()
        return at


def measure() -> list[Row]:
    """Return the rows of the table."""
    return [*_shown(), *_cost()]


def _shown() -> list[Row]:
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "bench.toml").write_text(RULES)
        globes = [Globe(folder / f"globe-{number}") for number in range(GLOBES)]
        for globe in globes:
            globe.put()
        config = f'[plugins.health.alerts]\nrules = ["{folder}"]\ngrace = 0\n' + "".join(
            f'[[devices]]\nid = "g{number}"\ndriver = "globe"\nsettings = {{ port = "{globe.path}", map = "virtual" }}\n'
            for number, globe in enumerate(globes)
        )
        took = []
        try:
            with hub(config=config) as running, sync_playwright() as player:
                token = running.token("engineer")
                _until(lambda: all(_reachable(running, token, f"g{n}") for n in range(GLOBES)))
                chromium = player.chromium.launch(
                    executable_path="/usr/bin/chromium", args=["--no-sandbox"]
                )
                command = [sys.executable, "-m", "hub.cli", "sign-in-link", "--role", "engineer"]
                link = subprocess.run(
                    [*command, "--data", str(running.data)],
                    check=True, capture_output=True, text=True,
                ).stdout.strip()  # fmt: skip
                page = chromium.new_page()
                page.goto(link)
                page.wait_for_timeout(1000)
                page.goto(f"{running.url}/health")
                page.wait_for_selector("hub-health-alerts .verdict.good", timeout=60_000)
                for _ in range(ROUNDS):
                    for number, globe in enumerate(globes):
                        at = globe.pull()
                        page.wait_for_selector("hub-health-alerts .todo li.card", timeout=60_000)
                        took.append(time.monotonic() - at)
                        globe.put()
                        _until(lambda n=number: _reachable(running, token, f"g{n}"))
                        page.wait_for_selector("hub-health-alerts .verdict.good", timeout=60_000)
                chromium.close()
        finally:
            for globe in globes:
                globe.pull()
    figure = f"{quantile(took, 0.95):.2f} s"
    return [
        Row(
            "health: pulled to alert shown on the page, p95",
            figure,
            "≤ 2 s",
            f"median {quantile(took, 0.5):.2f} s, of {len(took)}; without the rule's delay",
        )
    ]


def _cost() -> list[Row]:
    found = {}
    for name, config in (("with", ""), ("without", WITHOUT)):
        with hub("--virtual", config=config) as running:
            time.sleep(SETTLE)
            mine = [running.process]
            before = cpu_seconds(mine)
            time.sleep(MEASURED)
            found[name] = (
                (cpu_seconds(mine) - before) / MEASURED * 100,
                pss_bytes(mine) / 1e6,
            )
    (cpu, memory), (bare_cpu, bare_memory) = found["with"], found["without"]
    return [
        Row(
            "health: processor of the hub, with less without",
            f"{cpu - bare_cpu:.2f} % of a core",
            "≤ 1 %",
            f"{cpu:.2f} % and {bare_cpu:.2f} %, nine devices",
        ),
        Row(
            "health: memory of the hub, with less without",
            f"{memory - bare_memory:.1f} MB",
            "≤ 15 MB",
            f"{memory:.0f} MB and {bare_memory:.0f} MB",
        ),
    ]


def _reachable(running: Running, token: str, device: str) -> bool:
    request = urllib.request.Request(
        f"{running.url}/api/v1/devices/{device}", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
    return bool(found["state"]["reachable"])


def _until(true: Any) -> None:
    end = time.monotonic() + 60
    while not true():
        if time.monotonic() > end:
            raise RuntimeError("it did not come in a minute")
        time.sleep(0.1)
