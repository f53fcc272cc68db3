"""A teacher calibrates an objective on the page, by the ruling and by two points."""

import json
import re
import urllib.request

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MICROSCOPE = "/microscopes/virtual-microscope"
LIMIT = 60_000


def peer(room) -> str:
    return next(
        found[1]
        for line in reversed(room.said)
        if (found := re.search(r"plays virtual-microscope at (http://\S+)", line))
    )


def turn(room, **state: object) -> dict:
    """Set the virtual microscope as a hand does; return what is true of its picture."""
    known = {"slide": "micrometer", "drift": False, "tells_scale": False, **state}
    request = urllib.request.Request(
        f"{peer(room)}/state", json.dumps(known).encode(), method="PUT"
    )
    urllib.request.urlopen(request).close()
    with urllib.request.urlopen(f"{peer(room)}/truth") as answer:
        return json.load(answer)


def calibrations(room, someone) -> list[dict]:
    answer = someone.context.request.get(
        f"{room.url}/api/v1{MICROSCOPE}/calibrations",
        headers={"Authorization": f"Bearer {room.token('teacher')}"},
    )
    assert answer.ok, answer.text()
    return answer.json()["items"]


def opened(room, someone) -> Page:
    page = someone.page
    page.goto(room.link)
    page.locator("hub-home-page").wait_for()
    page.goto(f"{room.url}{MICROSCOPE}/calibrate")
    page.locator("hub-calibrate-page svg.marks").wait_for(timeout=LIMIT)
    return page


def test_a_teacher_calibrates_by_the_ruling_and_sees_a_scale_bar(classroom, visit) -> None:
    someone = visit()
    truth = turn(classroom, objective="10x", focus=12.0, angle=7.0)
    page = opened(classroom, someone)
    page.get_by_role("button", name="Find the ruling").click()
    expect(page.locator(".tick").first).to_be_attached(timeout=LIMIT)
    page.get_by_role("button", name="Save for 10").click()
    expect(page.locator(".list li.now")).to_contain_text("1920 × 1080", timeout=LIMIT)
    (kept,) = calibrations(classroom, someone)
    assert kept["how"] == "ruling"
    assert kept["scale"] == pytest.approx(truth["scale"], rel=0.01)
    page.get_by_role("link", name="Back to the microscope").click()
    expect(page.locator(".scale")).to_be_visible(timeout=LIMIT)
    # Another objective, turned by hand, has no scale until it is calibrated as well.
    turn(classroom, objective="40x", focus=13.6)
    expect(page.locator(".scale")).to_be_hidden(timeout=LIMIT)
    assert someone.wrong == []


def test_two_points_are_dragged_and_moved_by_keys(classroom, visit) -> None:
    someone = visit()
    truth = turn(classroom, objective="10x", focus=12.0, angle=0.0)
    page = opened(classroom, someone)
    box = page.locator("hub-live-view").bounding_box()
    zoom = min(box["width"] / truth["width"], box["height"] / truth["height"])
    left = box["x"] + (box["width"] - truth["width"] * zoom) / 2
    top = box["y"] + (box["height"] - truth["height"] * zoom) / 2
    (x0, y0), (x1, _) = truth["micrometer"]["ends"]
    for which, share in ((0, 0.2), (1, 0.8)):  # the lines 20 and 80: 600 um apart
        handle = page.locator("svg.marks g").nth(which)
        circle = handle.locator("circle").bounding_box()
        page.mouse.move(circle["x"] + circle["width"] / 2, circle["y"] + circle["height"] / 2)
        page.mouse.down()
        expect(page.locator(".loupe")).to_be_visible()
        page.mouse.move(left + (x0 + (x1 - x0) * share) * zoom, top + y0 * zoom, steps=5)
        page.mouse.up()
        expect(page.locator(".loupe")).to_be_hidden()
    handle = page.locator("svg.marks g").first
    before = int(handle.get_attribute("aria-valuenow"))
    handle.focus()
    page.keyboard.press("Shift+ArrowRight")
    assert int(handle.get_attribute("aria-valuenow")) == before + 10
    page.keyboard.press("Shift+ArrowLeft")
    save = page.get_by_role("button", name="Save for 10")
    field = page.get_by_label("Length between the points")
    field.fill("nothing")
    expect(save).to_be_disabled()
    field.fill("600,0")
    save.click()
    expect(page.locator(".list li.now")).to_contain_text("1920 × 1080", timeout=LIMIT)
    (kept,) = calibrations(classroom, someone)
    assert kept["how"] == "two-points"
    assert kept["scale"] == pytest.approx(truth["scale"], rel=0.01)
    assert someone.wrong == []
