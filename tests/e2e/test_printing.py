"""A model's way from a pupil's tablet to the printed part, in the browsers of pupil and teacher."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.printing import box

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WAIT = 60_000
PRINT = 180_000
PRINTER = "virtual-printer"


def gcode(lines: int) -> str:
    """A print that takes the virtual printer some seconds."""
    moves = [f"G1 X{20 + 60 * (n % 2)} Y{20 + n % 60} E{n * 0.1:.1f} F3000" for n in range(lines)]
    return "\n".join(["; made by hand", "G28", "M109 S190", "G1 Z0.2 F600", *moves, "M104 S0", ""])


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    (folder / "open.stl").write_bytes(box(30, 30, 20, lid=False))
    (folder / "sign.gcode").write_text(gcode(300))
    (folder / "ring.gcode").write_text(gcode(30))
    return folder


@pytest.fixture(scope="module")
def digits(shared_classroom, album, browser) -> str:
    """The six digits by which pupils join the lesson."""
    room, (lesson, _) = shared_classroom, album
    context = browser.new_context(
        extra_http_headers={"Authorization": f"Bearer {room.token('teacher')}"}
    )
    code = context.request.get(f"{room.url}/api/v1/lessons/{lesson}").json()["code"]
    context.close()
    return code


@pytest.fixture
def pupil(shared_classroom, digits, visit) -> Iterator[Page]:
    """A pupil's tablet on the page where models are handed in."""
    someone = visit(
        viewport={"width": 800, "height": 1280}, has_touch=True, reduced_motion="reduce"
    )
    page = someone.page
    page.goto(f"{shared_classroom.url}/join#{digits}")
    page.get_by_label("Your name").fill("Айжан")
    page.get_by_role("button", name=re.compile("Join")).click()
    page.get_by_role("link", name="3D printing").first.click()
    page.get_by_text("Choose a file").wait_for(timeout=WAIT)
    yield page
    assert not [wrong for wrong in someone.wrong if "401" not in wrong]


@pytest.fixture
def teacher(shared_classroom, album, visit) -> Iterator[Page]:
    """A teacher's computer on the page of what waits for them."""
    someone = visit(storage_state=album[1], reduced_motion="reduce")
    someone.page.goto(f"{shared_classroom.url}/print/inbox")
    yield someone.page
    assert not [wrong for wrong in someone.wrong if "401" not in wrong]


def hand_in(page: Page, file: Path) -> None:
    page.locator("hub-print-page input[type=file]").set_input_files(file)


def has_state(page: Page, state: str, timeout: float = WAIT) -> None:
    expect(page.locator("hub-print-job .big-chip")).to_have_attribute(
        "data-state", state, timeout=timeout
    )


def waiting(page: Page, name: str) -> Locator:
    return page.locator("hub-print-inbox-page article").filter(has_text=name)


def on_queue_page(page: Page, room) -> Locator:
    page.goto(f"{room.url}/print/queue")
    section = page.locator(f"section[data-printer={PRINTER}]")
    section.wait_for(timeout=WAIT)
    return section


def test_a_model_with_a_hole_is_refused_with_the_place_lit_up_and_mended(pupil, files):
    hand_in(pupil, files / "open.stl")
    view = pupil.locator("hub-model-view canvas")
    # It is drawn at once, from the file on the tablet.
    expect(view).to_have_attribute("data-state", "shown", timeout=WAIT)
    has_state(pupil, "refused")
    verdict = pupil.locator("hub-print-verdict")
    expect(verdict.get_by_role("heading")).to_have_text("It cannot be printed like this.")
    hole = verdict.get_by_role("button", name=re.compile("The surface has holes"))
    expect(hole).to_have_attribute("aria-pressed", "true")
    expect(view).to_have_attribute("data-marked", "yes")
    hole.click()
    expect(view).to_have_attribute("data-marked", "no")

    verdict.locator("[data-offer=repair]").click()
    expect(hole).to_have_count(0, timeout=WAIT)
    expect(verdict.get_by_role("heading")).to_have_text("The model is fine.")


def test_a_job_is_approved_printed_to_its_end_and_the_plate_cleared(
    shared_classroom, pupil, teacher, files
):
    hand_in(pupil, files / "sign.gcode")
    has_state(pupil, "waiting")
    expect(pupil.get_by_text("You are done: your teacher looks at it next.")).to_be_visible()
    # One tap; both pages tell it without being loaded again.
    # The newest of that name: one of an attempt before may wait still.
    waiting(teacher, "sign").get_by_role("button", name="Approve").last.click()
    expect(waiting(teacher, "sign")).to_have_count(0, timeout=WAIT)

    section = on_queue_page(teacher, shared_classroom)
    cleared = section.get_by_role("button", name="The plate is clear")
    if cleared.count():
        has_state(pupil, "queued")
        cleared.click()
    has_state(pupil, "printing")
    bar = pupil.locator("hub-print-job progress")
    expect(bar).to_be_visible()
    expect(section.locator("hub-print-progress h3")).to_have_text("sign")
    has_state(pupil, "done", PRINT)

    # The next one waits until somebody has looked at the plate.
    expect(section.get_by_text("“sign” lies on the plate.")).to_be_visible(timeout=WAIT)
    cleared.click()
    expect(cleared).to_have_count(0, timeout=WAIT)


def test_what_is_sent_back_comes_with_the_note_and_is_sent_once_more(pupil, teacher, files):
    hand_in(pupil, files / "ring.gcode")
    has_state(pupil, "waiting")
    waiting(teacher, "ring").get_by_role("button", name="Send back").click()
    teacher.get_by_role("button", name="It is too big. Please make it smaller.").click()
    expect(waiting(teacher, "ring")).to_have_count(0, timeout=WAIT)

    has_state(pupil, "sent-back")
    expect(pupil.get_by_text("Your teacher writes: It is too big.")).to_be_visible()
    pupil.locator("hub-print-job input[type=file]").set_input_files(files / "ring.gcode")
    has_state(pupil, "waiting")
    expect(waiting(teacher, "ring")).to_have_count(1, timeout=WAIT)
    pupil.get_by_role("button", name="Do not print it").click()
    has_state(pupil, "cancelled")
    expect(waiting(teacher, "ring")).to_have_count(0, timeout=WAIT)
