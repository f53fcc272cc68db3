"""The globe in a browser: what the pen touches is shown, flown to and heard; a quiz; teaching."""

import asyncio
import threading
from pathlib import Path

import pytest
from playwright.sync_api import expect

from drivers.virtual.globe.control import ask

pytestmark = pytest.mark.browser
WAIT = 30_000


@pytest.fixture
def teacher(shared_classroom, album, visit):
    return visit(storage_state=album[1], locale="kk-KZ", reduced_motion="reduce")


@pytest.fixture
def pen(shared_classroom, teacher):
    """Touches the virtual globe as its pen would: codes over the serial line."""
    url = f"{shared_classroom.url}/api/v1/devices/virtual-globe/settings"
    token = {"Authorization": f"Bearer {shared_classroom.token('engineer')}"}
    settings = teacher.context.request.get(url, headers=token).json()
    socket = Path(settings["values"]["port"]).parent / "control"

    def touch(*codes):
        # Playwright's own loop runs in this thread.
        lines = [f"OID {code}" if code.isdigit() else code for code in codes]
        thread = threading.Thread(target=lambda: asyncio.run(ask(socket, say=lines)))
        thread.start()
        thread.join(30)

    return touch


def test_what_the_pen_touches_is_shown_and_heard_until_the_next_touch(
    shared_classroom, teacher, pen
):
    page = teacher.page
    heard = []
    page.on("response", lambda one: "/voice/" in one.url and heard.append((one.url, one.status)))
    page.goto(f"{shared_classroom.url}/globe")
    page.locator("#find").click()  # browsers make no sound before somebody has touched the page
    expect(page.locator("hub-globe-view canvas")).to_be_visible(timeout=WAIT)
    pen("10398")
    card = page.locator("hub-place-card")
    expect(card.locator("h1")).to_have_text("Қазақстан", timeout=WAIT)
    expect(card.locator("[data-fact=capital] dd")).to_have_text("Астана")
    expect(card.locator("[data-fact=population] dd")).to_contain_text("жылғы дерек")
    expect(card.locator("img")).to_be_visible()
    assert card.locator("img").evaluate("image => image.naturalWidth") > 0
    expect(page.locator("hub-globe-view")).to_have_attribute("data-at", "KZ", timeout=WAIT)
    pen("10392")
    expect(card.locator("h1")).to_have_text("Жапония", timeout=WAIT)
    expect(page.locator("hub-globe-view")).to_have_attribute("data-at", "JP", timeout=WAIT)
    # The first place's sentences are no longer asked for once the second one's are.
    page.wait_for_function(
        "() => performance.getEntriesByType('resource').some((one) => one.name.includes('/JP/voice/'))",
        timeout=WAIT,
    )
    first = max(at for at, (url, _) in enumerate(heard) if "/KZ/voice/" in url)
    assert "/JP/voice/" in heard[-1][0]
    assert not any("/KZ/voice/" in url for url, _ in heard[first + 1 :])
    assert all(status in (200, 206) for _, status in heard), heard


def test_a_code_that_no_map_knows_is_taught(shared_classroom, teacher, pen):
    page = teacher.page
    page.goto(f"{shared_classroom.url}/globe")
    expect(page.locator("hub-globe-view canvas")).to_be_visible(timeout=WAIT)
    pen("880001")
    page.get_by_role("button", name="Үйрету").click(timeout=WAIT)
    page.locator("#title").fill("Біздің глобус")
    page.get_by_role("button", name="Жасау").click()
    expect(page.locator("#map option:checked")).to_have_text("Біздің глобус", timeout=WAIT)
    expect(page.locator(".cover label").first).to_contain_text("249 ішінен 0")
    page.locator("#place").select_option("KZ")
    expect(page.locator(".ask h2")).to_have_text("Қазақстан")
    pen("880001")
    expect(page.get_by_text("880001 — Қазақстан.")).to_be_visible(timeout=WAIT)
    expect(page.locator(".cover label").first).to_contain_text("249 ішінен 1")
    # Another place is asked for, and the pen touches the same code: it is replaced, and that undone.
    page.locator("#place").select_option("JP")
    page.wait_for_timeout(1000)  # sooner, it were the second touch of a double tap
    pen("880001")
    page.get_by_role("button", name="Ауыстыру").click(timeout=WAIT)
    expect(page.get_by_text("880001 — Жапония.")).to_be_visible(timeout=WAIT)
    page.get_by_role("button", name="Болдырмау").click()
    expect(page.locator(".ask h2")).to_have_text("Жапония", timeout=WAIT)
    page.locator("#place").select_option("KZ")
    page.wait_for_timeout(1000)
    pen("880001")
    expect(page.get_by_text("880001 — Қазақстан.")).to_be_visible(timeout=WAIT)
    expect(page.locator(".clash")).to_have_count(0)


