"""What a teacher drives on a microscope from its page."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WAIT = 30_000


def test_it_focuses_by_itself_and_can_be_stopped(shared_classroom, album, visit):
    page = visit(storage_state=album[1], reduced_motion="reduce").page
    page.goto(f"{shared_classroom.url}/microscopes/virtual-microscope")
    page.locator(".scale").wait_for()
    page.get_by_role("button", name="Controls").click()
    controls = page.locator("hub-microscope-controls")
    ended = {}
    for how in ("done", "cancelled"):
        with page.expect_response(
            lambda answer: answer.url.endswith("/actions/autofocus"), timeout=WAIT
        ) as begun:
            controls.get_by_role("button", name="Focus by itself").click()
        expect(controls.get_by_role("progressbar", name="Autofocus")).to_be_visible(timeout=WAIT)
        if how == "cancelled":
            controls.get_by_role("button", name="Stop").click()
        # It is offered again once the hub has ended it, whether by itself or because it was told to.
        expect(controls.get_by_role("button", name="Focus by itself")).to_be_enabled(timeout=WAIT)
        path = f"/api/v1/operations/{begun.value.json()['id']}"
        ended[how] = page.request.get(f"{shared_classroom.url}{path}").json()["status"]
    assert ended == {"done": "done", "cancelled": "cancelled"}
