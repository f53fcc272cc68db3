"""A lesson at the board: hidden pages, locks, the pen given, followed, shown, replayed, taken along, made of a PDF."""

import io
import re

import pypdfium2
import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from reportlab.pdfgen.canvas import Canvas

from tests.e2e.conftest import Visitor
from tests.e2e.test_boards import WAIT, at, draw, has, items, joined, kept, lesson, tool  # noqa: F401 - a fixture

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def board(lesson, browser):  # noqa: F811
    """Another board of the lesson, so that what other tests draw is not in the way."""
    room, code, _, bearer = lesson
    context = browser.new_context()
    lessons = context.request.get(f"{room.url}/api/v1/lessons", headers=bearer).json()["items"]
    mine = next(one["id"] for one in lessons if one["title"] == "Geometry")
    made = context.request.post(
        f"{room.url}/api/v1/boards", data={"title": "Cells", "lesson": mine}, headers=bearer
    )
    assert made.status == 201, made.text()
    yield room, code, made.json()["id"], bearer
    context.request.delete(f"{room.url}/api/v1/boards/{made.json()['id']}", headers=bearer)
    context.close()


@pytest.fixture(scope="module")
def people(board, browser):
    """The teacher and a pupil at the board, for all tests here."""
    room, _, ident, _ = board
    visitors = []

    def visit(**options):
        visitors.append(Visitor(browser, **options))
        return visitors[-1]

    teacher = visit().page
    teacher.goto(room.link)
    teacher.locator("hub-home-page").wait_for(timeout=WAIT)
    at(teacher, room, ident)
    yield teacher, joined(visit, board, "Aigerim")
    for one in visitors:
        one.context.close()


def until(page: Page, true: str, *args) -> None:
    element = page.locator("hub-board").element_handle()
    page.wait_for_function(f"([board, ...args]) => {true}", arg=[element, *args], timeout=WAIT)


def side(page: Page, name: str) -> None:
    page.locator("hub-board-page header").get_by_title(name, exact=True).click()


def test_what_the_teacher_prepares_on_a_hidden_page_appears_when_it_is_shown(people):
    teacher, pupil = people
    side(teacher, "Add a page")
    until(teacher, "board.session.shared.pages.length === 2")
    until(pupil, "board.session.seenPages.length === 2")
    teacher.locator(".pages .number").click()
    teacher.get_by_role("button", name="Hide from pupils").click()
    until(pupil, "board.session.seenPages.length === 1")
    draw(teacher, (300, 300), (500, 360))
    has(teacher, 1)
    kept(teacher)
    prepared = items(teacher)[0]["author"]
    assert prepared.startswith("page:")
    known = "board.session.state.documents.some(({ name }) => name === args[0])"
    assert not pupil.locator("hub-board").evaluate(f"(board, ...args) => {known}", prepared)
    teacher.get_by_role("button", name="Show to pupils").click()
    until(pupil, "board.session.seenPages.length === 2")
    side(pupil, "Next page")
    has(pupil, 1)
    assert items(pupil)[0]["author"] == prepared


def test_on_a_locked_page_pupils_only_look_whatever_their_page_thinks(people):
    teacher, pupil = people
    teacher.get_by_role("button", name="Only I draw here").click()
    expect(pupil.locator("hub-board-page header .chip")).to_have_text("Only look", timeout=WAIT)
    # As a page that was tampered with would.
    pupil.locator("hub-board").evaluate("(board) => { board.session.mayDraw = () => true; }")
    draw(pupil, (300, 450), (500, 480))
    pupil.locator("hub-board").evaluate("(board) => { delete board.session.mayDraw; }")
    until(pupil, "!board.session.unsent")
    has(pupil, 1)
    has(teacher, 1)
    teacher.get_by_role("button", name="Let pupils draw here").click()
    expect(pupil.locator("hub-board-page header .chip")).to_have_count(0, timeout=WAIT)
    until(pupil, "board.session.author(board.session.own).write")
    pupil.wait_for_timeout(400)  # what was refused is begun anew after a quarter of a second
    draw(pupil, (300, 450), (500, 480))
    has(teacher, 2)
    kept(pupil)
    side(teacher, "Pages") if teacher.locator("aside").count() == 0 else None
    teacher.locator("aside").get_by_role("button", name="Close").click()


def test_the_pen_is_given_while_the_board_is_locked(people):
    teacher, pupil = people
    side(teacher, "Lock the board")
    expect(pupil.locator("hub-board-page header .chip")).to_have_text("Only look", timeout=WAIT)
    side(teacher, "Who draws")
    teacher.get_by_role("button", name="Give the pen to Aigerim").click()
    expect(pupil.locator("hub-board-page header .chip")).to_have_count(0, timeout=WAIT)
    count = len(items(teacher))
    draw(pupil, (600, 450), (800, 480))
    has(teacher, count + 1)
    teacher.locator("aside").get_by_role("button", name="Close").click()
    side(teacher, "Let all draw")


