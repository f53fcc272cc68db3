"""A gallery of five thousand captures: how soon its first pictures show, how smoothly it scrolls.

The peer is a page of the same height with nothing in it: what the browser alone does here.
"""

import io
import json
import sqlite3
import statistics
import urllib.request
from pathlib import Path

import psutil
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from hub.app import DATABASE
from tests.bench._process import Running, cpu_seconds, hub
from tests.bench._table import Row

CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
PICTURES = 5000
FILES = 60
OPENINGS = 5
SECONDS = 6
COPY = """
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
INSERT INTO asset (id, media_type, sha256, size, width, height, owner, owner_name, lesson, title,
  note, created, damaged, info, words, answer)
SELECT 'copy-' || i, media_type, sha256, size, width, height, owner, owner_name, lesson, title,
  'Жасуша ' || i, created - 86400.0 * (? - i) / 40, damaged, info, 'жасуша ' || i, answer
FROM n JOIN (SELECT *, row_number() OVER (ORDER BY seq) - 1 AS at FROM asset) ON at = i % ?
"""
# Runs in the page: resolves with the milliseconds from the click until every picture that is seen
# has been decoded.
OPEN = """async (path) => {
  const grid = () => {
    const find = (root) => {
      for (const one of root.querySelectorAll("*")) {
        if (one.localName === "hub-gallery-grid") return one;
        const found = one.shadowRoot && find(one.shadowRoot);
        if (found) return found;
      }
      return null;
    };
    return find(document);
  };
  const begun = performance.now();
  history.pushState(null, "", path);
  dispatchEvent(new Event("hub:navigate"));
  for (;;) {
    await new Promise(requestAnimationFrame);
    const images = [...(grid()?.shadowRoot.querySelectorAll("img") ?? [])].filter((image) => {
      const box = image.getBoundingClientRect();
      return box.top < innerHeight && box.bottom > 0;
    });
    if (images.length && images.every((image) => image.complete && image.naturalWidth))
      return performance.now() - begun;
    if (performance.now() - begun > 30000) return NaN;
  }
}"""
# Runs in the page: scrolls as a finger does and counts frames; returns frames a second, the
# slowest frame but one in milliseconds, and how far it came.
SCROLL = """async ([seconds, speed]) => {
  const times = [];
  const begun = performance.now();
  let last = begun;
  for (;;) {
    const now = await new Promise(requestAnimationFrame);
    times.push(now - last);
    scrollBy(0, speed * (now - last) / 1000);
    last = now;
    if (now - begun > seconds * 1000) break;
  }
  times.sort((a, b) => a - b);
  const passed = times.reduce((sum, one) => sum + one, 0);
  return [1000 * times.length / passed, times.at(-2), scrollY];
}"""


def fill(url: str, data: Path, token: str) -> tuple[str, str]:
    """Fill an album with `PICTURES` pictures of `FILES` files; return its lesson and digits."""
    made = call(f"{url}/api/v1/lessons", token, json.dumps({"title": "Bench"}).encode())
    lesson = made["id"]
    for number in range(FILES):
        picture = io.BytesIO()
        shade = (number * 37 % 256, number * 91 % 256, 120)
        Image.effect_noise((1280, 960), 60).convert("RGB").point(
            [min(255, (value + add) // 2) for add in shade for value in range(256)]
        ).save(picture, "JPEG", quality=80)
        form = (
            b'--b\r\nContent-Disposition: form-data; name="lesson"\r\n\r\n'
            + lesson.encode()
            + b'\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n'
            b"Content-Type: image/jpeg\r\n\r\n" + picture.getvalue() + b"\r\n--b--\r\n"
        )
        call(f"{url}/api/v1/assets", token, form, "multipart/form-data; boundary=b")
    more = PICTURES - FILES
    with sqlite3.connect(data / DATABASE) as database:
        database.execute(COPY, (more - 1, more, FILES))
    database.close()
    return lesson, made["code"]


def call(url: str, token: str, body: bytes, kind: str = "application/json") -> dict[str, str]:
    """Send a body and return the JSON that is answered."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
    request = urllib.request.Request(url, body, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def signed_in(
    browser: Browser, url: str, code: str, size: tuple[int, int]
) -> tuple[BrowserContext, Page]:
    """Return the browser of a pupil of the lesson, at the albums."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="kk-KZ")
    joined = {"digits": code, "name": "Bench"}
    answer = context.request.post(f"{url}/api/v1/session", data=joined, headers={"Origin": url})
    assert answer.ok, answer.text()
    page = context.new_page()
    page.goto(f"{url}/albums")
    page.locator("hub-albums-page a.lesson").wait_for()
    return context, page


def bare(browser: Browser, size: tuple[int, int]) -> float:
    """Return the frames a second of an empty page of the same height."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    page.set_content("<body><div>bare</div>")
    page.evaluate("document.querySelector('div').style.height = '300000px'")
    frames: list[float] = page.evaluate(SCROLL, [SECONDS / 2, 2000])
    context.close()
    return frames[0]


def scrolled(page: Page, running: Running, speed: int) -> tuple[list[float], float, float]:
    """Scroll; return what `SCROLL` does, and the shares of a core of the hub and of the browser.

    Frames that are missing with shares of less than a core were missing for want of a processor.
    """
    chromium = [
        one
        for one in psutil.Process().children(recursive=True)
        if "chromium" in " ".join(one.cmdline()[:1])
    ]
    hub_before, page_before = cpu_seconds(running.family()), cpu_seconds(chromium)
    frames: list[float] = page.evaluate(SCROLL, [SECONDS, speed])
    hub_used = cpu_seconds(running.family()) - hub_before
    page_used = cpu_seconds(chromium) - page_before
    return frames, hub_used / SECONDS, page_used / SECONDS


def measure() -> list[Row]:
    """Open the album again and again, and scroll through it."""
    with hub() as running, sync_playwright() as playwright:
        lesson, code = fill(running.url, running.data, running.token("teacher"))
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        context, page = signed_in(browser, running.url, code, (1366, 768))
        path = f"/lessons/{lesson}/album"
        cold = page.evaluate(OPEN, path)
        opened = []
        for _ in range(OPENINGS):
            page.goto(f"{running.url}/albums")
            page.locator("hub-albums-page a.lesson").first.wait_for()
            opened.append(page.evaluate(OPEN, path))
        calm, hub_calm, page_calm = scrolled(page, running, 2000)
        fling, hub_fling, page_fling = scrolled(page, running, 12000)
        context.close()
        floor = bare(browser, (1366, 768))
        browser.close()
    return [
        Row(
            f"gallery of {PICTURES} captures: first pictures",
            f"{statistics.median(opened):.0f} ms",
            "<= 300 ms",
            f"their small pictures made just then: {cold:.0f} ms",
        ),
        Row("  scrolling, 2000 px/s", f"{calm[0]:.0f} fps", ">= 50 fps", f"empty: {floor:.0f} fps"),
        Row("    of a core: browser, hub", f"{page_calm:.0%}, {hub_calm:.0%}", ""),
        Row("  scrolling, 12000 px/s", f"{fling[0]:.0f} fps", ">= 50 fps", f"{fling[1]:.0f} ms"),
        Row("    of a core: browser, hub", f"{page_fling:.0%}, {hub_fling:.0%}", ""),
    ]
