"""Report sheets as a teacher prints them: what the PDF has, read by a program that did not make it."""

import pypdfium2 as pdfium
import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WAIT = 20_000
MADE = 60_000
A4 = (595, 842)  # points
SHAPE = {"id": "01r", "kind": "length", "points": [[100, 100], [500, 400]], "text": "Қабырға"}


def test_a_sheet_of_a4_for_each_picture_with_note_measurement_and_question(
    shared_classroom, visit, tmp_path
):
    room, someone = shared_classroom, visit()
    api, url = someone.context.request, f"{room.url}/api/v1"
    bearer = {"Authorization": f"Bearer {room.token('teacher')}"}
    lesson = api.post(f"{url}/lessons", data={"title": "Пияз"}, headers=bearer).json()["id"]
    task = {"text": "Жасуша қабырғасы қандай?"}
    assert api.put(f"{url}/lessons/{lesson}/task", data=task, headers=bearer).ok
    kept = [
        api.post(
            f"{url}/microscopes/virtual-microscope/captures",
            data={"lesson": lesson},
            headers=bearer,
        ).json()
        for _ in range(3)
    ]
    drawn = {"revision": 0, "shapes": [SHAPE]}
    path = f"{url}/captures/{kept[0]['id']}/annotations"
    assert api.put(path, data=drawn, headers=bearer).ok

    page = someone.page
    page.goto(room.link)
    page.locator("hub-home-page").wait_for()
    # A note is written in the album, and stands on the sheet.
    page.goto(f"{room.url}/lessons/{lesson}/album#{kept[0]['id']}")
    note = page.get_by_label("Note")
    note.fill("Пияз қабығы, 40×")
    with page.expect_response(lambda answer: answer.request.method == "PATCH", timeout=WAIT):
        note.blur()
    page.keyboard.press("Escape")
    page.locator("button.tile").first.wait_for()
    page.get_by_role("link", name="Export").first.click()
    page.get_by_role("radio", name="Report sheets").check()
    page.get_by_role("button", name="Make the file").click()
    expect(page.get_by_role("button", name="Print or save as PDF")).to_be_visible(timeout=MADE)
    sheets = page.locator("iframe")
    expect(sheets).to_be_visible()
    page.goto(room.url + sheets.get_attribute("src"))
    page.wait_for_function("[...document.images].every((one) => one.naturalWidth)")
    pdf = tmp_path / "report.pdf"
    page.pdf(path=pdf, prefer_css_page_size=True)

    document = pdfium.PdfDocument(pdf)
    try:
        assert [tuple(map(round, one.get_size())) for one in document] == [A4] * 3
        texts = [one.get_textpage().get_text_range() for one in document]
        pictures = [
            [thing for thing in one.get_objects() if thing.type == pdfium.raw.FPDF_PAGEOBJ_IMAGE]
            for one in document
        ]
        assert [len(found) for found in pictures] == [1, 1, 1]
        [measured] = [text for text in texts if "Қабырға" in text]
        assert "Пияз қабығы, 40×" in measured
        assert "µm" in measured
        assert all("Жасуша қабырғасы қандай?" in text for text in texts)
    finally:
        document.close()
    # The classroom is other tests' too: they count on the one lesson that they began.
    assert api.post(f"{url}/lessons/{lesson}/end", headers=bearer).ok
