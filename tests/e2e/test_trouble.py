"""What people see while something is wrong, and that it mends itself."""

import json
import re
import urllib.request

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MICROSCOPE = "/microscopes/virtual-microscope"


def misbehave(room, **faults: object) -> None:
    """Post faults to the virtual microscope, whose address the hub's log tells."""
    peer = next(
        found[1]
        for line in reversed(room.said)
        if (found := re.search(r"plays virtual-microscope at (http://\S+)", line))
    )
    body = json.dumps(faults).encode()
    urllib.request.urlopen(urllib.request.Request(f"{peer}/faults", body)).close()


def call(room, visitor, path: str, **data: object) -> dict:
    done = visitor.context.request.post(
        f"{room.url}/api/v1{path}",
        data=data,
        headers={"Authorization": f"Bearer {room.token('teacher')}"},
    )
    assert done.ok, done.text()
    return done.json()


def join(room, visitor, lesson: dict) -> Page:
    page = visitor.page
    page.goto(f"{room.url}/join#{lesson['code']}")
    page.get_by_label("Your name").fill("Айжан")
    page.get_by_role("button", name="Join").click()
    page.locator("hub-home-page").wait_for()
    page.goto(f"{room.url}{MICROSCOPE}")
    page.locator(".scale").wait_for()
    return page


def test_a_pupil_sees_what_is_wrong_and_what_to_do_and_goes_on_by_themselves(classroom, visit):
    room, someone = classroom, visit()
    lesson = call(room, someone, "/lessons", title="The plant cell")
    page = join(room, someone, lesson)

    misbehave(room, unplug=True)
    expect(page.get_by_text("The device does not answer.")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("its cable is plugged in")).to_be_visible()
    expect(page.locator(".scale")).to_be_hidden()
    misbehave(room, clear=True)
    expect(page.locator(".badge")).to_have_text("Live", timeout=20_000)

    button = page.locator("hub-capture-button").bounding_box()
    room.kill()
    expect(page.get_by_text("The connection to the hub is lost.")).to_be_visible(timeout=20_000)
    assert page.locator("hub-capture-button").bounding_box() == button, "the page jumped"
    room.start()
    expect(page.locator(".badge")).to_have_text("Live", timeout=20_000)

    call(room, someone, f"/lessons/{lesson['id']}/end")
    expect(page.get_by_role("alert")).to_contain_text("no longer in the lesson “The plant cell”")
    expect(page.get_by_label("Your name")).to_be_visible()


def test_a_frozen_picture_stands_still_and_is_the_one_that_is_kept(shared_classroom, visit):
    room, someone = shared_classroom, visit()
    lesson = call(room, someone, "/lessons", title="Yeast")
    page = join(room, someone, lesson)
    seen = "document.querySelector('hub-app').shadowRoot.querySelector('hub-microscope-page')"
    seen += ".shadowRoot.querySelector('hub-live-view').frame"

    page.get_by_role("button", name="Freeze the picture").click()
    expect(page.locator(".badge")).to_have_text("Paused")
    frozen = page.evaluate(seen)
    with page.expect_request("**/captures") as asked, page.expect_response("**/captures") as kept:
        page.get_by_role("button", name="Take a picture").click()
    assert asked.value.post_data_json["frame"] == frozen
    assert kept.value.status == 201, kept.value.text()
    assert page.evaluate(seen) == frozen

    page.get_by_role("button", name="Freeze the picture").click()
    expect(page.locator(".badge")).to_have_text("Live")
    page.wait_for_function(f"() => {seen} > {frozen}")
    call(room, someone, f"/lessons/{lesson['id']}/end")


AWAY = """(() => {
    const Real = WebSocket;
    const open = new Set();
    let away = false;
    window.WebSocket = class extends Real {
        constructor(url) {
            super(away ? new URL("/nowhere", url) : url);
            open.add(this);
        }
    };
    window.leave = () => { away = true; for (const one of open) one.close(); };
    window.comeBack = () => { away = false; dispatchEvent(new Event("online")); };
})()"""


def test_what_happened_while_the_network_was_away_is_on_the_page_once_it_is_back(
    shared_classroom, album, visit
):
    """Chromium's own "offline" leaves WebSockets of this computer alone: they lead nowhere instead."""
    room, someone = shared_classroom, visit(storage_state=album[1])
    someone.context.add_init_script(AWAY)
    people, boards, pictures = (someone.context.new_page() for _ in range(3))
    pages = {"people": people, "boards": boards, "albums?show=all": pictures}
    for path, page in pages.items():
        page.goto(f"{room.url}/{path}")
        page.locator("hub-app h1").first.wait_for(timeout=20_000)
        expect(page.get_by_text("Ерасыл")).to_have_count(0)
    tiles = pictures.locator("button.tile")
    tiles.first.wait_for(timeout=20_000)
    for page in pages.values():
        page.evaluate("leave()")
    person = call(room, someone, "/people", name="Ерасыл", role="pupil")
    board = call(room, someone, "/boards", title="Of Ерасыл")
    call(room, someone, "/microscopes/virtual-microscope/captures", note="Ерасыл has seen it")
    people.wait_for_timeout(500)
    for page in pages.values():
        expect(page.get_by_text("Ерасыл")).to_have_count(0)
    for page in pages.values():
        page.evaluate("comeBack()")
        expect(page.get_by_text("Ерасыл").first).to_be_visible(timeout=20_000)
    bearer = {"Authorization": f"Bearer {room.token('teacher')}"}
    for path in (f"people/{person['id']}", f"boards/{board['id']}"):
        assert someone.context.request.delete(f"{room.url}/api/v1/{path}", headers=bearer).ok
