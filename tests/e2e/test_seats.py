"""Who sits where, on the page of the lesson: the pupil sits down, the teacher gives seats."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WAIT = 15_000


def test_a_pupil_sits_down_and_the_teacher_gives_seats(shared_classroom, album, visit) -> None:
    room, (lesson, teacher_state) = shared_classroom, album
    teacher = visit(storage_state=teacher_state)
    api = teacher.context.request
    code = api.get(f"{room.url}/api/v1/lessons/{lesson}").json()["code"]
    pupils = [
        visit(viewport={"width": 800, "height": 1280}, has_touch=True) for _ in ("Aizhan", "Dana")
    ]
    for pupil, name in zip(pupils, ("Aizhan", "Dana"), strict=True):
        joined = pupil.context.request.post(
            f"{room.url}/api/v1/session", data={"digits": code, "name": name}
        )
        assert joined.ok, joined.text()
        pupil.page.goto(room.url)
    aizhan, dana = (pupil.page for pupil in pupils)
    seats = aizhan.locator("hub-lesson-seats .seat")
    expect(seats).to_have_count(4, timeout=WAIT)
    assert [text.split("\n")[0] for text in seats.all_inner_texts()] == ["1", "2", "3", "4"]
    seats.nth(1).tap()
    expect(seats.nth(1)).to_contain_text("Aizhan")
    # It is told to everyone at once, and nobody takes another's seat.
    others = dana.locator("hub-lesson-seats .seat")
    expect(others.nth(1)).to_contain_text("Aizhan", timeout=WAIT)
    others.nth(1).tap()
    expect(dana.get_by_text("Somebody sits there already.")).to_be_visible()
    others.nth(2).tap()
    expect(others.nth(2)).to_contain_text("Dana")

    page = teacher.page
    page.goto(room.url)
    given = page.locator("hub-lesson-seats .seat")
    expect(given.nth(2)).to_contain_text("Dana", timeout=WAIT)
    given.nth(0).click()
    page.locator("hub-lesson-seats .choices button").filter(has_text="Dana").click()
    expect(given.nth(0)).to_contain_text("Dana")
    expect(others.nth(0)).to_contain_text("Dana", timeout=WAIT)
    expect(others.nth(2)).not_to_contain_text("Dana")
    given.nth(0).click()
    page.get_by_role("button", name="Nobody sits here").click()
    expect(others.nth(0)).to_contain_text("Free", timeout=WAIT)
    for one in (teacher, *pupils):
        assert [wrong for wrong in one.wrong if "409" not in wrong] == []
