"""All microscopes of the class on one page: live, in the order of the desks, over one socket."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Classroom

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WAIT = 20_000
SEATS = {"microscope-1": "Desk 10", "microscope-2": "Desk 9"}
DRAWN = """() => {
  const page = document.querySelector("hub-app").shadowRoot.querySelector("hub-microscope-grid-page");
  const canvases = [...page.shadowRoot.querySelectorAll("hub-live-view")].map((view) => view.canvas);
  return canvases.filter((canvas) => canvas && canvas.width === 320).length;
}"""


@pytest.fixture
def cameras() -> dict[str, subprocess.Popen[str]]:
    """The programs that play the microscopes at the desks."""
    return {}


@pytest.fixture
def desks(classroom: Classroom, cameras: dict) -> Iterator[Classroom]:
    """The virtual classroom with two more microscopes, at desks."""
    with contextlib.ExitStack() as stack:
        for device, seat in SEATS.items():
            command = [sys.executable, "-m", "drivers.virtual.microscope", "--with-parent"]
            process = stack.enter_context(
                subprocess.Popen(
                    [*command, "--size", "320x180", "--pattern", "250k"],
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            stack.callback(process.kill)
            cameras[device] = process
            assert process.stdout is not None
            address = process.stdout.readline().split()[-1]
            with classroom.config.open("a") as settings:
                settings.write(
                    f'[[devices]]\nid = "{device}"\ndriver = "stream"\nseat = "{seat}"\n'
                    f'name = "{device}"\nsettings = {{ url = "{address}/stream" }}\n'
                )
        classroom.stop()
        classroom.start()
        yield classroom


def go(page, title: str) -> None:
    """Go to a page by the navigation, wherever there it is."""
    page.locator("nav:visible a").first.wait_for()
    link = page.locator("nav:visible").get_by_role("link", name=title)
    if not link.is_visible():
        page.locator("nav .rest > button:visible").click()
    link.click()


def test_a_teacher_sees_every_desk_and_enlarges_one(desks, cameras, visit):
    teacher = visit()
    page = teacher.page
    page.goto(desks.link)
    go(page, "All microscopes")
    seats = page.locator(".seat")
    expect(seats).to_have_count(3, timeout=WAIT)
    names = [text.split("\n")[0] for text in page.locator(".seat .name").all_inner_texts()]
    assert names == ["Desk 9", "Desk 10", "Virtual microscope"]
    page.wait_for_function(f"() => ({DRAWN})() === 2", timeout=WAIT)

    sockets = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.reload()
    expect(seats).to_have_count(3, timeout=WAIT)
    page.wait_for_function(f"() => ({DRAWN})() === 2", timeout=WAIT)
    assert len(sockets) == 1, "all pictures come over one socket"

    page.get_by_role("button", name="Enlarge Desk 10").click()
    expect(page.get_by_role("heading", name="Desk 10")).to_be_visible()
    expect(seats).to_have_count(0)
    page.wait_for_function(f"() => ({DRAWN})() === 1", timeout=WAIT)
    page.keyboard.press("Escape")
    expect(seats).to_have_count(3)
    expect(page.get_by_role("button", name="Enlarge Desk 10")).to_be_focused()

    # What becomes of a microscope is told at its desk; the other desks go on.
    states = page.locator(".seat .chip")
    expect(states).to_have_text(["Ready"] * 3)
    cameras["microscope-2"].kill()
    expect(states.first).not_to_have_text("Ready", timeout=2 * WAIT)
    expect(states.nth(1)).to_have_text("Ready")
    page.wait_for_function(f"() => ({DRAWN})() >= 1", timeout=WAIT)
    assert teacher.wrong == []


def test_a_phone_scrolls_down_and_not_sideways(desks, visit):
    page = visit(viewport={"width": 390, "height": 844}, has_touch=True).page
    page.goto(desks.link)
    go(page, "All microscopes")
    expect(page.locator(".seat")).to_have_count(3, timeout=WAIT)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