def test_pupils_follow_the_teacher_until_they_look_elsewhere(people):
    teacher, pupil = people
    side(teacher, "All follow me")
    teacher.locator("hub-board .dock").get_by_role("button", name="Larger").click()
    # What the teacher sees is in sight, in a window of any shape.
    sight = teacher.locator("hub-board").evaluate("(board) => board.stage.sight")
    until(
        pupil,
        """(({ x, y, width, height }) => Math.abs(x + width / 2 - args[0].x - args[0].width / 2) < 2
            && Math.abs(y + height / 2 - args[0].y - args[0].height / 2) < 2
            && width >= args[0].width * 0.99)(board.stage.sight)""",
        sight,
    )
    pupil.mouse.wheel(0, 200)
    again = pupil.get_by_role("button", name="Follow the teacher")
    again.click()
    expect(again).to_have_count(0)
    side(teacher, "Let pupils look around")
    teacher.locator("hub-board .dock").get_by_role("button", name="Whole sheet").click()


def test_the_class_screen_shows_the_board_and_writes_on_it(people, board, browser):
    teacher, _ = people
    room, _, ident, _ = board
    side(teacher, "Show on the class's screen")
    screen = Visitor(
        browser, extra_http_headers={"Authorization": f"Bearer {room.token('teacher')}"}
    )
    shown = screen.context.request.get(f"{room.url}/api/v1/panel").json()
    screen.context.close()
    assert shown["element"] == "hub-board"
    assert shown["attributes"] == {"board": ident}


def test_a_page_is_played_as_it_came_to_be(people):
    teacher, _ = people
    total = len(items(teacher))
    assert total >= 3
    side(teacher, "How it came to be")
    bar = teacher.locator(".replay")
    expect(bar).to_be_visible()
    slider = bar.locator("input")
    bar.get_by_role("button", name=re.compile("Pause|Play")).click()
    everything = teacher.locator("hub-board").evaluate(
        "(board) => board.session.items(board.stage.page).all().length"
    )
    seen = "(board) => board.stage.shownIn({ x: -1e5, y: -1e5, width: 2e5, height: 2e5 }).length"
    for at_ in (0, 1, everything):
        slider.evaluate(
            "(input, at) => { input.value = String(at); input.dispatchEvent(new Event('input')); }",
            at_,
        )
        until(teacher, f"({seen})(board) === args[0]", at_)
    bar.get_by_role("button", name="End").click()
    expect(bar).to_have_count(0)
    assert teacher.locator("hub-board").evaluate(seen) == everything


def test_what_was_not_sent_survives_a_reload(people, board):
    room, _, ident, _ = board
    teacher, pupil = people
    for page in people:
        while not page.locator("hub-board-page header .number").inner_text().startswith("1"):
            side(page, "Previous page")
    before = len(items(teacher))
    # Chromium's own "offline" leaves WebSockets of this computer alone: new ones lead nowhere instead.
    pupil.evaluate("""() => {
        const Real = WebSocket;
        window.WebSocket = function (url) { return new Real(new URL("/nowhere", url)); };
    }""")
    pupil.locator("hub-board").evaluate("(board) => board.session.link.socket.close()")
    until(pupil, "board.session.status !== 'open'")
    draw(pupil, (300, 300), (420, 380), (500, 300))
    draw(pupil, (300, 400), (420, 480), (500, 400))
    until(pupil, "board.session.unsent")
    pupil.wait_for_timeout(900)
    assert len(items(teacher)) == before
    pupil.on("dialog", lambda dialog: dialog.accept())
    pupil.reload()
    at(pupil, room, ident)
    has(teacher, before + 2)
    kept(pupil)
    pupil.wait_for_function(
        "() => !Object.keys(sessionStorage).join().includes('unsent')", timeout=WAIT
    )


def pdf() -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(842, 595))
    for shade in (0.9, 0.6):
        canvas.setFillColorRGB(shade, 0.2, 0.2)
        canvas.rect(0, 0, 842, 595, fill=1, stroke=0)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def test_a_pdf_becomes_pages_and_the_board_is_saved_as_files(people):
    teacher, _ = people
    pages = teacher.locator("hub-board").evaluate("(board) => board.session.shared.pages.length")
    teacher.locator(".pages .number").click()
    teacher.locator("aside input[type=file]").set_input_files(
        {"name": "Тапсырма.pdf", "mimeType": "application/pdf", "buffer": pdf()}
    )
    until(teacher, f"board.session.shared.pages.length === {pages + 2}")
    expect(teacher.locator(".list .here .go")).to_have_text("Тапсырма 1", timeout=WAIT)
    teacher.locator("aside").get_by_role("button", name="Close").click()
    picture = teacher.locator("hub-board img.backdrop")
    expect(picture).to_be_visible()
    until(teacher, "board.renderRoot.querySelector('img.backdrop').naturalWidth === 3840")
    draw(teacher, (400, 300), (700, 360), (900, 300))
    kept(teacher)

    side(teacher, "More")
    with teacher.expect_download(timeout=60_000) as download:
        teacher.get_by_role("button", name="All pages (PDF)").click()
    assert download.value.suggested_filename == "Cells.pdf"
    document = pypdfium2.PdfDocument(download.value.path())
    assert len(document) == pages + 2
    document.close()
    with teacher.expect_download(timeout=60_000) as download:
        teacher.get_by_role("button", name="This page as a picture (PNG)").click()
    with Image.open(download.value.path()) as opened:
        saved = opened.convert("RGB")
    assert saved.size == (3840, 2160)
    teacher.locator("aside").get_by_role("button", name="Close").click()
