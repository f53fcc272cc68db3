"""Measuring on a picture in a browser: by mouse, finger and keyboard, against the known scale."""

import csv
import io
import math
import re

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WAIT = 15_000


@pytest.fixture
def picture(shared_classroom, album):
    """A capture of the lesson: its id, its scale and size, and how to ask the API."""
    identifier, state = album
    room = shared_classroom
    bearer = {"Authorization": f"Bearer {room.token('teacher')}"}
    return room, identifier, state, bearer


def take(page: Page, room, lesson, bearer) -> dict:
    done = page.request.post(
        f"{room.url}/api/v1/microscopes/virtual-microscope/captures",
        data={"lesson": lesson, "title": "Onion skin"},
        headers=bearer,
    )
    assert done.status == 201, done.text()
    return done.json()


def opened(page: Page, room, asset: dict) -> dict:
    """Open the page; return where the picture lies on the screen, by the picture itself."""
    page.goto(f"{room.url}/captures/{asset['id']}/measure")
    expect(page.locator("hub-measure-page .stage img")).to_be_visible(timeout=WAIT)
    page.wait_for_function(
        """() => document.querySelector("hub-app").shadowRoot.querySelector("hub-measure-page")
            ?.shadowRoot.querySelector(".stage img")?.style.width""",
        timeout=WAIT,
    )
    box = page.locator("hub-measure-page .stage img").bounding_box()
    return {**box, "zoom": box["width"] / asset["width"]}


def on_screen(box: dict, point: tuple[float, float]) -> tuple[float, float]:
    return box["x"] + point[0] * box["zoom"], box["y"] + point[1] * box["zoom"]


def draw(page: Page, box: dict, *points: tuple[float, float]) -> None:
    """Draw with the mouse pressed from the first point to the last."""
    page.mouse.move(*on_screen(box, points[0]))
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*on_screen(box, point), steps=4)
    page.mouse.up()


def shapes(page: Page, room, asset: dict, bearer) -> list[dict]:
    answer = page.request.get(
        f"{room.url}/api/v1/captures/{asset['id']}/annotations", headers=bearer
    ).json()
    return [shape for layer in answer["items"] for shape in layer["items"]]


def saved(page: Page) -> None:
    expect(page.locator("hub-measure-page .state")).to_have_text("Saved", timeout=WAIT)


def figure(text: str) -> float:
    return float(
        re.sub(r"[^\d.]", "", text.split("\N{NO-BREAK SPACE}", maxsplit=1)[0].replace(",", ""))
    )


def test_what_is_drawn_is_as_long_as_the_scale_says_and_is_kept(picture, visit):
    room, lesson, state, bearer = picture
    visitor = visit(storage_state=state)
    page = visitor.page
    asset = take(page, room, lesson, bearer)
    scale = asset["info"]["scale"]

    page.goto(f"{room.url}/lessons/{lesson}/album#{asset['id']}")
    page.get_by_role("link", name="Measure").click()
    box = opened(page, room, asset)
    pixel = scale / box["zoom"]  # what one pixel of the screen is, in micrometres

    draw(page, box, (400, 300), (1000, 750))
    values = page.locator("hub-measure-table .choose b")
    expect(values).to_have_count(1, timeout=WAIT)
    assert figure(values.first.inner_text()) == pytest.approx(750 * scale, abs=2 * pixel)

    page.keyboard.press("4")
    for corner in ((1300, 300), (1300, 700), (1700, 700)):
        page.mouse.click(*on_screen(box, corner))
    expect(page.locator("hub-measure-table .choose b").nth(1)).to_have_text(
        re.compile(r"^(89|90)(\.\d+)?°$"), timeout=WAIT
    )
    page.keyboard.press("5")
    for corner in ((200, 800), (600, 800), (600, 1000), (200, 1000)):
        page.mouse.click(*on_screen(box, corner))
    page.get_by_role("button", name="Done").click()
    saved(page)
    found = {shape["kind"]: shape for shape in shapes(page, room, asset, bearer)}
    assert found["area"]["value"] == pytest.approx(400 * 200 * scale**2, rel=0.02)
    assert found["angle"]["value"] == pytest.approx(90, abs=0.5)
    length = found["length"]
    assert length["value"] == pytest.approx(math.dist(*length["points"]) * scale)
    assert length["unit"] == "um"

    page.reload()
    expect(page.locator("hub-measure-table .choose")).to_have_count(3, timeout=WAIT)
    with page.expect_download() as download:
        page.get_by_role("link", name="Table").click()
    rows = list(csv.reader(io.StringIO(download.value.path().read_text("utf-8"))))
    assert float(rows[1][3]) == pytest.approx(length["value"], abs=1e-5)
    assert not visitor.wrong


