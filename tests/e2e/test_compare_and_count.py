"""Two pictures compared, side by side and blinking; what is counted in one is corrected by taps."""

import io
import time

import cv2
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WAIT = 20_000
MADE = 60_000
DISCS = ((60, 60), (160, 80), (280, 70), (110, 200), (270, 210))
BARE = (350, 150)
RED, BLUE = (200, 30, 30), (30, 30, 200)


def upload(room, context, lesson: str, picture: bytes, name: str) -> str:
    """Add a picture to the lesson's album as its teacher; return its id."""
    bearer = {"Authorization": f"Bearer {room.token('teacher')}"}
    part = {"name": f"{name}.png", "mimeType": "image/png", "buffer": picture}
    made = context.request.post(
        f"{room.url}/api/v1/assets", headers=bearer, multipart={"lesson": lesson, "file": part}
    )
    assert made.ok, made.text()
    return made.json()["id"]


def plain(colour: tuple[int, int, int]) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(out, "PNG")
    return out.getvalue()


def discs() -> bytes:
    picture = np.full((300, 400, 3), 215, np.uint8)
    for x, y in DISCS:
        cv2.circle(picture, (x, y), 22, (90, 60, 120), -1, cv2.LINE_AA)
    return cv2.imencode(".png", picture)[1].tobytes()


def colour_at(page: Page, x: float, y: float) -> str:
    """Return which of the two pictures is seen there."""
    shot = page.screenshot(clip={"x": x, "y": y, "width": 4, "height": 4})
    with Image.open(io.BytesIO(shot)) as seen:
        red, _, blue = seen.convert("RGB").resize((1, 1)).getpixel((0, 0))
    return "red" if red > 2 * blue else "blue" if blue > 2 * red else "neither"


def test_two_pictures_are_compared_beside_each_other_and_in_one_place(
    shared_classroom, album, visit
):
    someone = visit(storage_state=album[1], reduced_motion="reduce")
    page = someone.page
    one, other = (
        upload(shared_classroom, someone.context, album[0], plain(colour), name)
        for colour, name in ((RED, "red"), (BLUE, "blue"))
    )
    page.goto(f"{shared_classroom.url}/compare?assets={one},{other}")
    images = page.locator("hub-compare-page img")
    expect(images).to_have_count(2, timeout=WAIT)
    page.wait_for_function(
        """() => [...document.querySelector("hub-app").shadowRoot.querySelector("hub-compare-page")
          .shadowRoot.querySelectorAll("img")].every((image) => image.naturalWidth)"""
    )
    rooms = [figure.bounding_box() for figure in page.locator("hub-compare-page figure").all()]
    middles = [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in rooms]
    assert [colour_at(page, *middle) for middle in middles] == ["red", "blue"]

    # What is done to one is done to the other: wheel, drag, key.
    moved = lambda: images.evaluate_all("all => all.map((one) => one.style.transform)")  # noqa: E731
    page.mouse.move(middles[1][0] + 40, middles[1][1])
    page.mouse.wheel(0, -300)
    enlarged = moved()
    assert enlarged[0] == enlarged[1] != "translate(0px, 0px) scale(1)"
    page.mouse.down()
    page.mouse.move(middles[1][0], middles[1][1] + 20, steps=4)
    page.mouse.up()
    dragged = moved()
    assert dragged[0] == dragged[1] != enlarged[0]
    page.keyboard.press("0")
    assert moved() == ["translate(0px, 0px) scale(1)"] * 2

    page.get_by_role("button", name="Blink").click()
    box = page.locator("hub-compare-page .views").bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    seen, end = [], time.monotonic() + 60
    while len(seen) < 4:
        now = colour_at(page, *middle)
        # A browser that draws by itself is late at times.
        if now != "neither" and seen[-1:] != [now]:
            seen.append(now)
        assert time.monotonic() < end, seen
    assert set(seen) == {"red", "blue"}
    page.get_by_role("button", name="Side by side").click()
    while [colour_at(page, *middle) for middle in middles] != ["red", "blue"]:
        assert time.monotonic() < end
    assert someone.wrong == []


@pytest.mark.parametrize("finger", [False, True], ids=["mouse", "finger"])
def test_what_is_counted_is_corrected_by_taps_and_kept(shared_classroom, album, visit, finger):
    size = {"viewport": {"width": 800, "height": 1280}, "has_touch": True} if finger else {}
    someone = visit(storage_state=album[1], **size)
    page = someone.page
    picture = upload(shared_classroom, someone.context, album[0], discs(), "discs")
    path = f"{shared_classroom.url}/captures/{picture}/count"
    page.goto(path)
    count = page.get_by_role("button", name="Count", exact=True)
    expect(count).to_be_enabled(timeout=WAIT)
    (count.tap if finger else count.click)()
    shown = page.locator("hub-count-page .number")
    expect(shown).to_have_text("5", timeout=MADE)
    expect(page.locator(".marks polygon.found")).to_have_count(5)

    marks = page.locator("svg.marks")

    def touch(x: float, y: float) -> None:
        marks.scroll_into_view_if_needed()
        box = marks.bounding_box()
        place = (box["x"] + x * box["width"] / 400, box["y"] + y * box["height"] / 300)
        (page.touchscreen.tap if finger else page.mouse.click)(*place)

    with page.expect_response(lambda answer: answer.request.method == "PUT", timeout=WAIT):
        touch(*DISCS[2])
        expect(shown).to_have_text("4")
        touch(*BARE)
        expect(shown).to_have_text("5")
        touch(*DISCS[0])
        expect(shown).to_have_text("4")
    # Tapped once more, what was taken away counts again.
    with page.expect_response(lambda answer: answer.request.method == "PUT", timeout=WAIT):
        touch(*DISCS[0])
        expect(shown).to_have_text("5")
    page.goto(path)
    expect(shown).to_have_text("5", timeout=WAIT)
    expect(page.locator(".marks .removed")).to_have_count(1)
    expect(page.locator(".marks .added")).to_have_count(1)
    with page.expect_download() as table:
        link = page.get_by_role("link", name="Table (CSV)")
        (link.tap if finger else link.click)()
    rows = table.value.path().read_text("utf-8-sig").splitlines()
    assert len(rows) == 1 + 5
    assert [row.endswith("yes") for row in rows[1:]].count(True) == 1
    assert not [wrong for wrong in someone.wrong if "404" not in wrong]
