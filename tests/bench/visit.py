"""A pupil's first visit: bytes over the wire, and seconds until usable on a slow tablet."""

from collections.abc import Callable

from playwright.sync_api import sync_playwright

from tests.bench._process import hub
from tests.bench._table import Row

CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]


def collector(sizes: list[float]) -> Callable[[dict[str, float]], None]:
    """Return a listener that keeps the size of each answer on the wire."""
    return lambda event: sizes.append(event["encodedDataLength"])


def measure() -> list[Row]:
    """Open the join page with an empty cache at a quarter of the processor's speed."""
    with hub("--virtual") as running, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        results = []
        for _ in range(3):
            context = browser.new_context(viewport={"width": 1024, "height": 768})
            page = context.new_page()
            devtools = context.new_cdp_session(page)
            received: list[float] = []
            devtools.on("Network.loadingFinished", collector(received))
            devtools.send("Network.enable")
            devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
            page.goto(f"{running.url}/join", wait_until="commit")
            page.wait_for_selector("input:visible")
            usable = page.evaluate("performance.now()")
            page.wait_for_load_state("networkidle")
            results.append((sum(received), usable / 1000))
            context.close()
        browser.close()
    size, usable = results[0][0], sorted(r[1] for r in results)[1]
    return [
        Row("a pupil's first visit, compressed", f"{size / 1000:.0f} kB", "<= 150 kB"),
        Row("  usable at 4x CPU slow-down, median of 3", f"{usable:.2f} s", "<= 1 s"),
    ]
