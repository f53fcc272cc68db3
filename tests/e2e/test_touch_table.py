"""Group activities at the touch table: a quiz of four teams, names and pictures, the map, drawing.

Fingers are Chromium's own touches, several in one report, as a panel gives them; or those of the
virtual table, which come over the hub's stream.
"""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WAIT = 20_000
LINES = """Жасушаның қуат орталығы?\tМитохондрия\tЯдро\tРибосома
Which gas do plants take in?;CO2
2 + 2\t3\t*4
"""
RIGHT = {"Жасушаның қуат орталығы?": "Митохондрия", "2 + 2": "4"}


class Hands:
    """Fingers on the screen of a page, in pixels."""

    def __init__(self, page):
        self.page = page
        self.session = page.context.new_cdp_session(page)

    def say(self, kind, *points):
        touches = [{"x": x, "y": y, "id": at} for at, (x, y) in enumerate(points)]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def tap(self, *elements):
        """Tap elements, all at the same time."""
        self.say("touchStart", *map(middle, elements))
        self.say("touchEnd")

    def drag(self, *paths, steps=8):
        """Move fingers along lines, all at once: pairs of places."""
        for step in range(steps + 1):
            points = [
                (a[0] + (b[0] - a[0]) * step / steps, a[1] + (b[1] - a[1]) * step / steps)
                for a, b in paths
            ]
            self.say("touchMove" if step else "touchStart", *points)
        self.say("touchEnd")


def middle(element):
    box = element.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.fixture
def teacher(shared_classroom, album, visit):
    """The teacher at the panel, in the lesson of the album."""
    someone = visit(
        storage_state=album[1], has_touch=True, viewport={"width": 1920, "height": 1080}
    )
    yield someone
    assert not someone.wrong


def answer(side, *, good):
    text = side.locator(".question").inner_text()
    known = next(
        re.compile(f"^{answer}$") for question, answer in RIGHT.items() if question in text
    )
    answers = side.locator(".answers button")
    return (
        answers.filter(has_text=known).first if good else answers.filter(has_not_text=known).first
    )


def test_four_teams_play_a_quiz_and_the_teacher_sees_what_they_reached(shared_classroom, teacher):
    page, hands = teacher.page, Hands(teacher.page)
    page.goto(f"{shared_classroom.url}/touch")
    page.get_by_role("link", name="New quiz").click()
    page.get_by_label("Name of the quiz").fill("Жасуша викторинасы")
    page.locator("textarea").fill(LINES)
    expect(page.locator(".questions > li")).to_have_count(2)
    expect(page.locator(".wrong")).to_contain_text("Line 2")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("a.line strong", has_text="Жасуша викторинасы")).to_be_visible(timeout=WAIT)

    page.get_by_role("radio", name="4").click()
    page.locator("[data-activity=quiz] select").select_option(label="Жасуша викторинасы")
    page.locator("[data-activity=quiz] button").click()
    sides = page.locator("hub-quiz-play section")
    expect(sides).to_have_count(4, timeout=WAIT)
    for number in range(2):
        teams = [sides.nth(at) for at in range(4)]
        # The first team alone is the fastest; then three fingers in one report of the screen.
        hands.tap(answer(teams[0], good=True))
        expect(teams[0].locator("button.mine")).to_have_count(1)
        expect(sides.locator("button.right")).to_have_count(0)
        hands.tap(*(answer(team, good=at < 2) for at, team in enumerate(teams[1:], 1)))
        expect(sides.locator("button.right")).to_have_count(4, timeout=WAIT)
        if number == 0:  # a page that is loaded anew goes on with the game
            page.reload()
            expect(sides.locator("button.right")).to_have_count(4, timeout=WAIT)
            hands = Hands(page)
        hands.tap(page.locator("button.next"))
        expect(sides.locator("button.right")).to_have_count(0, timeout=WAIT)
    ranks = sides.locator(".rank")
    expect(ranks).to_have_count(4, timeout=WAIT)
    assert [ranks.nth(at).inner_text() for at in range(4)] == ["1", "2", "3", "3"]

    leave = page.locator("button.leave").first
    hands.tap(leave)
    hands.tap(leave)
    result = page.locator(".results > li").first
    expect(result).to_contain_text("Жасуша викторинасы", timeout=WAIT)
    teams = [" ".join(chip.inner_text().split()) for chip in result.locator(".chip").all()]
    assert teams == ["Team 1: 30 · 2/2", "Team 2: 20 · 2/2", "Team 3: 0 · 0/2", "Team 4: 0 · 0/2"]


