"""Boards and files over the API: taken along by those who may, and files that become pages."""

import io
import time

import httpx
import pycrdt
import pypdfium2
import pytest
from lxml import etree
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from tests.integration.test_boards import agreed, room  # noqa: F401 - a fixture

TRACES = ".//{http://www.w3.org/2003/InkML}trace"


def pdf(pages=2, *, script=False, password=None, size=(595, 842)):
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=size, encrypt=password)
    for number in range(pages):
        canvas.setFillColorRGB(0.8, 0.1, 0.1)
        canvas.rect(50, 50 + 10 * number, 200, 300, fill=1, stroke=0)
        canvas.drawString(100, 700, f"page {number + 1}")
        canvas.showPage()
    if script:
        action = canvas._doc.Reference(_Script())
        canvas._doc.Catalog.__dict__["OpenAction"] = action
        canvas._doc.Catalog.__NoDefault__ = [*canvas._doc.Catalog.__NoDefault__, "OpenAction"]
    canvas.save()
    return out.getvalue()


class _Script:
    def format(self, document):
        return b"<< /S /JavaScript /JS (app.alert\\(1\\); this.submitForm\\('http://example.org'\\)) >>"


@pytest.fixture
async def drawn(room):  # noqa: F811
    """A board on which a pupil and the teacher have drawn, one page of it hidden."""
    aizhan, dana, teacher = await room.everybody("Aizhan", "Dana")
    first = room.board["pages"][0]["id"]
    made = room.http.post(f"{room.path}/pages", json={"title": "Answers"}).json()
    second = made["pages"][1]["id"]
    room.http.patch(f"{room.path}/pages/{second}", json={"hidden": True}).raise_for_status()
    aizhan.draw(page=first)
    dana.draw(page=first, pen="marker", width=20.0)
    teacher.draw(page=second)
    await agreed([aizhan, dana, teacher])
    room.http.timeout = 60
    room.first, room.second, room.aizhan, room.dana = first, second, aizhan, dana
    return room


def asked(room, who=None, **query):  # noqa: F811
    if who is None:
        return room.http.get(f"{room.path}/export", params=query)
    with httpx.Client(base_url=room.hub.url, headers=who.headers, timeout=60) as browser:
        return browser.get(f"{room.path}/export", params=query)


async def test_a_board_is_taken_along_in_every_form(drawn):
    names = {}
    for form, begins in (
        ("pdf", b"%PDF-"),
        ("svg", b"<?xml"),
        ("png", b"\x89PNG"),
        ("inkml", b"<?xml"),
    ):
        answer = asked(drawn, format=form)
        assert answer.status_code == 200, answer.text
        assert answer.content.startswith(begins)
        assert answer.headers["cache-control"] == "private, no-store"
        assert "sandbox" in answer.headers["content-security-policy"]
        names[form] = answer.headers["content-disposition"]
    assert names["pdf"] == 'attachment; filename="Cells.pdf"'
    assert names["png"] == "attachment; filename*=utf-8''Cells%20Page%201.png"
    assert len(pypdfium2.PdfDocument(asked(drawn).content)) == 2
    traces = etree.fromstring(asked(drawn, format="inkml").content).findall(TRACES)
    assert len(traces) == 3
    only = etree.fromstring(asked(drawn, format="inkml", page=drawn.second).content)
    assert len(only.findall(TRACES)) == 1
    # Nothing of it is left on the hub's disk.
    work = drawn.hub.data / "work" / "whiteboard" / "exports"
    assert not list(work.iterdir())


async def test_a_pupil_takes_along_what_a_pupil_sees(drawn):
    document = pypdfium2.PdfDocument(asked(drawn, drawn.aizhan).content)
    assert len(document) == 1
    document.close()
    refused = asked(drawn, drawn.aizhan, format="svg", page=drawn.second)
    assert (refused.status_code, refused.json()["code"]) == (404, "nothing-to-save")
    hidden = {"hidden": True}
    drawn.http.patch(f"{drawn.path}/layers/{drawn.dana.own}", json=hidden).raise_for_status()

    def strokes(who=None):
        answer = asked(drawn, who, format="inkml", page=drawn.first)
        return len(etree.fromstring(answer.content).findall(TRACES))

    assert strokes() == 2
    assert strokes(drawn.aizhan) == 1
    assert strokes(drawn.dana) == 2, "one's own layer is one's own"
    other = drawn.http.post("/api/v1/lessons", json={"title": "Rocks"}).json()
    assert asked(drawn, drawn.pupil("Timur", other)).status_code == 403
    drawn.http.post(f"/api/v1/lessons/{other['id']}/end")


def sent(room, data, name="Жұмыс парағы.pdf", **fields):  # noqa: F811
    files = {"file": (name, data, "application/octet-stream")}
    return room.http.post(f"{room.path}/pages/import", files=files, data=fields)


