"""Class work in browsers: a task on every tablet, pictures that pupils see of each other, a desk
on the class's screen."""

import io
import subprocess
import sys
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WAIT = 20_000
TABLET = {"viewport": {"width": 800, "height": 1280}, "has_touch": True}


@pytest.fixture
def lesson(shared_classroom, browser) -> Iterator[dict]:
    """A lesson of its own, ended afterwards: others want theirs to be the one that runs."""
    context = browser.new_context()
    bearer = {"Authorization": f"Bearer {shared_classroom.token('teacher')}"}
    made = context.request.post(
        f"{shared_classroom.url}/api/v1/lessons", data={"title": "Cells"}, headers=bearer
    )
    assert made.ok, made.text()
    begun = made.json()
    yield begun
    ended = context.request.post(
        f"{shared_classroom.url}/api/v1/lessons/{begun['id']}/end", headers=bearer
    )
    assert ended.ok, ended.text()
    context.close()


def signed_in(room, who, role: str):
    """Sign somebody in by a link; return their page."""
    command = [sys.executable, "-m", "hub.cli", "sign-in-link", "--role", role]
    done = subprocess.run(
        [*command, "--data", str(room.data)], capture_output=True, text=True, check=True
    )
    who.page.goto(done.stdout.strip())
    who.page.locator("hub-home-page, hub-panel-page").first.wait_for()
    return who.page


def joined(room, who, lesson: dict, name: str):
    """Have a pupil join with the digits; return the page."""
    answer = who.context.request.post(
        f"{room.url}/api/v1/session",
        data={"digits": lesson["code"], "name": name},
        headers={"Origin": room.url},
    )
    assert answer.ok, answer.text()
    return who.page


def leaf() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), (40, 140, 60)).save(out, "JPEG")
    return out.getvalue()


def test_a_task_opens_on_every_tablet_and_pupils_see_each_other_when_they_may(
    shared_classroom, lesson, visit
):
    room = shared_classroom
    teacher, one, other = visit(), visit(**TABLET), visit(**TABLET)
    album = f"{room.url}/lessons/{lesson['id']}/album"
    board = signed_in(room, teacher, "teacher")
    first, second = joined(room, one, lesson, "Aizhan"), joined(room, other, lesson, "Daniyar")
    # One looks through the microscope, the other at the album: the task comes to both.
    first.goto(f"{room.url}/microscopes/virtual-microscope")
    first.locator(".scale").wait_for()
    second.goto(album)
    second.get_by_text("No pictures yet.").wait_for()
    board.goto(album)
    board.get_by_role("button", name="Send a task").click()
    board.get_by_label("Title").fill("Leaf")
    board.get_by_label("What the pupils do and answer").fill("How many stomata do you see?")
    board.get_by_role("button", name="Send to every pupil").click()
    for page in (first, second):
        expect(page.get_by_text("How many stomata do you see?")).to_be_visible(timeout=WAIT)
        page.get_by_role("button", name="I have read it").tap()
        expect(page.get_by_text("How many stomata do you see?")).to_be_hidden()
        expect(page.get_by_role("button", name="Task: Leaf")).to_be_visible()

    # The neighbour's picture comes and goes with the teacher's leave, without a reload.
    kept = one.context.request.post(
        f"{room.url}/api/v1/assets",
        headers={"Origin": room.url},
        multipart={
            "lesson": lesson["id"],
            "file": {"name": "leaf.jpg", "mimeType": "image/jpeg", "buffer": leaf()},
        },
    )
    assert kept.ok, kept.text()
    expect(board.locator("button.tile")).to_have_count(1, timeout=WAIT)
    expect(second.locator("button.tile")).to_have_count(0)
    leave = board.get_by_role("switch", name="Pupils see each other's pictures")
    leave.click()
    expect(second.locator("button.tile img")).to_have_count(1, timeout=WAIT)
    second.locator("button.tile").tap()
    expect(second.locator("hub-asset-viewer figure img")).to_be_visible(timeout=WAIT)
    expect(second.locator("hub-asset-viewer").get_by_text("Aizhan")).to_be_visible()
    expect(second.get_by_role("button", name="Hand in")).to_have_count(0)
    leave.click()
    expect(second.locator("button.tile")).to_have_count(0, timeout=WAIT)

    board.get_by_role("button", name="Take the task away").click()
    expect(first.get_by_role("button", name="Task: Leaf")).to_have_count(0, timeout=WAIT)
    assert teacher.wrong == []


def test_a_desk_of_the_grid_is_put_on_the_class_screen(shared_classroom, visit):
    room = shared_classroom
    teacher, kiosk = visit(), visit(viewport={"width": 1920, "height": 1080})
    screen = signed_in(room, kiosk, "display")
    screen.goto(f"{room.url}/panel")
    page = signed_in(room, teacher, "teacher")
    page.goto(f"{room.url}/grid")
    page.locator(".seat").first.wait_for()
    desk = page.locator("hub-microscope-grid-page li").first
    desk.get_by_role("button", name="Show on the class's screen").click()
    live = screen.locator("hub-panel-page hub-live-view")
    expect(live).to_be_visible(timeout=WAIT)
    screen.wait_for_function(
        """() => {
          const find = (root) => {
            for (const one of root.querySelectorAll("*")) {
              if (one.localName === "hub-live-view") return one;
              const found = one.shadowRoot && find(one.shadowRoot);
              if (found) return found;
            }
            return null;
          };
          return (find(document)?.canvas?.width ?? 0) > 640;
        }""",
        timeout=WAIT,
    )
    desk.get_by_role("button", name="Take off the class's screen").click()
    expect(live).to_have_count(0, timeout=WAIT)
    assert teacher.wrong == []
    # The screen may see nothing but what is shown: what else its pages ask for is refused.
    assert not [wrong for wrong in kiosk.wrong if "403" not in wrong]
