"""A pen's tap over the serial line until the page shows the place, and until its voice sounds
and the voice of the place before is silent.

Each place is touched for the first time (the voice is made while one waits) and once more (it is
kept). The clock is the computer's own, read before the pen speaks and in the page.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.bench._process import hub, quantile
from tests.bench._table import Row

CHROMIUM = ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"]
# Of the virtual globe: 10000 and the number of the country (ISO 3166-1).
PLACES = [
    156,
    392,
    410,
    496,
    643,
    860,
    792,
    356,
    276,
    250,
    724,
    380,
    826,
    840,
    124,
    76,
    32,
    36,
    818,
    710,
]
DEVICE = """
[[devices]]
id = "globe"
driver = "globe"
name = "Globe"
settings = {{ port = "{port}", map = "virtual" }}
"""
# Keeps when each new heading of the card was drawn, when a sound began, and when it was told to end.
WATCH = """
  window.shown = []; window.sounds = []; window.silences = [];
  const pause = HTMLMediaElement.prototype.pause;
  HTMLMediaElement.prototype.pause = function () {
    if (!this.paused) window.silences.push(Date.now());
    return pause.call(this);
  };
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    this.addEventListener("playing", () => window.sounds.push(Date.now()), { once: true });
    return play.call(this);
  };
  const find = (root, tag) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.localName === tag) return element;
      const found = element.shadowRoot && find(element.shadowRoot, tag);
      if (found) return found;
    }
    return null;
  };
  let last = "";
  const look = () => {
    const card = document.body && find(document, "hub-place-card");
    const name = card?.shadowRoot?.querySelector("h1")?.textContent ?? "";
    if (name && name !== last) { last = name; window.shown.push(Date.now()); }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
"""


def measure() -> list[Row]:
    """Run the virtual globe, a hub and a browser."""
    with tempfile.TemporaryDirectory() as folder:
        control = Path(folder) / "control"
        command = [sys.executable, "-m", "drivers.virtual.globe", "--control", str(control)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as globe:
            assert globe.stdout is not None
            port = globe.stdout.readline().split()[-1]
            try:
                return _measure(DEVICE.format(port=port), control)
            finally:
                globe.terminate()


def _measure(config: str, control: Path) -> list[Row]:
    with hub(config=config) as running, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        bearer = {"Authorization": f"Bearer {running.token('teacher')}"}
        context = browser.new_context(locale="kk-KZ", reduced_motion="reduce")
        link = subprocess.run(
            [sys.executable, "-m", "hub.cli", "sign-in-link", "--data", str(running.data)],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        page = context.new_page()
        page.goto(link)
        page.locator("hub-home-page").wait_for()
        page.add_init_script(WATCH)
        page.goto(f"{running.url}/globe")
        page.locator("hub-globe-view canvas").wait_for()
        page.wait_for_timeout(2000)
        while not context.request.get(f"{running.url}/api/v1/devices/globe", headers=bearer).json()[
            "state"
        ]["reachable"]:
            page.wait_for_timeout(100)
        _tap(page, control, 398)
        first = [_tap(page, control, place) for place in PLACES]
        again = [_tap(page, control, place) for place in PLACES]
        browser.close()
    shown = [one[0] for one in (*first, *again)]
    return [
        Row("pen's tap to page shown, p95", f"{quantile(shown, 0.95):.0f} ms", "<= 150 ms"),
        Row("  its median", f"{quantile(shown, 0.5):.0f} ms", ""),
        Row(
            "tap to first sound, of a new place, p95",
            _p95(first),
            "<= 300 ms",
            "espeak-ng, made then",
        ),
        Row("tap to first sound, heard before, p95", _p95(again), "<= 300 ms"),
        Row(
            "tap to silence of the place before, p95",
            f"{quantile([one[2] for one in (*first, *again)], 0.95):.0f} ms",
            "<= 200 ms",
        ),
    ]


def _p95(taps: list[tuple[float, float, float]]) -> str:
    return f"{quantile([sound for _, sound, _ in taps], 0.95):.0f} ms"


def _tap(page: Page, control: Path, place: int) -> tuple[float, float, float]:
    """Touch a place; return milliseconds until it was shown, sounded, and the one before ended."""
    page.evaluate("window.shown = []; window.sounds = []; window.silences = []")
    say = [sys.executable, "-c", _SAY, str(control), f"OID {10_000 + place}"]
    began = float(subprocess.run(say, check=True, capture_output=True, text=True).stdout)
    page.wait_for_function(
        "() => window.shown.length > 0 && window.sounds.length > 0", timeout=30_000
    )
    found = page.evaluate("[window.shown[0], window.sounds[0], window.silences[0] ?? null]")
    time.sleep(0.3)
    # Of the first of all there is none before: no silence, and it is not counted.
    shown, sound, silence = (0.0 if at is None else at - began * 1000 for at in found)
    return shown, sound, silence


# In a process of its own, because Playwright's loop runs in this one. It says when it spoke.
_SAY = """
import asyncio, sys, time
from drivers.virtual.globe.control import ask
began = time.time()
asyncio.run(ask(sys.argv[1], say=[sys.argv[2]]))
print(began)
"""