def test_from_a_country_one_comes_to_its_regions_and_two_are_joined_by_the_way(
    shared_classroom, teacher
):
    page = teacher.page
    page.goto(f"{shared_classroom.url}/globe?place=KZ")
    card = page.locator("hub-place-card")
    expect(card.locator(".parts button")).to_have_count(20, timeout=WAIT)
    globe = page.locator("hub-globe-view")
    expect(globe).to_have_attribute("data-at", "KZ", timeout=WAIT)
    spots = globe.evaluate("view => view.spotted().map(({ place, at }) => [place.id, ...at])")
    assert len(spots) == 20, "all are in sight"
    # A finger on the spot of Shyghys Qazaqstan: the region, not the country that it lies in.
    x, y = next((x, y) for place, x, y in spots if place == "KZ-63")
    box = globe.bounding_box()
    page.mouse.click(box["x"] + x, box["y"] + y)
    expect(card.locator("h1")).to_have_text("Шығыс Қазақстан облысы", timeout=WAIT)
    expect(card.locator("[data-fact=population] dd")).to_contain_text("727")
    page.get_by_role("button", name="Екеуін салыстыру").click()
    expect(page.locator("#far")).to_contain_text("км", timeout=WAIT)
    page.locator("#find").fill("жапон")
    page.locator("#find").press("Enter")
    expect(page.locator("hub-place-pair th").last).to_be_visible(timeout=WAIT)
    assert not teacher.wrong


def test_a_quiz_of_four_is_played_with_the_pen_to_its_end(shared_classroom, teacher, pen):
    page = teacher.page
    page.goto(f"{shared_classroom.url}/globe/quiz")
    # A table that is pasted: one line is a question, the other names no place.
    page.locator("details.own summary").click(timeout=WAIT)
    page.locator("#pasted").fill("Фудзияма?\tЖапония\tРесей\nҚайда?\tАтлантида")
    expect(page.locator("#read")).to_have_text("1 сұрақ оқылды.", timeout=WAIT)
    expect(page.get_by_role("status").filter(has_text=": 2.")).to_be_visible()
    page.locator("#pasted").fill("")
    for name in ("Астаналар", "Тулар", "Дүние бөліктері"):
        page.get_by_role("button", name=name, exact=True).click(timeout=WAIT)
    rounds = page.get_by_role("radiogroup", name="Әр ойыншыға сұрақ саны")
    rounds.get_by_role("radio", name="1", exact=True).click()
    page.get_by_role("button", name="Бастау").click()
    players = page.locator(".players li")
    expect(players).to_have_count(4, timeout=WAIT)
    address = f"{shared_classroom.url}/api/v1/globe/places"
    known = page.request.get(address, headers={"Accept-Language": "kk"}).json()["items"]
    codes = {one["name"]: f"10{one['numeric']}" for one in known if one["numeric"]}
    for turn in range(4):
        expect(players.nth(turn)).to_have_attribute("aria-current", "true", timeout=WAIT)
        asked = page.locator(".ask").inner_text()
        place = next(name for name in codes if asked == f"Глобустан табыңыз: {name}.")
        pen("10010" if turn == 0 else codes[place])  # Antarctica is never asked for
        said = page.locator(".told h2")
        expect(said).to_have_text(f"Жоқ: {place}." if turn == 0 else "Дұрыс!", timeout=WAIT)
        page.locator(".told button").click()
    expect(page.locator(".page > section h2").first).to_have_text(
        "2-ойыншы, 3-ойыншы, 4-ойыншы", timeout=WAIT
    )
    expect(page.locator("ul.lines .chip")).to_have_text(
        ["1-ойыншы: 0", "2-ойыншы: 1", "3-ойыншы: 1", "4-ойыншы: 1"]
    )
    assert not teacher.wrong


@pytest.fixture
def tablet(shared_classroom, album, visit):
    """A pupil in the lesson, on a tablet."""
    room, (lesson, _) = shared_classroom, album
    someone = visit(locale="kk-KZ", viewport={"width": 800, "height": 1280})
    api, url = someone.context.request, f"{room.url}/api/v1"
    bearer = {"Authorization": f"Bearer {room.token('teacher')}"}
    code = api.get(f"{url}/lessons/{lesson}", headers=bearer).json()["code"]
    given = {"digits": code, "name": "Дана"}
    joined = api.post(f"{url}/session", data=given, headers={"Origin": room.url})
    assert joined.ok, joined.text()
    return someone


