"""The lab engineer takes a microscope into use, looks after it, and takes it out of use again."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def engineer(classroom, visit):
    someone = visit()
    someone.page.goto(classroom.link)
    someone.page.locator("hub-home-page").wait_for()
    return someone


@pytest.fixture
def address(classroom, engineer):
    """Where the virtual microscope's live picture is."""
    token = classroom.token("engineer")
    answer = engineer.context.request.get(
        f"{classroom.url}/api/v1/devices/virtual-microscope/settings",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.ok, answer.text()
    return answer.json()["values"]["url"]


def test_a_device_is_added_set_up_renamed_and_taken_out_of_use(classroom, engineer, address):
    page = engineer.page
    page.get_by_role("link", name="Equipment").click()
    expect(page.get_by_role("heading", name="Equipment")).to_be_visible()

    # An address that is none is refused beside the field, and nothing is lost.
    page.get_by_role("button", name="Add a device").click()
    page.get_by_role("button", name="Microscope or camera with a network address").click()
    page.get_by_label("Name of the device", exact=True).fill("Second microscope")
    page.get_by_label("Seat").fill("Row 2")
    page.get_by_label("Address of the live picture").fill("ftp://nowhere")
    page.get_by_label("Password").fill("s3cret")
    page.get_by_role("button", name="Take into use").click()
    expect(page.locator("hub-settings-form .wrong")).to_contain_text("http")
    expect(page.get_by_label("Name of the device", exact=True)).to_have_value("Second microscope")

    page.get_by_label("Address of the live picture").fill(address)
    page.get_by_role("button", name="Take into use").click()
    row = page.locator("li").filter(has_text="Second microscope")
    expect(row).to_contain_text("Ready", timeout=20_000)
    expect(row).to_contain_text("Row 2")

    # Its own page: the secret stays in the hub, a new name is everywhere.
    row.get_by_role("link", name=re.compile("Look after")).click()
    password = page.get_by_label("Password")
    expect(password).to_have_value("")
    expect(password).to_have_attribute("placeholder", re.compile("Set"))
    page.get_by_label("Name of the device", exact=True).fill("Microscope by the door")
    page.locator("hub-device-care form").first.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Microscope by the door")).to_be_visible()

    # A wrong setting is said, a right one connects again.
    form = page.locator("hub-settings-form")
    page.get_by_label("Address of the live picture").fill("http://127.0.0.1:1/stream")
    form.get_by_role("button", name="Save").click()
    expect(page.locator("header .chip")).not_to_contain_text("Ready", timeout=20_000)
    page.get_by_label("Address of the live picture").fill(address)
    form.get_by_role("button", name="Save").click()
    expect(page.locator("header .chip")).to_contain_text("Ready", timeout=20_000)
    expect(page.locator(".lines li").first).to_be_visible(timeout=20_000)

    page.get_by_role("button", name="Take out of use").click()
    page.locator("hub-dialog").get_by_role("button", name="Take out of use").click()
    expect(page.get_by_role("heading", name="Equipment")).to_be_visible()
    expect(page.locator("li").filter(has_text="Microscope by the door")).to_have_count(0)
    expect(page.locator("li").filter(has_text="Virtual microscope")).to_contain_text("Ready")
    # Refused as it should be, or asked for in the moment that it went.
    assert all("422" in wrong or "404" in wrong for wrong in engineer.wrong), engineer.wrong

    # Who did it is kept.
    page.get_by_role("link", name="Backups and log").click()
    expect(page.get_by_text("took a device out of use")).to_be_visible()
    expect(page.get_by_text("took a device into use")).to_be_visible()


def test_a_device_is_recorded_and_the_recording_fetched(classroom, engineer):
    page = engineer.page
    page.goto(f"{classroom.url}/devices/virtual-microscope")
    page.get_by_role("button", name="Record for a minute").click()
    page.locator("hub-device-care").get_by_role("button", name="Stop").click()
    with page.expect_download() as begun:
        page.locator("hub-device-care").get_by_role("link", name="Download").click()
    recorded = begun.value.path().read_text()
    assert recorded.splitlines()[0].startswith("{")
    page.locator("hub-device-care").get_by_role("button", name="Delete").click()
    expect(page.locator("hub-device-care .files li")).to_have_count(0)


def test_a_backup_is_made_on_the_page(classroom, engineer):
    page = engineer.page
    page.goto(f"{classroom.url}/keeping")
    page.get_by_role("button", name="Back up now").click()
    expect(page.get_by_text("The backup is made.")).to_be_visible(timeout=20_000)
    expect(page.locator("section").first.locator("li")).to_have_count(1)


def test_a_teacher_has_no_equipment_page(classroom, visit):
    teacher = visit(extra_http_headers={"Authorization": f"Bearer {classroom.token('teacher')}"})
    answer = teacher.context.request.get(f"{classroom.url}/api/v1/discoveries")
    assert answer.status == 403


def test_a_search_finds_the_projector_and_what_it_finds_is_taken_into_use(classroom, engineer):
    """The virtual classroom's projector answers the broadcast that stays on this computer."""
    page = engineer.page
    page.goto(f"{classroom.url}/equipment")
    page.get_by_role("button", name="Search for devices").click()
    dialog = page.locator("hub-search-dialog hub-dialog")
    # Nothing is asked before somebody wants it; it can be stopped.
    expect(dialog.get_by_text("Projector or panel that speaks PJLink")).to_be_visible()
    dialog.get_by_role("button", name="Search", exact=True).click()
    expect(dialog.get_by_role("progressbar")).to_be_visible()
    dialog.get_by_role("button", name="Stop").click()
    expect(dialog.get_by_role("progressbar")).to_have_count(0)
    dialog.get_by_role("button", name="Search", exact=True).click()
    found = dialog.locator("li").filter(has_text="02:00:5e:10:00:07")
    expect(found).to_be_visible(timeout=40_000)
    # The classroom has it already, and so it is not offered again.
    expect(found).to_contain_text("in use already")
    expect(found.get_by_role("button")).to_have_count(0)
    # One that is new: as its button says it.
    page.locator("hub-search-dialog").evaluate(
        """(dialog, detail) => dialog.dispatchEvent(new CustomEvent("chosen", { detail }))""",
        {
            "driver": "pjlink", "title": "", "place": "192.0.2.9", "device": None,
            "settings": {"host": "192.0.2.9"},
        },
    )  # fmt: skip
    expect(dialog.get_by_role("progressbar")).to_have_count(0)
    expect(page.get_by_label("Address", exact=True)).to_have_value("192.0.2.9")
    page.get_by_label("Name of the device", exact=True).fill("Projector that was found")
    page.locator("hub-adopt-dialog").get_by_role("button", name="Take into use").click()
    row = page.locator("li").filter(has_text="Projector that was found")
    expect(row).to_be_visible(timeout=20_000)
    row.get_by_role("link", name=re.compile("Look after")).click()
    expect(page.get_by_label("Address", exact=True)).to_have_value("192.0.2.9")
    # As it was before.
    page.get_by_role("button", name="Take out of use").click()
    page.locator("hub-dialog").get_by_role("button", name="Take out of use").click()
    expect(page.get_by_role("heading", name="Equipment")).to_be_visible()
    expect(page.locator("li").filter(has_text="Projector that was found")).to_have_count(0)