def test_undo_redo_nudge_and_delete_by_keyboard(picture, visit):
    room, lesson, state, bearer = picture
    page = visit(storage_state=state).page
    asset = take(page, room, lesson, bearer)
    box = opened(page, room, asset)
    draw(page, box, (400, 300), (800, 300))
    saved(page)
    (before,) = shapes(page, room, asset, bearer)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    saved(page)
    (after,) = shapes(page, room, asset, bearer)
    moved = [round(b - a, 2) for a, b in zip(before["points"][1], after["points"][1], strict=True)]
    assert moved == [1, 1]
    assert after["points"][0] == before["points"][0]
    rows = page.locator("hub-measure-table .choose")
    page.keyboard.press("Delete")
    expect(rows).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(rows).to_have_count(1)
    page.keyboard.press("Control+Shift+z")
    expect(rows).to_have_count(0)
    page.keyboard.press("Control+z")
    saved(page)
    (again,) = shapes(page, room, asset, bearer)
    assert again["points"] == after["points"]


def test_a_finger_counts_with_taps_and_two_fingers_zoom(picture, visit):
    room, lesson, state, bearer = picture
    visitor = visit(storage_state=state, viewport={"width": 800, "height": 1280}, has_touch=True)
    page = visitor.page
    asset = take(page, room, lesson, bearer)
    box = opened(page, room, asset)
    page.get_by_role("button", name="Count").tap()
    for point in ((300, 300), (700, 300), (1100, 500), (1500, 800)):
        page.touchscreen.tap(*on_screen(box, point))
    saved(page)
    (count,) = shapes(page, room, asset, bearer)
    assert count["value"] == 4
    client = page.context.new_cdp_session(page)
    middle = on_screen(box, (960, 540))

    def touch(kind: str, apart: float | None) -> None:
        points = [] if apart is None else [
            {"x": middle[0] - apart, "y": middle[1], "id": 0},
            {"x": middle[0] + apart, "y": middle[1], "id": 1},
        ]  # fmt: skip
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 60)
    for apart in (80, 110, 140, 180):
        touch("touchMove", apart)
    touch("touchEnd", None)
    wide = page.locator("hub-measure-page .stage img").bounding_box()["width"]
    assert wide / box["width"] == pytest.approx(3, rel=0.15)
    saved(page)
    assert shapes(page, room, asset, bearer)[0]["value"] == 4, "two fingers draw nothing"
    assert not visitor.wrong


def test_a_second_screen_sees_the_change_and_both_keep_theirs(picture, visit):
    room, lesson, state, bearer = picture
    one, two = visit(storage_state=state).page, visit(storage_state=state).page
    asset = take(one, room, lesson, bearer)
    box = opened(one, room, asset)
    opened(two, room, asset)
    draw(one, box, (400, 300), (800, 300))
    expect(two.locator("hub-measure-table .choose")).to_have_count(1, timeout=WAIT)
    draw(two, box, (400, 600), (800, 600))
    expect(one.locator("hub-measure-table .choose")).to_have_count(2, timeout=WAIT)


def test_without_a_scale_it_says_so_and_counts_in_pixels(picture, visit, tmp_path):
    room, lesson, state, bearer = picture
    visitor = visit(storage_state=state)
    page = visitor.page
    file = tmp_path / "phone.png"
    Image.new("RGB", (1600, 900), "#7a8f6a").save(file)
    kept = page.request.post(
        f"{room.url}/api/v1/assets",
        multipart={"file": {"name": "phone.png", "mimeType": "image/png", "buffer": file.read_bytes()},
                   "title": "From a phone", "lesson": lesson},
        headers=bearer,
    )  # fmt: skip
    assert kept.status == 201, kept.text()
    asset = kept.json()
    box = opened(page, room, asset)
    expect(page.get_by_text("The scale of this picture is not known.")).to_be_visible()
    assert page.locator("hub-measure-page .scale").count() == 0
    draw(page, box, (300, 300), (1100, 300))
    value = page.locator("hub-measure-table .choose b").first
    expect(value).to_have_text(re.compile("px$"), timeout=WAIT)
    assert figure(value.inner_text()) == pytest.approx(800, abs=2 / box["zoom"])
    page.keyboard.press("7")
    page.mouse.click(*on_screen(box, (800, 600)))
    page.get_by_label("What is here?").fill("<b>қабық</b>")
    page.get_by_role("button", name="Write it").click()
    expect(page.locator("hub-measure-page svg.over text", has_text="<b>қабық</b>")).to_be_visible()
    assert not visitor.wrong