def test_two_teams_find_the_pictures_of_the_lesson(shared_classroom, album, teacher):
    page, hands = teacher.page, Hands(teacher.page)
    api, url = teacher.context.request, f"{shared_classroom.url}/api/v1/assets"
    headers = {"Origin": shared_classroom.url}
    pictures = api.get(f"{url}?lesson={album[0]}&limit=50").json()["items"]
    for number, asset in enumerate(pictures):
        title = f"Picture {min(number, 1) + 1}"  # one of each name is played with
        done = api.patch(f"{url}/{asset['id']}", data={"title": title}, headers=headers)
        assert done.ok, done.text()
    names = {
        asset["links"]["thumbnail"]: f"Picture {at + 1}" for at, asset in enumerate(pictures[:2])
    }
    page.goto(f"{shared_classroom.url}/touch/play?activity=match&teams=2")
    sides = page.locator("hub-match-play section")
    expect(sides).to_have_count(2, timeout=WAIT)

    def word(side, title):
        return side.locator(".word", has_text=title)

    def figures(side):
        found = {}
        for figure in side.locator("figure").all():
            path = figure.locator("img").get_attribute("src")
            found[names[path]] = figure
        return found

    near, far = sides.nth(0), sides.nth(1)
    hands.drag((middle(word(near, "Picture 1")), middle(figures(near)["Picture 2"])))  # a mistake
    expect(word(near, "Picture 1")).to_be_visible()
    for title in ("Picture 1", "Picture 2"):  # both teams at once, the far one from its side
        hands.drag(
            *((middle(word(side, title)), middle(figures(side)[title])) for side in (near, far))
        )
        expect(page.locator("figcaption", has_text=title)).to_have_count(2)
    expect(page.locator(".done-words")).to_have_count(2)
    page.goto(f"{shared_classroom.url}/touch")
    result = page.locator(".results > li").first
    expect(result).to_contain_text("Names and pictures", timeout=WAIT)
    teams = [" ".join(chip.inner_text().split()) for chip in result.locator(".chip").all()]
    assert teams == ["Team 2: 2 · 2/2", "Team 1: 1 · 1/2"]


def test_two_fingers_spread_the_map(shared_classroom, teacher):
    page, hands = teacher.page, Hands(teacher.page)
    page.goto(f"{shared_classroom.url}/touch/play?activity=map")
    map_ = page.locator("hub-map-play")
    expect(map_).to_have_attribute("data-scale", "1.00", timeout=WAIT)
    hands.drag(((900, 500), (700, 500)), ((1000, 500), (1200, 500)))
    expect(map_).to_have_attribute("data-scale", re.compile(r"^(4\.9|5)"))
    hands.tap(page.get_by_role("button", name="Show all of it").first)
    expect(map_).to_have_attribute("data-scale", "1.00")


def test_fingers_on_a_table_of_the_hub_move_the_map_of_another_screen(shared_classroom, teacher):
    page = teacher.page
    page.goto(f"{shared_classroom.url}/touch/play?activity=map&table=virtual-table")
    map_ = page.locator("hub-map-play")
    expect(map_).to_have_attribute("data-scale", re.compile(r"^\d"), timeout=WAIT)
    expect(map_).not_to_have_attribute("data-scale", "1.00", timeout=WAIT)


INKED = """canvas => {
  const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const seen = {};
  for (let at = 0; at < data.length; at += 4) {
    const colour = [data[at], data[at + 1], data[at + 2]].join(",");
    if (data[at + 3] === 255) seen[colour] = (seen[colour] ?? 0) + 1;
  }
  return Object.keys(seen).filter((colour) => seen[colour] > 1000).sort();
}"""


def test_two_sides_draw_at_once_and_keep_the_sheet(shared_classroom, album, teacher):
    page, hands = teacher.page, Hands(teacher.page)
    page.goto(f"{shared_classroom.url}/touch/play?activity=draw")
    canvas = page.locator("hub-draw-play canvas")
    expect(canvas).to_have_attribute("width", "1920", timeout=WAIT)
    hands.drag(((300, 800), (900, 800)), ((300, 300), (900, 300)))
    assert canvas.evaluate(INKED) == ["163,55,15", "31,95,174"]
    hands.tap(page.get_by_role("button", name="Keep in the album").first)
    expect(page.get_by_text("The drawing is in the album.")).to_be_attached(timeout=WAIT)
    url = f"{shared_classroom.url}/api/v1/assets?lesson={album[0]}&limit=50"
    titles = [asset["title"] for asset in teacher.context.request.get(url).json()["items"]]
    assert "Drawn at the table" in titles
    hands.tap(page.get_by_role("button", name="Wipe the sheet").last)
    assert canvas.evaluate(INKED) == []
