"""A board of 20,000 strokes opened and scrolled, and 15 pens that write on it: in a browser without GPU."""

import asyncio
import math
import struct
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from json import dumps, loads
from pathlib import Path
from typing import Any

import psutil
import pycrdt
from playwright.sync_api import Browser, sync_playwright

from tests.bench._process import Running, cpu_seconds, hub, quantile
from tests.bench._table import Row
from tests.bench.pens import DEVICE
from tests.bench.visit import CHROMIUM
from tests.board_client import Page

STROKES, SAMPLES, A_BATCH = 20_000, 30, 1000
TABLETS, RATE = 15, 200
SIZES = ((1366, 768), (3840, 2160))
SCROLLS, WRITES = 5.0, 8.0
WIDE, HIGH = 9000.0, 6000.0
SCRIPT = Path(__file__).with_suffix(".js")


@dataclass(frozen=True)
class At:
    """Where a page of `tests.board_client` finds the hub."""

    url: str
    port: int


def stroke(number: int, page: str) -> dict[str, Any]:
    """Return a stroke as a hand writes letters: 30 samples with pressure and tilt."""
    across, down = number % 200, number // 200
    points = [
        (8 * math.cos(n / 3 + number) + n, 12 * math.sin(n / 2 + number)) for n in range(SAMPLES)
    ]
    first = points[0]
    data = struct.pack("<BBHI", 1, 3, 0, SAMPLES)
    data += struct.pack(f"<{SAMPLES}I", *range(0, 5000 * SAMPLES, 5000))
    data += struct.pack(f"<{SAMPLES}f", *(x - first[0] for x, _ in points))
    data += struct.pack(f"<{SAMPLES}f", *(y - first[1] for _, y in points))
    data += struct.pack(f"<{SAMPLES}H", *(20_000 + 1000 * n for n in range(SAMPLES)))
    data += struct.pack(f"<{SAMPLES}h", *(100 * n for n in range(SAMPLES)))
    data += struct.pack(f"<{SAMPLES}h", *([2000] * SAMPLES))
    return {
        "kind": "stroke",
        "page": page,
        "time": 1.7e12 + number,
        "colour": ("#14221f", "#0b5cad", "#c2410c", "#047857")[number % 4],
        "pen": "pen",
        "width": 3.0,
        "x": WIDE * across / 200 - 3000 + first[0],
        "y": HIGH * down / (STROKES / 200) - 2000 + first[1],
        "device": "",
        "points": data,
    }


def post(running: Running, token: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Ask the hub for something."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    asked = urllib.request.Request(f"{running.url}/api/v1{path}", dumps(body).encode(), headers)
    with urllib.request.urlopen(asked, timeout=30) as answer:
        found: dict[str, Any] = loads(answer.read())
        return found


async def fill(running: Running, token: str, board: str) -> None:
    """Write the strokes as a page does, and wait until they are kept."""
    at = At(running.url, int(running.url.rpartition(":")[2]))
    page = Page(at, board, {"Authorization": f"Bearer {token}"})
    await page.come()
    name = page.own
    await page.follow(name)
    await page.until(lambda: name in page.caught_up)
    first = page.page
    for begin in range(0, STROKES, A_BATCH):
        with page.docs[name].transaction():
            items = page.docs[name].get("items", type=pycrdt.Map)
            for number in range(begin, begin + A_BATCH):
                items[f"stroke{number:06}"] = stroke(number, first)
        await page.settled(120)
    await page.leave()


def opened(
    browser: Browser, running: Running, code: str, board: str, size: tuple[int, int], strokes: int
) -> tuple[Any, float]:
    """Join as a pupil in a browser of this size, and open the board; returns page and seconds."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    page.add_init_script(path=SCRIPT)
    page.goto(running.url)
    answer = page.request.post(
        f"{running.url}/api/v1/session",
        data={"digits": code, "name": f"Pupil {size[0]}"},
        headers={"Origin": running.url},
    )
    assert answer.ok, answer.text()
    address = f"{running.url}/boards/{board}"
    page.goto(address)  # the program is in the browser's cache then
    page.evaluate(f"benchBoards.opened({strokes})")
    page.goto(address, wait_until="commit")
    return page, page.evaluate(f"benchBoards.opened({strokes})") / 1000


def measure() -> list[Row]:
    """Run the tablets' peers, a hub with a full board and one for the pens, and a browser."""
    arguments = ["--tablets", str(TABLETS), "--rate", str(RATE), "--contacts", "0"]
    command = [sys.executable, "-m", "drivers.virtual.pens", *arguments]
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
    rows = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        with hub() as running:
            code, board, token = _board(running)
            with ThreadPoolExecutor(1) as thread:  # playwright has the loop of this one
                thread.submit(asyncio.run, fill(running, token, board)).result()
            for size in SIZES:
                page, seconds = opened(browser, running, code, board, size, STROKES)
                found = page.evaluate(f"benchBoards.scrolled({SCROLLS})")
                bare = page.evaluate("benchBoards.bare(2)")
                page.context.close()
                shown = f"{size[0]}x{size[1]}"
                what = f"a board of {STROKES} strokes opened, {shown}"
                rows.append(Row(what, f"{seconds:.2f} s", "<= 1.5 s"))
                peer = f"a page that moves one picture: {bare:.0f} fps"
                rows.append(Row("  scrolled", f"{found['fps']:.0f} fps", ">= 50 fps", peer))
                rows.append(
                    Row("  longest pause between two frames", f"{found['longest']:.0f} ms", "")
                )
        with hub(config=config) as running:
            code, board, _ = _board(running)
            time.sleep(3.0)
            for size in SIZES:
                page, _ = opened(browser, running, code, board, size, 0)
                rows += _written(page, running, size)
                page.context.close()
        browser.close()
    return rows


def _written(page: Any, running: Running, size: tuple[int, int]) -> list[Row]:
    """Return how late the pens' ink is on the screen, and what it costs."""
    ours, chromium = running.family(), _browser()
    before = cpu_seconds(ours), cpu_seconds(chromium)
    seen = page.evaluate(f"benchBoards.ages({WRITES})")
    after = cpu_seconds(ours), cpu_seconds(chromium)
    hub_share, browser_share = (100 * (b - a) / WRITES for a, b in zip(before, after, strict=True))
    what = f"{seen['authors']} pens' samples to pixels, p95, {size[0]}x{size[1]}"
    p95, there = (quantile(seen[key], 0.95) for key in ("ages", "arrived"))
    peer = f"in the page, not painted: {there:.0f} ms"
    shares = f"{hub_share:.0f} % and {browser_share:.0f} % of a core"
    return [
        Row(what, f"{p95:.0f} ms", "<= 50 ms", peer),
        Row("  frames a second meanwhile", f"{seen['fps']:.0f} fps", ""),
        Row("  hub with drivers, and the browser", shares, ""),
    ]


def _browser() -> list[psutil.Process]:
    """Return the processes of the browser that this one has started."""
    children = psutil.Process().children(recursive=True)
    return [one for one in children if "chromium" in " ".join(one.cmdline())]


def _board(running: Running) -> tuple[str, str, str]:
    """Begin a lesson with a board; returns its digits, the board's id, a teacher's token."""
    token = running.token("teacher")
    lesson = post(running, token, "/lessons", {"title": "Writing"})
    board = post(running, token, "/boards", {"lesson": lesson["id"]})
    return str(lesson["code"]), str(board["id"]), token
