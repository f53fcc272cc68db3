"""A printer's own page."""

import httpx
import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WAIT = 60_000
PRINTER = "virtual-printer"


def test_what_a_printer_says_is_text_on_the_page(shared_classroom, album, visit):
    room, teacher = shared_classroom, visit(storage_state=album[1]).page
    evil = "<img src=x onerror=document.title='taken'>"
    bearer = {"Authorization": f"Bearer {room.token('engineer')}"}

    def say(*lines: str) -> None:
        done = httpx.post(
            f"{room.url}/api/v1/devices/{PRINTER}/actions/send",
            json={"input": {"lines": [f"M118 A1 action:{line}" for line in lines]}},
            headers=bearer,
            timeout=60,
        )
        assert done.status_code in (201, 202), done.text

    say(f"prompt_begin {evil}", f"prompt_choice {evil}", "prompt_show")
    teacher.goto(f"{room.url}/printers/{PRINTER}")
    asked = teacher.locator("hub-printer-page section.prompt")
    expect(asked.locator("p")).to_have_text(evil, timeout=WAIT)
    expect(asked.get_by_role("button")).to_have_text(evil)
    expect(teacher.locator("img[src=x]")).to_have_count(0)
    assert teacher.title() != "taken"
    say("prompt_end")
    expect(asked).to_have_count(0, timeout=WAIT)
