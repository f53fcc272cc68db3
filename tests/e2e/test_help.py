"""From each page to the guide that belongs to it, in the reader's language, and back."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Where a teacher stands, and where the help leads from there.
FROM = {
    "/": "/help/lesson",
    "/boards": "/help/lesson#boards",
    "/globe": "/help/lesson#globe",
    "/print/queue": "/help/printing#queue",
    "/health": "/help/engineer#red",
    "/inventory": "/help/engineer#inventory",
    "/microscopes/virtual-microscope": "/help/microscope#show",
    "/microscopes/virtual-microscope/calibrate": "/help/microscope#calibrate",
}


def test_help_leads_from_each_page_to_its_chapter_and_back(shared_classroom, album, visit):
    room, (_, state) = shared_classroom, album
    someone = visit(storage_state=state, locale="kk-KZ", reduced_motion="reduce")
    page = someone.page
    for path, guide in FROM.items():
        page.goto(room.url + path)
        link = page.get_by_role("link", name="Көмек")
        expect(link).to_have_attribute("href", guide)
    assert not [url for url in someone.asked if "/help-" in url or url.endswith(".md")], (
        "neither the page of the help nor a guide is fetched before it is opened"
    )

    page.get_by_role("link", name="Көмек").click()
    chapter = page.locator("hub-guide-page section#calibrate")
    expect(chapter).to_be_in_viewport()
    expect(chapter.get_by_role("heading")).to_have_text("Дұрыс масштаб: объективті калибрлеу")
    expect(page.locator("article")).to_have_attribute("lang", "kk")
    shown = page.locator("hub-guide-page section#calibrate img")
    page.wait_for_function(
        "img => img.complete && img.naturalWidth > 400", arg=shown.element_handle()
    )

    page.get_by_role("button", name="Рус").click()
    expect(page.locator("article")).to_have_attribute("lang", "ru")
    expect(chapter).to_be_in_viewport()
    page.get_by_role("navigation", name="Содержание").get_by_role("link", name="Альбом").click()
    expect(page.locator("section#album")).to_be_in_viewport()
    expect(page).to_have_url(re.compile("/help/microscope#album$"))
    page.get_by_role("button", name="Назад").click()
    expect(page).to_have_url(re.compile("/calibrate$"))
    elsewhere = [url for url in someone.asked if not url.startswith((room.url, "blob:", "data:"))]
    assert not elsewhere
    assert not [fault for fault in someone.wrong if "401" not in fault]


def test_a_pupil_is_led_to_no_guide_for_teachers(shared_classroom, album, visit):
    room, (lesson, state) = shared_classroom, album
    api = visit(storage_state=state).context.request
    code = api.get(f"{room.url}/api/v1/lessons/{lesson}").json()["code"]
    pupil = visit()
    joined = pupil.context.request.post(
        f"{room.url}/api/v1/session",
        data={"digits": code, "name": "Дана"},
        headers={"Origin": room.url},
    )
    assert joined.ok, joined.text()
    pupil.page.goto(room.url)
    pupil.page.locator("hub-home-page").wait_for()
    assert pupil.page.get_by_role("link", name="Help").count() == 0
    pupil.page.goto(f"{room.url}/help/microscope")
    expect(pupil.page.get_by_text("There is no such guide.")).to_be_visible()
