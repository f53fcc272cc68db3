"""The keys of keyboards and presenter remotes take pictures, wherever they may."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WAIT = 15_000
TAKEN = re.compile(r"/api/v1/microscopes/[^/]+/captures$")


def takes(page: Page, key: str) -> None:
    with page.expect_response(
        lambda answer: answer.request.method == "POST" and TAKEN.search(answer.url), timeout=WAIT
    ) as answer:
        page.keyboard.press(key)
    assert answer.value.status == 201, answer.value.text()
    expect(page.locator("hub-capture-button")).not_to_have_attribute("busy", "", timeout=WAIT)


def test_a_remote_takes_pictures_also_while_the_controls_are_open(shared_classroom, album, visit):
    page = visit(storage_state=album[1], reduced_motion="reduce").page
    page.goto(f"{shared_classroom.url}/microscopes/virtual-microscope")
    page.locator(".scale").wait_for()
    # By where the key is: with a Kazakh or Russian layout the B of a remote says "и".
    for key in ("Space", "Enter", "PageDown", "PageUp", "KeyB", "Period"):
        takes(page, key)
    page.get_by_role("button", name="Controls").click()
    page.locator("hub-microscope-controls hub-range input").first.focus()
    for key in ("PageDown", "KeyB"):
        takes(page, key)
    page.get_by_role("button", name="Close").focus()
    takes(page, "PageDown")


def test_keys_that_mean_something_else_take_none(shared_classroom, album, visit):
    page = visit(storage_state=album[1], reduced_motion="reduce").page
    taken = []
    page.on(
        "request",
        lambda request: (
            taken.append(request.url)
            if request.method == "POST" and TAKEN.search(request.url)
            else None
        ),
    )
    page.goto(f"{shared_classroom.url}/microscopes/virtual-microscope")
    page.locator(".scale").wait_for()
    page.keyboard.press("Control+KeyB")
    page.get_by_role("button", name="Controls").click()
    page.locator("hub-microscope-controls").wait_for()
    # The panel's close button has the focus: the space bar presses it.
    page.keyboard.press("Space")
    expect(page.locator("hub-microscope-controls")).to_have_count(0)
    page.locator("hub-series-button .more").click()
    page.locator("dialog[open]").wait_for()
    page.keyboard.press("PageDown")
    page.keyboard.press("Escape")
    takes(page, "PageDown")
    assert len(taken) == 1, taken
