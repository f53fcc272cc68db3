"""The lab engineer's year in a browser: a thing is entered, breaks, is mended; a table; the report."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TABLE = "id;name;kind;number\n;Гарнитура;headset;2026-0118\n;;headset;2026-0119\n"


def test_a_thing_breaks_and_is_mended_a_table_is_taken_in_and_a_report_filled(
    shared_classroom, album, visit
):
    room, (_, state) = shared_classroom, album
    someone = visit(storage_state=state)
    page = someone.page
    page.goto(f"{room.url}/inventory")
    page.get_by_role("button", name="Enter a thing").click()
    page.get_by_label("Name", exact=True).fill("Desk for two")
    page.get_by_label("Inventory number").fill("2026-0117")
    page.get_by_label("Price, tenge").fill("45 000,50")
    page.get_by_role("button", name="Enter", exact=True).click()
    expect(page.get_by_role("heading", name="Desk for two")).to_be_visible()
    at = page.url

    page.get_by_role("button", name="Report a fault").click()
    page.get_by_label("What is wrong?").fill("A leg is <b>broken</b>")
    page.get_by_role("button", name="Write it down").click()
    line = page.locator(".log li", has_text="A leg is <b>broken</b>")
    page.goto(f"{room.url}/inventory")
    page.get_by_label("Only what is broken").check()
    expect(page.locator("a.item").get_by_role("heading", name="Desk for two")).to_be_visible()
    expect(page.locator("a.item:not(:has(.chip.bad))")).to_have_count(0)
    page.goto(at)
    line.get_by_role("button", name="Mended").click()
    expect(line).to_contain_text("Mended on")

    # A table is looked at first; a wrong line is named, and nothing is taken.
    page.goto(f"{room.url}/inventory")
    page.get_by_role("button", name="Table").click()
    chosen = {"name": "t.csv", "mimeType": "text/csv", "buffer": TABLE.encode()}
    page.get_by_label("Take a table in").set_input_files(chosen)
    expect(page.locator(".wrong li")).to_contain_text("Line 3 · Name")
    good = {**chosen, "buffer": TABLE.rsplit(";;headset", 1)[0].encode()}
    page.get_by_label("Take a table in").set_input_files(good)
    expect(page.locator(".wrong li")).to_contain_text("Гарнитура")
    page.get_by_role("button", name="Take all of it in").click()
    expect(page.locator("a.item", has_text="2026-0118")).to_be_visible()

    page.goto(f"{room.url}/readiness")
    page.get_by_role("button", name="Readiness report").click()
    page.get_by_label("School", exact=True).fill("№ 5 <script>alert(1)</script>")
    page.get_by_label("Trained teachers", exact=True).fill("6")
    page.get_by_role("button", name="Save").click()
    row = page.locator(".rows li", has_text="Trained teachers")
    expect(row.get_by_title("Meets it")).to_be_visible()
    expect(page.locator(".rows li", has_text="Headsets")).to_contain_text("1: Counted in the inv")
    paper = page.get_by_role("link", name="PDF · Қазақша").get_attribute("href")
    answer = someone.context.request.get(f"{room.url}{paper}")
    assert answer.headers["content-type"] == "application/pdf"
    page.goto(room.url + re.sub("format=pdf", "format=html", paper))
    expect(page.get_by_text("№ 5 <script>alert(1)</script>")).to_be_visible()

    # A thing that is no device can be struck off.
    page.goto(at)
    page.get_by_role("button", name="Strike off").click()
    page.locator("hub-dialog button.danger").click()
    expect(page.get_by_role("heading", name="Inventory")).to_be_visible()
    expect(page.locator("a.item", has_text="2026-0117")).to_have_count(0)
    assert not [fault for fault in someone.wrong if "422" not in fault]
