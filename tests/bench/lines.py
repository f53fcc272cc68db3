"""Lines to an instant fake printer: how many a second, and the gap from its `ok` to the next line.

Beside OctoPrint and a bare loop of pyserial on the same kind of pseudo-terminal, alone and while
the computer is busy: eight that poll the API, pages that are loaded, and a model of 98 MB that is
handed in, checked and sliced. The printer itself measures (`tests/bench/instant.py`). Then behind a
cable that spoils one line in a hundred (`tests/bench/spoilt.py`).
"""

import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import trimesh

from tests.bench._process import Running, hub
from tests.bench._table import Row
from tests.bench.instant import move
from tests.print_servers import PEERS, octoprint

LINES = 40_000
LOADED_LINES = 120_000
POLLERS = 8
MOST_SECONDS = 300.0
SPOILT = "tests.bench.spoilt"

Figures = dict[str, float]


class Instant:
    """A fake printer that runs; `figures()` waits for those of the next print."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        self._said = process.stdout
        self.path = self._said.readline().split()[2]

    def figures(self) -> Figures:
        """Return what it has measured at the end of a print."""
        figures: Figures = json.loads(self._said.readline())
        return figures


@contextlib.contextmanager
def instant(*arguments: str, module: str = "tests.bench.instant") -> Iterator[Instant]:
    """Run a fake printer."""
    command = [sys.executable, "-m", module, *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield Instant(process)
    finally:
        process.terminate()
        process.wait(10)


def part(lines: int) -> bytes:
    """Return G-code of so many moves, as the policy lets it pass: heated and homed before."""
    moves = "\n".join(move(number) for number in range(lines))
    return f"M104 S200\nG28\n{moves}\nM400\n".encode()


def bare(lines: int) -> Figures:
    """Print by a loop of pyserial."""
    with instant() as printer:
        command = [sys.executable, "-m", "tests.bench.bare", "serial", printer.path, str(lines)]
        subprocess.run(command, check=True)
        return printer.figures()


def ours(running: Running, device: str, printer: Instant, lines: int) -> Figures:
    """Hand in a file, approve it, and have it printed."""
    headers = {"Authorization": f"Bearer {running.token('teacher')}"}
    with httpx.Client(base_url=f"{running.url}/api/v1", headers=headers, timeout=120) as teacher:
        teacher.post(f"/printers/{device}/plate-cleared").raise_for_status()
        made = teacher.post("/print-jobs", files={"file": ("part.gcode", part(lines))})
        job = made.raise_for_status().json()["id"]
        _until(lambda: _state(teacher, job) == "waiting")
        approved = teacher.post(f"/print-jobs/{job}/approve", json={"printer": device})
        approved.raise_for_status()
        figures = printer.figures()
        _until(lambda: _state(teacher, job) == "done")
    return figures


async def theirs(lines: int, *arguments: str, module: str = "tests.bench.instant") -> Figures:
    """Print by OctoPrint."""
    with instant(*arguments, module=module) as printer, tempfile.TemporaryDirectory() as folder:
        async with (
            octoprint(Path(folder), serial=printer.path, baudrate=115200) as server,
            server.client() as client,
        ):
            answer = await client.post(
                "/api/files/local",
                files={"file": ("part.gcode", part(lines))},
                data={"print": "true"},
            )
            answer.raise_for_status()
            async with asyncio.timeout(MOST_SECONDS):
                return await asyncio.to_thread(printer.figures)


@contextlib.contextmanager
def load(running: Running) -> Iterator[None]:
    """Keep the hub busy: pollers, pages, a model of 98 MB after the other."""
    over = threading.Event()
    token = running.token("teacher")
    model = _model()

    def again(what: Callable[[httpx.Client], object]) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=running.url, headers=headers, timeout=120) as client:
            while not over.is_set():
                with contextlib.suppress(httpx.TransportError):
                    what(client)

    def page(client: httpx.Client) -> None:
        client.get("/")
        time.sleep(0.5)

    def hand_in(client: httpx.Client) -> None:
        made = client.post("/api/v1/print-jobs", files={"file": ("ring.stl", model)})
        job = made.json().get("id")
        while not over.is_set() and client.get(f"/api/v1/print-jobs/{job}").json().get("state") in (
            "uploaded",
            "checking",
            "slicing",
        ):
            time.sleep(0.2)

    work: list[Callable[[httpx.Client], object]] = [
        *[lambda client: client.get("/api/v1/devices")] * POLLERS,
        page,
        hand_in,
    ]
    threads = [threading.Thread(target=again, args=(what,)) for what in work]
    for thread in threads:
        thread.start()
    try:
        time.sleep(3)
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def measure() -> list[Row]:
    """Print the same moves by us, by OctoPrint and by a bare loop."""
    other: Figures | None = None
    if (PEERS / "octoprint/bin/octoprint").exists():
        other = asyncio.run(theirs(LINES))
    loop = bare(LINES)
    with instant() as plain, instant("advanced") as advanced:
        config = _device("plain", plain) + _device("advanced", advanced)
        with hub(config=config) as running:
            _reached(running, "plain", "advanced")
            one = ours(running, "plain", plain, LINES)
            four = ours(running, "advanced", advanced, LINES)
            with load(running):
                busy_loop = bare(LOADED_LINES)
                busy = ours(running, "plain", plain, LOADED_LINES)
    with (
        instant("0", module=SPOILT) as good,
        instant("0.01", module=SPOILT) as bad,
        hub(config=_device("good", good) + _device("bad", bad)) as running,
    ):
        _reached(running, "good", "bad")
        clean = ours(running, "good", good, LINES)
        spoilt = ours(running, "bad", bad, LINES)
    peer = "no OctoPrint here" if other is None else _spoilt_by_theirs()
    rate = "no OctoPrint here" if other is None else f"OctoPrint: {other['rate']:.0f}"
    reach = f">= {0.75 * loop['rate']:.0f}"
    if other is not None:
        reach = f">= {max(0.75 * loop['rate'], 2 * other['rate']):.0f}"
    least = f">= {3 * (other or {'rate': 4300})['rate']:.0f}"
    rates = f"{rate}; bare loop: {loop['rate']:.0f}"
    return [
        Row("lines a second, one at a time", f"{one['rate']:.0f}", reach, rates),
        Row("lines a second, four under way", f"{four['rate']:.0f}", least, rates),
        *_gaps("gap from ok to line", one, other, loop, ("<= 0.5 ms", "<= 2 ms", "")),
        *_gaps(
            "  while the computer is busy",
            busy,
            None,
            busy_loop,
            ("", "<= 5 ms", f"<= {3 * busy_loop['max']:.0f} ms"),
        ),
        Row(
            "1 % of lines spoilt: executed once and in order",
            f"{spoilt['moves']:.0f}{'' if spoilt['in_order'] else ', NOT in order'}",
            f"= {LINES}",
            f"{spoilt['spoilt']:.0f} arrived spoilt",
        ),
        Row(
            "  time of that print",
            f"{spoilt['seconds']:.1f} s",
            "",
            f"on a good cable: {clean['seconds']:.1f} s; {peer}",
        ),
    ]


def _spoilt_by_theirs() -> str:
    """Print by OctoPrint on the same cable; it may give up."""
    try:
        told = asyncio.run(theirs(LINES, "0.01", module=SPOILT))
    except TimeoutError:
        return f"OctoPrint: not done within {MOST_SECONDS:.0f} s"
    order = "" if told["in_order"] and told["moves"] == LINES else f", {told['moves']:.0f} executed"
    return f"OctoPrint: {told['seconds']:.1f} s{order}"


def _gaps(
    what: str, figures: Figures, other: Figures | None, loop: Figures, reach: tuple[str, str, str]
) -> list[Row]:
    rows = []
    for name, wanted in zip(("p99", "p99.9", "max"), reach, strict=True):
        peer = f"bare loop: {loop[name]:.2f} ms"
        if other is not None:
            peer += f"; OctoPrint: {other[name]:.2f} ms"
        rows.append(Row(f"{what}, {name}", f"{figures[name]:.2f} ms", wanted, peer))
    return rows


def _device(id: str, printer: Instant) -> str:  # noqa: A002 - the device's
    return (
        f'[[devices]]\nid = "{id}"\ndriver = "marlin"\nsettings = {{ port = "{printer.path}" }}\n'
    )


def _reached(running: Running, *devices: str) -> None:
    headers = {"Authorization": f"Bearer {running.token('teacher')}"}
    with httpx.Client(base_url=f"{running.url}/api/v1", headers=headers, timeout=30) as client:
        for device in devices:
            _until(lambda: client.get(f"/devices/{device}/state").json()["reachable"])  # noqa: B023


def _state(client: httpx.Client, job: str) -> str:
    told = client.get(f"/print-jobs/{job}").json()
    if told["state"] in ("refused", "failed", "cancelled"):
        raise RuntimeError(f"{told['state']}: {told['problem'] or told['ending']}")
    return str(told["state"])


def _until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + MOST_SECONDS
    while not what():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.2)


def _model() -> bytes:
    """Return a ring of 1,960,000 triangles: 98 MB."""
    ring = trimesh.creation.torus(30, 10, major_sections=1400, minor_sections=700)
    return bytes(trimesh.exchange.stl.export_stl(ring))
