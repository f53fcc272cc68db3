"""Every page, at the sizes of panel, laptop, tablet and phone, in three languages.

The most telling combinations; all of them, with screenshots, where CLASSHUB_TEST_ALL is set.
"""

import os
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
# Where each page is, and what can be seen on it once it is whole.
PAGES = {
    "home": ("/", "hub-poster img"),
    "microscope": ("/microscopes/virtual-microscope", ".scale"),
    "device": ("/devices/virtual-microscope", "hub-property"),
    "album": ("/lessons/{lesson}/album", ".tile"),
    "albums": ("/albums", ".lesson"),
    "people": ("/people", "li"),
    "equipment": ("/equipment", "li .chip"),
    "keeping": ("/keeping", "li time"),
    "hand in a model": ("/print", "hub-print-page .drop"),
    "print queue": ("/print/queue", "section[data-printer]"),
    "printer": ("/printers/virtual-printer", "hub-printer-temperatures .now div"),
    "join": ("/join", "#name"),
}
ENGLISH = {"lesson", "album", "device", "picture", "people", "home", "start", "the", "settings"}
ENGLISH |= {"admin", "classroom", "virtual", "microscope", "µm", "um"}


ALL = [(size, language) for size in SIZES for language in LANGUAGES]
TELLING = [
    ("panel", "kk"),
    ("laptop", "en"),
    ("laptop", "ru"),
    ("tablet", "kk"),
    ("phone", "kk"),
    ("phone", "ru"),
]
EVERYTHING = bool(os.environ.get("CLASSHUB_TEST_ALL"))


@pytest.mark.parametrize(("size", "language"), ALL if EVERYTHING else TELLING)
def test_a_page_fits_speaks_its_language_and_stays_at_home(
    shared_classroom, album, visit, size, language
):
    identifier, state = album
    faults = []
    someone = visit(
        locale=LANGUAGES[language], storage_state=state, reduced_motion="reduce", **SIZES[size]
    )
    page = someone.page
    for name, (path, shown) in PAGES.items():
        page.goto(shared_classroom.url + path.format(lesson=identifier))
        page.locator(shown).first.wait_for()
        if EVERYTHING:
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
              // What opens a file is pressed by its label.
              const label = element.matches("[type=file]") && element.closest("label");
              const box = (label || element).getBoundingClientRect();
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
