"""A teacher presses one button on the home page and reads whether everything works."""

import pytest
from playwright.sync_api import expect

from tests.e2e.test_class_screen import shot, sign_in

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
    # On the class's screen, in its own language, with what to do drawn beside it.
    kiosk = visit(viewport={"width": 3840, "height": 2160}, locale="kk-KZ")
    screen = sign_in(classroom, kiosk, "display")
    screen.goto(f"{classroom.url}/panel")
    page.get_by_role("button", name="Show on the class's screen").click()
    shown = screen.locator("hub-screen-check")
    expect(shown.locator("li")).to_have_count(1, timeout=30_000)
    expect(shown.get_by_role("heading")).to_have_text("1 құрылғы жұмыс істемейді")
    expect(shown.get_by_role("img", name="Сурет: қосу түймесі")).to_be_visible()
    expect(todo.get_by_role("img", name="Picture: the power button")).to_be_visible()
    letters = shown.locator("li p.do").evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    assert letters >= 2160 * 0.045, "the last row reads it"
    shot(screen, "check-kk")
    shot(page, "check-page")
    page.goto(classroom.url)
    expect(card.get_by_role("img", name="Picture: the power button")).to_be_visible(timeout=30_000)
    shot(page, "check-home")
    # The engineer's page says the same; it is taken up, and given back.
    page.goto(f"{classroom.url}/health")
    alerts = page.locator("hub-health-alerts")
    expect(alerts.get_by_text("1 thing needs you")).to_be_visible(timeout=60_000)
    alerts.get_by_role("button", name="I look after it", exact=True).click()
    expect(alerts.get_by_text("All are taken up")).to_be_visible()
    alerts.get_by_role("button", name="I look after it no more").click()
    expect(alerts.get_by_text("1 is not taken up yet")).to_be_visible()
    answer = page.request.delete(
        f"{classroom.url}/api/v1/devices/{PANEL}/faults", headers={"Origin": classroom.url}
    )
    assert answer.ok, answer.text()
    expect(alerts.get_by_text("Everything works")).to_be_visible(timeout=60_000)
    page.goto(classroom.url)
    for _ in range(240):
        told = page.request.get(f"{classroom.url}/api/v1/devices/{PANEL}").json()
        if told["state"]["reachable"]:
            break
        page.wait_for_timeout(250)
    card.get_by_role("button", name="Check now").click()
    expect(shown.get_by_role("heading")).to_have_text("Бәрі жұмыс істеп тұр", timeout=60_000)
    shot(screen, "check-kk-well")
    assert teacher.wrong == []
    assert kiosk.wrong == []
