"""Every page, at the sizes of panel, laptop, tablet and phone, in three languages."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SCREENSHOTS = Path(__file__).parent / "screenshots"
SIZES = {
    "panel": {"viewport": {"width": 1920, "height": 1080}, "device_scale_factor": 2},
    "laptop": {"viewport": {"width": 1366, "height": 768}},
    "tablet": {"viewport": {"width": 800, "height": 1280}, "has_touch": True},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True},
}
LANGUAGES = {"kk": "kk-KZ", "ru": "ru-RU", "en": "en-US"}
PAGES = {
    "home": "/",
    "microscope": "/microscopes/virtual-microscope",
    "device": "/devices/virtual-microscope",
    "album": "/lessons/{lesson}/album",
    "albums": "/albums",
    "people": "/people",
    "join": "/join",
}
ENGLISH = {"lesson", "album", "device", "picture", "people", "home", "start", "the", "settings"}


@pytest.fixture(scope="module")
def lesson(shared_classroom, browser):
    """A lesson that runs, with two pupils and three captures; returns its id and the sign-in."""
    room = shared_classroom
    context = browser.new_context()
    bearer = {"Authorization": f"Bearer {room.token('teacher')}"}
    api = context.request
    made = api.post(
        f"{room.url}/api/v1/lessons", data={"title": "Өсімдік жасушасы"}, headers=bearer
    )
    assert made.status == 201, made.text()
    identifier = made.json()["id"]
    for number in range(3):
        done = api.post(
            f"{room.url}/api/v1/microscopes/virtual-microscope/captures",
            data={"note": f"Жасуша {number + 1}", "lesson": identifier},
            headers=bearer,
        )
        assert done.status == 201, done.text()
    page = context.new_page()
    page.goto(room.link)
    page.wait_for_load_state("networkidle")
    state = context.storage_state()
    context.close()
    return identifier, state


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
def test_a_page_fits_speaks_its_language_and_stays_at_home(
    shared_classroom, lesson, visit, size, language
):
    identifier, state = lesson
    faults = []
    someone = visit(
        locale=LANGUAGES[language], storage_state=state, reduced_motion="reduce", **SIZES[size]
    )
    page = someone.page
    for name, path in PAGES.items():
        page.goto(shared_classroom.url + path.format(lesson=identifier))
        page.wait_for_selector("hub-app")
        page.wait_for_timeout(1200 if name in ("home", "microscope", "device") else 500)
        SCREENSHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}-{size}-{language}.png")
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if over > 0:
            faults.append(f"{name}: {over} px wider than the screen")
        if page.evaluate("document.documentElement.lang") != language:
            faults.append(f"{name}: says it is in {page.evaluate('document.documentElement.lang')}")
        if language != "en":
            words = set(page.locator("body").inner_text().lower().split())
            faults += [f"{name}: English word {word}" for word in words & ENGLISH]
        faults += [f"{name}: {target}" for target in small_targets(page)]
    faults += [wrong for wrong in someone.wrong if "401" not in wrong]
    faults += [
        f"asked {url}"
        for url in someone.asked
        if urlsplit(url).scheme in ("http", "https", "ws")
        and urlsplit(url).netloc != urlsplit(shared_classroom.url).netloc
    ]
    assert not faults, "\n".join(faults)


def small_targets(page) -> list[str]:
    """Return the visible buttons and links that a finger would miss: under 40 px both ways."""
    return page.evaluate(
        """() => {
          const small = [];
          const look = (root) => {
            for (const element of root.querySelectorAll("*")) {
              if (element.shadowRoot) look(element.shadowRoot);
              if (!element.matches("button, a[href], input, select")) continue;
              if (element.matches("p a, input[type=hidden]")) continue;
              const box = element.getBoundingClientRect();
              if (box.width && box.height && (box.height < 40 || box.width < 40) && element.checkVisibility())
                small.push(`${element.localName} "${(element.innerText || element.ariaLabel || element.type || "").trim()}" is ${Math.round(box.width)}x${Math.round(box.height)}`);
            }
          };
          look(document);
          return small;
        }"""
    )


def test_the_pages_work_under_a_made_up_name_without_a_secure_context(shared_classroom, visit):
    pupil = visit()
    address = shared_classroom.url.replace("127.0.0.1", "hub.school.test")
    pupil.page.goto(f"{address}/join")
    pupil.page.get_by_label("Your name").wait_for()
    assert pupil.page.evaluate("isSecureContext") is False
    assert not [wrong for wrong in pupil.wrong if "401" not in wrong]
