"""Drawing together in browsers: what one draws the other has, it is kept, and it is one's own."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WAIT = 20_000
# What people have put on the page that is shown: how many items, where, and whose. The classroom's
# tablets write on the same board, in the names of their seats.
OF_PEOPLE = "items(board.stage.page).all().filter(({ author }) => !author.startsWith('seat:'))"
ITEMS = f"""(board) => board.session.{OF_PEOPLE}
    .map(({{ key, kind, author, colour, box }}) => ({{ key, kind, author, colour, box }}))
    .sort((one, other) => (one.key < other.key ? -1 : 1))"""
READY = "(board) => board.session?.ready && board.stage?.page !== ''"


@pytest.fixture(scope="module")
def lesson(shared_classroom, browser):
    """A lesson with a board: its digits, the board's id, a teacher's sign-in."""
    room = shared_classroom
    context = browser.new_context()
    bearer = {"Authorization": f"Bearer {room.token('teacher')}"}
    made = context.request.post(
        f"{room.url}/api/v1/lessons", data={"title": "Geometry"}, headers=bearer
    )
    assert made.status == 201, made.text()
    board = context.request.post(
        f"{room.url}/api/v1/boards",
        data={"title": "Triangles", "lesson": made.json()["id"]},
        headers=bearer,
    )
    assert board.status == 201, board.text()
    yield room, made.json()["code"], board.json()["id"], bearer
    # The classroom is other tests' too: they count on the one lesson that they began.
    context.request.delete(f"{room.url}/api/v1/boards/{board.json()['id']}", headers=bearer)
    context.request.post(f"{room.url}/api/v1/lessons/{made.json()['id']}/end", headers=bearer)
    context.close()


def joined(visit, lesson, name: str) -> Page:
    """A pupil's browser at the board."""
    room, code, board, _ = lesson
    page = visit(has_touch=True).page
    page.goto(room.url)
    answer = page.request.post(
        f"{room.url}/api/v1/session",
        data={"digits": code, "name": name},
        headers={"Origin": room.url},
    )
    assert answer.ok, answer.text()
    at(page, room, board)
    return page


def at(page: Page, room, board: str) -> None:
    page.goto(f"{room.url}/boards/{board}")
    expect(page.locator("hub-board .stage")).to_be_visible(timeout=WAIT)
    element = page.locator("hub-board").element_handle()
    page.wait_for_function(READY, arg=element, timeout=WAIT)


def items(page: Page) -> list[dict]:
    return page.locator("hub-board").evaluate(ITEMS)


def has(page: Page, count: int) -> None:
    element = page.locator("hub-board").element_handle()
    page.wait_for_function(
        f"([board, n]) => board.session.{OF_PEOPLE}.length === n",
        arg=[element, count],
        timeout=WAIT,
    )


def kept(page: Page) -> None:
    element = page.locator("hub-board").element_handle()
    page.wait_for_function("(board) => !board.session.unsent", arg=element, timeout=WAIT)


def draw(page: Page, *points: tuple[float, float]) -> None:
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=6)
    page.mouse.up()


def tool(page: Page, name: str) -> None:
    page.locator("hub-board .dock").get_by_role("button", name=name, exact=True).click()


def test_two_pupils_draw_and_agree_and_each_undoes_their_own(lesson, visit):
    room, _, board, _ = lesson
    one, other = joined(visit, lesson, "Aigerim"), joined(visit, lesson, "Daulet")
    draw(one, (300, 200), (500, 260), (420, 330))
    draw(other, (700, 200), (900, 260))
    for page in (one, other):
        has(page, 2)
    kept(one)
    kept(other)
    assert items(one) == items(other)
    assert len({item["author"] for item in items(one)}) == 2

    # Another's stroke is neither rubbed out nor picked.
    tool(one, "Eraser")
    draw(one, (690, 190), (910, 270))
    draw(one, (700, 200), (900, 260))
    tool(one, "Pick")
    one.mouse.click(800, 230)
    one.keyboard.press("Delete")
    assert len(items(one)) == 2

    tool(other, "Undo")
    has(one, 1)
    assert other.locator("hub-board .dock").get_by_role("button", name="Undo").is_disabled()
    tool(other, "Redo")
    has(one, 2)
    kept(other)

    before = items(one)
    one.reload()
    at(one, room, board)
    has(one, 2)
    assert items(one) == before


