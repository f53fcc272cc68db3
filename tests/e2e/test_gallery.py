"""An album with thousands of pictures: only what is seen is in the page, and all of it is reached."""

import io
import sqlite3

from PIL import Image

from hub.app import DATABASE

MORE = 3000
COPY = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
INSERT INTO asset (id, media_type, sha256, size, width, height, owner, owner_name, lesson, title,
  note, created, damaged, info, words, answer)
SELECT 'copy-' || i, media_type, sha256, size, width, height, owner, owner_name, lesson, title,
  'Сурет ' || i, created - 86400.0 * (? - i) / 100, damaged, info, 'сурет ' || i, ''
FROM n, (SELECT * FROM asset LIMIT 1)
"""


def test_thousands_of_pictures_are_seen_searched_and_chosen(classroom, visit) -> None:
    visitor = visit(locale="en-US")
    page, api = visitor.page, visitor.context.request
    bearer = {"Authorization": f"Bearer {classroom.token('teacher')}"}
    url = f"{classroom.url}/api/v1"
    lesson = api.post(f"{url}/lessons", data={"title": "Cells"}, headers=bearer).json()["id"]
    taken = api.post(
        f"{url}/microscopes/virtual-microscope/captures",
        data={"note": "Құс қауырсыны", "lesson": lesson},
        headers=bearer,
    )
    assert taken.status == 201, taken.text()
    with sqlite3.connect(classroom.data / DATABASE, timeout=20) as database:
        database.execute(COPY, (MORE, MORE))
    database.close()
    page.goto(classroom.link)
    page.locator("hub-home-page").wait_for()
    page.goto(f"{classroom.url}/lessons/{lesson}/album")
    tiles = page.locator("button.tile")
    tiles.first.wait_for()
    assert page.get_by_text(f"{MORE + 1} pictures").is_visible()
    assert tiles.count() < 120
    # The newest first; then the very last, by one key.
    page.locator(".note", has_text=f"Сурет {MORE}").first.wait_for()
    tiles.first.focus()
    page.keyboard.press("End")
    page.locator(".note", has_text="Құс қауырсыны").wait_for()
    assert tiles.count() < 120
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("KeyF")
    page.locator('.love[aria-pressed="true"]').wait_for()

    search = page.get_by_role("searchbox")
    search.fill("ҚҰС")
    page.get_by_text("1 picture", exact=True).wait_for()
    search.fill("nothing like it")
    page.get_by_text("Nothing was found.").wait_for()
    search.fill("")
    page.get_by_role("button", name="Favourites").click()
    page.get_by_text("1 picture", exact=True).wait_for()
    page.get_by_role("button", name="Favourites").click()
    page.get_by_text(f"{MORE + 1} pictures").wait_for()

    page.get_by_role("button", name="Choose").click()
    tiles.nth(1).click()
    tiles.nth(3).click(modifiers=["Shift"])
    page.get_by_text("3 chosen").wait_for()
    page.get_by_role("link", name="Export").last.click()
    page.get_by_role("heading", name="Export pictures").wait_for()
    page.get_by_role("button", name="Make the file").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click(timeout=60_000)
    assert download.value.suggested_filename == "Cells.zip"
    assert visitor.wrong == []
    assert all(one.startswith((classroom.url, "blob:", "data:")) for one in visitor.asked)


def test_a_pupils_hand_in_is_shown_on_the_class_screen(classroom, visit) -> None:
    teacher, pupil, screen = visit(), visit(), visit()
    bearer = {"Authorization": f"Bearer {classroom.token('teacher')}"}
    url = f"{classroom.url}/api/v1"
    api = teacher.context.request
    lesson = api.post(f"{url}/lessons", data={"title": "Cells"}, headers=bearer).json()
    here = f"{url}/lessons/{lesson['id']}"
    api.put(f"{here}/task", data={"text": "What is it?"}, headers=bearer)

    joined = pupil.context.request.post(
        f"{url}/session",
        data={"digits": lesson["code"], "name": "Aizhan"},
        headers={"Origin": classroom.url},
    )
    assert joined.ok, joined.text()
    pupil.page.goto(f"{classroom.url}/lessons/{lesson['id']}/album")
    picture = {"name": "leaf.jpg", "mimeType": "image/jpeg", "buffer": leaf()}
    pupil.page.get_by_role("button", name="I have read it").click()
    pupil.page.locator('input[type="file"]').set_input_files([picture])
    pupil.page.locator("button.tile").click()
    pupil.page.get_by_label("What is it?").fill("A leaf")
    pupil.page.get_by_role("button", name="Hand in").click()
    pupil.page.get_by_role("button", name="Take back").wait_for()

    screen.page.goto(classroom.link)
    screen.page.locator("hub-home-page").wait_for()
    screen.page.goto(f"{classroom.url}/panel")
    teacher.context.add_cookies(screen.context.cookies())
    teacher.page.goto(f"{classroom.url}/lessons/{lesson['id']}/album")
    teacher.page.get_by_role("button", name="Handed in").click()
    teacher.page.locator("button.tile").click()
    teacher.page.get_by_text("A leaf").wait_for()
    teacher.page.get_by_role("button", name="Show on the class's screen", exact=True).click()
    shown = screen.page.locator("hub-panel-picture img")
    shown.wait_for()
    screen.page.wait_for_function(
        "() => document.querySelector('hub-app').shadowRoot.querySelector('hub-panel-page')"
        ".shadowRoot.querySelector('hub-panel-picture').shadowRoot.querySelector('img').naturalWidth"
    )
    for one in (teacher, pupil, screen):
        assert one.wrong == []


def leaf() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), (40, 140, 60)).save(out, "JPEG")
    return out.getvalue()
