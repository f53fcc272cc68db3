"""A pupil's first visit: bytes over the wire, and seconds until usable on a slow tablet.

The peer is a page with nothing but one input: what the browser alone takes on this machine.
"""

import contextlib
import http.server
import statistics
import threading
import time
from collections.abc import Callable, Iterator

from playwright.sync_api import Browser, sync_playwright

from tests.bench._process import hub
from tests.bench._table import Row

CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
SLOW_DOWN = 4
VISITS = 5
# Runs in the page: keeps the time at which the first input can be typed into.
USABLE = """
  const find = (root) => {
    const input = root.querySelector("input");
    if (input) return input;
    for (const element of root.querySelectorAll("*")) {
      const found = element.shadowRoot && find(element.shadowRoot);
      if (found) return found;
    }
    return null;
  };
  const look = () => {
    const input = document.body && find(document);
    if (input && input.getClientRects().length) window.usable = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
"""


class BarePage(http.server.BaseHTTPRequestHandler):
    """One input and nothing else."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = b"<!doctype html><title>bare</title><body><label>Your name<input></label>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def bare_page() -> Iterator[str]:
    """Serve the bare page and yield its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), BarePage)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()
    thread.join()


def collector(sizes: list[float]) -> Callable[[dict[str, float]], None]:
    """Return a listener that keeps the size of each answer on the wire."""
    return lambda event: sizes.append(event["encodedDataLength"])


def visit(browser: Browser, url: str) -> tuple[float, float]:
    """Open a page with an empty cache; return bytes received and seconds until usable."""
    context = browser.new_context(viewport={"width": 1024, "height": 768}, locale="kk-KZ")
    page = context.new_page()
    page.add_init_script(USABLE)
    devtools = context.new_cdp_session(page)
    sizes: list[float] = []
    devtools.on("Network.loadingFinished", collector(sizes))
    devtools.send("Network.enable")
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_DOWN})
    page.goto(url, wait_until="commit")
    page.wait_for_load_state("networkidle")
    usable = float(page.evaluate("window.usable"))
    context.close()
    return sum(sizes), usable / 1000


def measure() -> list[Row]:
    """Visit the join page and the bare page in turn."""
    with hub("--virtual") as running, bare_page() as bare, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        time.sleep(6)  # the virtual classroom warms up; it is no part of the visit
        pairs = [
            (visit(browser, f"{running.url}/join"), visit(browser, bare)) for _ in range(VISITS)
        ]
        browser.close()
    usable = statistics.median(ours[1] for ours, _ in pairs)
    floor = statistics.median(theirs[1] for _, theirs in pairs)
    return [
        Row("a pupil's first visit, compressed", f"{pairs[0][0][0] / 1000:.0f} kB", "<= 150 kB"),
        Row(
            f"  usable at 4x CPU slow-down, median of {VISITS}",
            f"{usable:.2f} s",
            "<= 1 s",
            f"a page with one input: {floor:.2f} s",
        ),
    ]