def test_a_pupils_update_for_another_changes_nothing(lesson, visit):
    one, other = joined(visit, lesson, "Madina"), joined(visit, lesson, "Timur")
    count = len(items(one))
    draw(one, (300, 420), (480, 460))
    has(other, count + 1)
    kept(one)
    # As a page that was tampered with would: it deletes what another drew.
    other.locator("hub-board").evaluate(
        """(board) => {
            const theirs = board.session.items(board.stage.page).all()
                .filter(({ author }) => author !== board.session.own);
            board.session.erase(theirs);
        }"""
    )
    has(other, count + 1)  # the hub refused it, and the page has begun anew
    assert items(one) == items(other)


def test_the_teacher_locks_clears_and_brings_back(lesson, visit):
    room, _, board, _ = lesson
    teacher = visit().page
    teacher.goto(room.link)
    teacher.locator("hub-home-page").wait_for(timeout=WAIT)
    at(teacher, room, board)
    pupil = joined(visit, lesson, "Arman")
    draw(pupil, (300, 560), (480, 600))
    count = len(items(pupil))
    has(teacher, count)

    teacher.get_by_role("button", name="Lock the board").click()
    expect(pupil.locator("hub-board-page header .chip")).to_have_text("Only look", timeout=WAIT)
    draw(pupil, (300, 500), (480, 500))
    teacher.get_by_role("button", name="Let all draw").click()
    expect(pupil.locator("hub-board-page header .chip")).to_have_count(0, timeout=WAIT)
    assert len(items(pupil)) == count

    teacher.get_by_role("button", name="More").click()
    teacher.get_by_role("button", name="Clear this page").click()
    teacher.get_by_role("button", name="Clear the page").click()
    has(pupil, 0)
    tool(teacher, "Undo")
    has(pupil, count)


def test_fingers_that_come_together_move_the_page_and_a_note_says_what_was_typed(lesson, visit):
    pupil = joined(visit, lesson, "Zarina")
    count = len(items(pupil))
    view = "(board) => board.stage.view"
    before = pupil.locator("hub-board").evaluate(view)
    session = pupil.context.new_cdp_session(pupil)

    def fingers(kind: str, *places: tuple[int, int]) -> None:
        touches = [{"x": x, "y": y, "id": index} for index, (x, y) in enumerate(places)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    fingers("touchStart", (500, 300))
    fingers("touchStart", (500, 300), (700, 300))
    fingers("touchMove", (450, 300), (750, 300))
    fingers("touchMove", (400, 300), (800, 300))
    fingers("touchEnd")
    after = pupil.locator("hub-board").evaluate(view)
    assert after["zoom"] > 1.5 * before["zoom"]
    assert len(items(pupil)) == count

    tool(pupil, "Sticky note")
    pupil.mouse.click(600, 300)
    pupil.locator("hub-board textarea").fill("Сәлем")
    tool(pupil, "Pen")
    has(pupil, count + 1)
    assert "note" in {item["kind"] for item in items(pupil)}


def test_colours_the_sheets_edge_and_whose_pen_it_is_are_seen(visit, lesson):
    """What is set in styles is in force: the pages' policy refuses it where it is an attribute."""
    page = joined(visit, lesson, "Zarina")
    seen = page.locator("hub-board .tray .swatch")
    expect(seen.first).to_be_visible(timeout=WAIT)
    colours = seen.evaluate_all("all => all.map((one) => getComputedStyle(one).backgroundColor)")
    assert len(set(colours)) == len(colours) >= 8
    boxes = page.locator("hub-board .edge i").evaluate_all(
        "all => all.map((one) => { const b = one.getBoundingClientRect(); return [b.width, b.height] })"
    )
    assert max(wide for wide, _ in boxes) > 300
    assert max(high for _, high in boxes) > 150
    # The room's tablets write: each pen's name is beside it, and not in the corner.
    tips = page.locator("hub-board .tips span")
    expect(tips.first).to_be_attached(timeout=WAIT)
    element = page.locator("hub-board").element_handle()
    page.wait_for_function(
        """(board) => [...board.renderRoot.querySelectorAll(".tips span")].some(
            (tip) => new DOMMatrix(getComputedStyle(tip).transform).e > 20)""",
        arg=element,
        timeout=WAIT,
    )