def done(room, answer):  # noqa: F811
    assert answer.status_code == 201, answer.text
    until = time.monotonic() + 60
    while (said := room.http.get(answer.headers["location"]).json())["status"] in (
        "pending",
        "running",
    ):
        assert time.monotonic() < until
        time.sleep(0.05)
    return said


async def test_the_pages_of_a_pdf_become_pages_sharp_enough_for_a_panel(drawn):
    said = done(drawn, sent(drawn, pdf(3, script=True), after=drawn.first))
    assert said["status"] == "done", said
    board = drawn.http.get(drawn.path).json()
    titles = [page["title"] for page in board["pages"]]
    assert titles == ["", "Жұмыс парағы 1", "Жұмыс парағы 2", "Жұмыс парағы 3", "Answers"]
    assert [page["id"] for page in board["pages"][1:4]] == said["result"]["pages"]
    behind = board["pages"][1]["background"]
    assert behind["height"] == 1080
    assert behind["x"] + behind["width"] / 2 == 960
    with httpx.Client(base_url=drawn.hub.url, headers=drawn.aizhan.headers) as browser:
        picture = browser.get(f"{drawn.path}/assets/{behind['asset']}")
        assert Image.open(io.BytesIO(picture.content)).size == (2714, 3840)
        # It is on the board and in no album; a page that is hidden hides its picture, too.
        assert browser.get(f"/api/v1/assets/{behind['asset']}").status_code == 403
        page = f"{drawn.path}/pages/{board['pages'][1]['id']}"
        drawn.http.patch(page, json={"hidden": True}).raise_for_status()
        assert browser.get(f"{drawn.path}/assets/{behind['asset']}").status_code == 404
    album = drawn.http.get("/api/v1/assets", params={"lesson": drawn.lesson["id"]}).json()["items"]
    assert album == []
    # In a file of the board the PDF's page lies behind the ink; nothing of its script is there.
    answer = asked(drawn, format="pdf")
    assert b"JavaScript" not in answer.content
    assert len(pypdfium2.PdfDocument(answer.content)) == 5
    assert drawn.http.delete(drawn.path).status_code == 204
    assert drawn.http.get(f"/api/v1/assets/{behind['asset']}").status_code == 404


async def test_a_picture_becomes_a_page(drawn, tiny_jpeg):
    said = done(drawn, sent(drawn, tiny_jpeg, "cell.jpg"))
    (page,) = said["result"]["pages"]
    board = drawn.http.get(drawn.path).json()
    assert [one["title"] for one in board["pages"]] == ["", "Answers", "cell"]
    assert board["pages"][2]["id"] == page


async def test_bad_files_become_no_pages_and_say_why(drawn):
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    refused = sent(drawn, svg, "drawing.svg")
    assert (refused.status_code, refused.json()["code"]) == (415, "no-pages-of-this")
    assert "PDF" in refused.json()["hint"]
    good = pdf(1)
    for data, code in (
        (b"%PDF-1.7\ngarbage", "bad-pdf"),
        (good[: len(good) // 3], "bad-pdf"),
        (pdf(1, password="secret"), "locked-pdf"),
        (pdf(101, size=(10, 10)), "too-many-pdf-pages"),
    ):
        said = done(drawn, sent(drawn, data))
        assert (said["status"], said["problem"]["code"]) == ("failed", code)
    # A page as long as a street is a narrow picture, not a large one.
    assert done(drawn, sent(drawn, pdf(1, size=(14_000, 3))))["status"] == "done"
    missing = sent(drawn, good, after="no-such-page")
    assert done(drawn, missing)["problem"]["code"] == "not-found"
    assert len(drawn.http.get(drawn.path).json()["pages"]) == 3
    assert not list((drawn.hub.data / "work" / "whiteboard" / "imports").iterdir())


async def test_hostile_items_end_no_export(drawn):
    items = drawn.aizhan.map(drawn.aizhan.own)
    items["hostile-1"] = {"kind": "stroke", "page": {"a": 1.0}, "time": 1.0}
    items["hostile-2"] = {
        "kind": "note",
        "page": drawn.first,
        "time": 2.0,
        "colour": "#ffffff",
        "x": 0.0,
        "y": 0.0,
        "width": 1e6,
        "height": 1e-300,
        "text": "</svg>" * 300,
    }
    items["hostile-3"] = {
        "kind": "picture",
        "page": drawn.first,
        "time": 3.0,
        "colour": "#ffffff",
        "x": 0.0,
        "y": 0.0,
        "width": 9.0,
        "height": 9.0,
        "asset": "../../etc/passwd",
    }
    items["hostile-4"] = pycrdt.Map({"kind": "note"})
    await drawn.aizhan.settled()
    for form in ("pdf", "svg", "png", "inkml"):
        answer = asked(drawn, format=form, page=drawn.first)
        assert answer.status_code == 200, answer.text
