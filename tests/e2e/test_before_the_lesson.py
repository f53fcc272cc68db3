"""A teacher presses one button on the home page and reads whether everything works."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PANEL = "virtual-panel"


def test_one_button_tells_what_does_not_work_and_what_to_do(classroom, visit):
    teacher = visit()
    page = teacher.page
    page.goto(classroom.link)
    card = page.locator("hub-health-check-card")
    expect(card.get_by_text("Tries every device within a minute.")).to_be_visible(timeout=30_000)
    expect(page.locator("hub-home-page .device .dot.good")).to_have_count(9, timeout=60_000)
    card.get_by_role("button", name="Check now").click()
    expect(card.get_by_text("Everything works")).to_be_visible(timeout=60_000)
    expect(card.locator(".light.good")).to_be_visible()

    answer = page.request.put(
        f"{classroom.url}/api/v1/devices/{PANEL}/faults",
        data={"unplug": True},
        headers={"Origin": classroom.url},
    )
    assert answer.ok, answer.text()
    card.get_by_role("button", name="Check now").click()
    expect(card.get_by_text("1 device does not work")).to_be_visible(timeout=60_000)
    expect(card.locator(".ill li")).to_have_count(1)
    hint = card.locator(".ill .now").inner_text()
    card.get_by_role("link", name="Details").click()
    todo = page.locator("hub-health-check-page .todo li")
    expect(todo).to_have_count(1, timeout=30_000)
    expect(todo).to_contain_text(hint)
    expect(page.locator("hub-health-check-page .list li")).to_have_count(9)
    expect(page.locator("hub-health-check-page .log li")).to_have_count(2)
    assert teacher.wrong == []
