"""A pupil's model on a printer behind a real OctoPrint, in the browsers of pupil and teacher."""

import asyncio
import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.conftest import RunningHub, start_hub
from tests.e2e.test_printing import PRINT, WAIT, hand_in, has_state, joined, waiting
from tests.print_servers import PEERS, PrintServer, octoprint
from tests.printing import PRINTERS, box

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("prusa-slicer") is None or not (PEERS / "octoprint").is_dir(),
        reason="prusa-slicer or OctoPrint is not installed",
    ),
]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PrintServer]:
    """OctoPrint with its virtual printer; the pages' tests have no loop of their own."""
    started: Future[PrintServer] = Future()
    loop = asyncio.new_event_loop()
    ended = asyncio.Event()

    async def run() -> None:
        try:
            async with octoprint(tmp_path / "octoprint", room=200) as server:
                started.set_result(server)
                await ended.wait()
        except BaseException as error:
            if not started.done():
                started.set_exception(error)
            raise

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),), name="octoprint")
    thread.start()
    try:
        yield started.result(120)
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(60)
        loop.close()


@pytest.fixture
def hub(server: PrintServer, tmp_path: Path) -> Iterator[RunningHub]:
    settings = {"host": server.host, "port": server.port, "api_key": server.key}
    inline = ", ".join(f"{name} = {json.dumps(value)}" for name, value in settings.items())
    device = f'[[devices]]\nid = "octo"\ndriver = "octoprint"\nsettings = {{ {inline} }}\n'
    config = f'language = "en"\n[plugins.microscopy]\nenabled = false\n{device}'
    hub = start_hub(tmp_path / "hub", config=config)
    yield hub
    hub.stop()


def test_a_model_is_handed_in_approved_and_printed_to_its_end(hub, visit, tmp_path):
    (file := tmp_path / "tile.stl").write_bytes(box(8, 8, 1))
    with hub.client("teacher") as api:
        lesson = api.post("/api/v1/lessons", json={"title": "3D"}).raise_for_status().json()
        set_up = api.patch(f"{PRINTERS}/octo", json={"profile": "virtual"})
        assert set_up.status_code == 200, set_up.text
    pupil = joined(visit, hub, lesson["code"], "Айжан")
    hand_in(pupil, file)

    command = [sys.executable, "-m", "hub.cli", "sign-in-link", "--role", "teacher"]
    said = subprocess.run(
        [*command, "--data", str(hub.data)], check=True, capture_output=True, text=True
    )
    teacher = visit(reduced_motion="reduce").page
    teacher.goto(said.stdout.strip())
    teacher.locator("hub-home-page").wait_for()
    teacher.goto(f"{hub.url}/print/inbox")

    has_state(pupil, "waiting", PRINT)
    waiting(teacher, "tile").get_by_role("button", name="Approve").click()
    expect(waiting(teacher, "tile")).to_have_count(0, timeout=WAIT)
    has_state(pupil, "queued")
    teacher.goto(f"{hub.url}/print/queue")
    section = teacher.locator("section[data-printer=octo]")
    cleared = section.get_by_role("button", name="The plate is clear")
    cleared.click(timeout=WAIT)
    has_state(pupil, "printing")
    expect(pupil.locator("hub-print-job progress")).to_be_visible()
    expect(section.locator("hub-print-progress h3")).to_have_text("tile")
    teacher.goto(f"{hub.url}/printers/octo")
    expect(teacher.locator("hub-printer-page .bar .chip")).to_have_text("Printing", timeout=WAIT)
    has_state(pupil, "done", PRINT)
    expect(teacher.locator("hub-printer-page .bar .chip")).to_have_text("Ready", timeout=WAIT)
    teacher.goto(f"{hub.url}/print/queue")
    expect(section.get_by_text(re.compile("“tile” lies on the plate"))).to_be_visible(timeout=WAIT)