def test_who_is_first_is_played_with_keys_fields_pens_and_a_tablet(
    shared_classroom, teacher, pen, tablet
):
    page, own = teacher.page, tablet.page
    page.goto(f"{shared_classroom.url}/globe/quiz")
    choose = page.locator("hub-globe-quiz-start")
    for name in ("Тулар", "Астаналар", "Дүние бөліктері"):
        choose.get_by_role("button", name=name, exact=True).click(timeout=WAIT)
    choose.get_by_role("radiogroup", name="Ойыншылар").get_by_role("radio", name="3").click()
    choose.locator(".names input").nth(1).fill("Дана")
    choose.get_by_role("radio", name="Кім бірінші").click()
    rounds = choose.get_by_role("radiogroup", name="Әр ойыншыға сұрақ саны")
    rounds.get_by_role("radio", name="1", exact=True).click()
    choose.get_by_role("button", name="Бастау").click()
    fields = page.locator("hub-globe-buzzer button")
    expect(fields).to_have_count(3, timeout=WAIT)
    address = f"{shared_classroom.url}/api/v1/globe/places"
    known = page.request.get(address, headers={"Accept-Language": "kk"}).json()["items"]
    codes = {one["name"]: f"10{one['numeric']}" for one in known if one["numeric"]}

    def right():
        asked = page.locator(".ask").inner_text()
        return next(codes[name] for name in codes if asked == f"Глобустан табыңыз: {name}.")

    def answers(player):
        expect(fields.nth(player)).to_have_class(f"at{player} answers", timeout=WAIT)

    own.goto(f"{shared_classroom.url}/globe/quiz")
    own.get_by_role("button", name="Мен — Дана").first.click(timeout=WAIT)
    expect(own.locator("hub-globe-buzzer button")).to_have_count(1, timeout=WAIT)

    # Whoever reloads the page in the middle of a game is in it again, as themselves.
    own.reload()
    page.reload()
    expect(own.locator("hub-globe-buzzer button")).to_have_count(1, timeout=WAIT)
    expect(own.locator("hub-globe-buzzer .name")).to_contain_text("Дана")
    expect(fields).to_have_count(3, timeout=WAIT)

    # A key; the answer is wrong, and passes to the others. Then the tablet, and the pen that all share.
    page.keyboard.press("3")
    answers(2)
    expect(fields.nth(0)).to_be_disabled()
    expect(own.locator("hub-globe-buzzer button")).to_be_disabled(timeout=WAIT)
    pen("10010")
    expect(page.locator("p[role=status]")).to_contain_text("қате", timeout=WAIT)
    expect(fields.nth(2)).to_be_disabled()
    own.locator("hub-globe-buzzer button").click(timeout=WAIT)
    answers(1)
    pen(right())
    for told in (page, own):
        expect(told.locator(".told h2")).to_have_text("Дұрыс!", timeout=WAIT)
    page.locator(".told button").click()

    # Two fingers on the screen: the first is first. They do not know; the third player's own pen does.
    expect(page.locator(".ask")).to_be_visible(timeout=WAIT)
    expect(fields.nth(0)).to_be_enabled(timeout=WAIT)
    for player in (0, 1):
        fields.nth(player).dispatch_event("pointerdown")
    answers(0)
    page.get_by_role("button", name="Білмеймін").click()
    expect(fields.nth(0)).to_be_disabled(timeout=WAIT)
    expect(fields.nth(2)).to_be_enabled(timeout=WAIT)
    pen(f"P3 OID {right()}")
    expect(page.locator(".told h2")).to_have_text("Дұрыс!", timeout=WAIT)
    expect(own.locator(".told h2")).to_have_text("Дұрыс!", timeout=WAIT)
    own.locator(".told button").click()

    # A key of the globe; then all give up.
    expect(fields.nth(0)).to_be_enabled(timeout=WAIT)
    pen("KEY 1")
    answers(0)
    page.get_by_role("button", name="Білмеймін").click()
    expect(fields.nth(0)).to_be_disabled(timeout=WAIT)
    page.get_by_role("button", name="Ешкім білмейді").click()
    expect(page.locator(".told h2")).to_contain_text("Жоқ:", timeout=WAIT)
    page.locator(".told button").click()
    expect(page.locator(".page > section h2").first).to_have_text("Дана, 3-ойыншы", timeout=WAIT)
    expect(own.locator(".page > section h2").first).to_have_text("Дана, 3-ойыншы", timeout=WAIT)
    assert not teacher.wrong
    assert not tablet.wrong
