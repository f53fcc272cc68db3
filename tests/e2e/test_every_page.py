"""Every page in three languages, light and dark; Kazakh and Russian at three sizes of screens.

Nothing is wider than the screen or cut off, all that is touched is as large as a fingertip, all
that is read stands out from its ground (WCAG 2.1 AA), and nothing is left in English.
"""

import json
import shutil
import time
from pathlib import Path

import pytest

from tests.printing import BUSY, GCODE, box

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
LOOKS = (Path(__file__).parent / "looks.js").read_text(encoding="utf-8")
SIZES = {"laptop": (1366, 768), "tablet": (800, 1280), "panel": (3840, 2160)}
LANGUAGES = {"kk": "kk-KZ", "ru": "ru-RU", "en": "en-US"}
MICROSCOPE = "virtual-microscope"
PRINTER = "virtual-printer"
WAIT = 15_000
CURVES = 150_000  # the first are there a minute after the start, and looked for each half minute
BOARD = "hub-board .stage[data-state=whole]"
# Where each page is, what is seen on it once it is whole, and what opens a part of it.
PAGES = {
    "home": ("/", "hub-poster img", None),
    "the QR code": ("/", "hub-lesson-card", "hub-lesson-card .showqr"),
    "microscope": ("/microscopes/{microscope}", ".scale", None),
    "controls": ("/microscopes/{microscope}", ".scale", "hub-microscope-page button.controls"),
    "light": ("/microscopes/{microscope}", ".scale", "hub-microscope-page button.light"),
    "clips": ("/microscopes/{microscope}", ".scale", "hub-series-button .more"),
    "grid": ("/grid", ".seat", None),
    "calibrate": ("/microscopes/{microscope}/calibrate", "aside h2", None),
    "album": ("/lessons/{lesson}/album", ".tile img", None),
    "albums": ("/albums", ".lesson", None),
    "all pictures": ("/albums?show=all", ".tile img", None),
    "picture": ("/lessons/{lesson}/album#{one}", "hub-asset-viewer figure img", None),
    "video": ("/lessons/{lesson}/album#{clip}", "hub-asset-viewer figure video", None),
    "measure": ("/captures/{one}/measure", "hub-measure-table", None),
    "count": ("/captures/{one}/count", "hub-count-page img", None),
    "join pictures": ("/process?assets={one},{two}", ".way", None),
    "even light": ("/light?assets={one}", "hub-light-page img", None),
    "compare": ("/compare?assets={one},{two}", "hub-compare-page img", None),
    "nothing to compare": ("/compare", ".empty", None),
    "films": ("/films", ".film", None),
    "film": ("/films/{film}", "hub-film-strip li", None),
    "export": ("/export?lesson={lesson}", ".form", None),
    "people": ("/people", "hub-people-page li", None),
    "adding a person": ("/people", "hub-people-page li", "hub-people-page button.primary"),
    "hand in a model": ("/print", "hub-print-page .drop", None),
    "refused model": ("/print/jobs/{model}", "hub-print-model canvas[data-state=shown]", None),
    "print job": ("/print/jobs/{job}", "hub-print-job .decide", None),
    "to approve": ("/print/inbox", "article", None),
    "sending back": ("/print/inbox", "article", "article .decide button:last-of-type"),
    "print queue": ("/print/queue", "section[data-printer]", None),
    "from a slicer": ("/print/slicers", "hub-print-slicers-page .steps li", None),
    "filament": ("/print/account", "hub-print-account-page .choices", None),
    "spools": ("/print/account", ".parts button", ".parts button:nth-child(3)"),
    "limits": ("/print/account", ".parts button", ".parts button:nth-child(4)"),
    "printer": (f"/printers/{PRINTER}", "hub-printer-temperatures .now div", None),
    "tablet": ("/tablets/virtual-tablet-1", "hub-pen-sheet canvas", None),
    "pen for programs": ("/pen-for-programs", "hub-pen-out-page .state", None),
    "camera for video calls": ("/virtual-camera", "hub-virtual-camera-page ol li", None),
    "boards": ("/boards", "a.board", None),
    "deleting a board": ("/boards", "a.board", "hub-boards-page .gone"),
    "board": ("/boards/{board}", BOARD, None),
    "who draws": ("/boards/{board}", BOARD, "hub-board-page header button:has(.count)"),
    "pages of a board": ("/boards/{board}", BOARD, "hub-board-page .pages .number"),
    "saving a board": ("/boards/{board}", BOARD, "hub-board-page header > button:last-of-type"),
    "shapes": ("/boards/{board}", BOARD, "hub-board .dock button:nth-of-type(6)"),
    "touch table": ("/touch", ".act button", None),
    "new quiz": ("/touch/quizzes/new", "textarea", None),
    "quiz at the table": ("/touch/play?activity=quiz&game={game}", ".answers button", None),
    "names and pictures": ("/touch/play?activity=match&teams=3", "hub-match-play", None),
    "map": ("/touch/play?activity=map", "hub-map-play[data-scale]", None),
    "drawing": ("/touch/play?activity=draw", "hub-draw-play .ink", None),
    "globe": ("/globe", "hub-globe-view canvas", None),
    "a country": ("/globe?place=KZ", "hub-place-card .fact", None),
    "two countries": ("/globe?place=KZ,JP", "hub-place-pair td", None),
    "starry sky": ("/globe?place=Ori", "hub-sky-view canvas", None),
    "globe quiz": ("/globe/quiz", "hub-globe-quiz-start .kinds button", None),
    "globe quiz in turn": ("/globe/quiz?game={turns}", ".choices button", None),
    "globe quiz, who is first": ("/globe/quiz?game={buzzer}", "hub-globe-buzzer button", None),
    "globe quiz, the answer": ("/globe/quiz?game={answered}", ".told h2", None),
    "teaching a globe": ("/globe/teach", "#place", None),
    "interactive panel": ("/panels/virtual-panel", "hub-panel-control-page .card", None),
    "show on the screen": ("/show", "hub-show-page .minutes button", None),
    "health": ("/health", "hub-health-page .tiles .tile", None),
    "before the lesson": ("/health/check", "hub-health-check-page .list, .calm", None),
    "who is told": ("/health/alerts", "hub-health-alerts-page .rule", None),
    "how a printer was": (f"/health/{PRINTER}", "hub-health-subject .chart canvas", None),
    "how well all were": ("/health/compare/healthy", "hub-health-compare .chart canvas", None),
    "inventory": ("/inventory", "a.item", None),
    "entering a thing": ("/inventory", "a.item", "hub-inventory-page button.primary"),
    "service log": ("/inventory/{item}", ".log li", None),
    "reporting a fault": ("/inventory/{item}", ".log li", "hub-inventory-item-page button.primary"),
    "inventory as a table": ("/inventory", "a.item", "hub-inventory-page button.table"),
    "readiness": ("/readiness", "a.item", None),
    "readiness report": ("/readiness/{readiness}", ".rows li", None),
    "observation sheet": ("/readiness/{observation}", ".rows li", None),
    "equipment": ("/equipment", "li .chip", None),
    "adding a device": ("/equipment", "li .chip", "hub-equipment-page button.primary"),
    "backups and log": ("/keeping", "li time", None),
    # Where one is set: `test_district_page.py`.
    "no school district": ("/district", "hub-district-page .calm", None),
    "device": (f"/devices/{MICROSCOPE}", "hub-property", None),
    "help": ("/help", "hub-help-page .guides a", None),
    "guide to the lesson": ("/help/lesson", "hub-guide-page section", None),
    "guide to the microscope": ("/help/microscope#calibrate", "hub-guide-page section img", None),
    "guide to the room": ("/help/engineer#tell", "hub-guide-page section", None),
    "no such guide": ("/help/nothing", "hub-guide-page hub-notice", None),
    "no such page": ("/nowhere", "hub-missing-page h1", None),
}
OUTSIDE = {"welcome": "/", "join": "/join"}


def said_otherwise(language: str) -> list[str]:
    """The English messages that this language says in other words."""
    found = {}
    areas = (ROOT / "drivers", ROOT / "hub", *(ROOT / "plugins").iterdir())
    for area in areas:
        path = area / "locale" / f"{language}.json"
        found |= json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return [message for message, text in found.items() if isinstance(text, str) and text != message]


@pytest.fixture(scope="module")
def places(shared_classroom, album, browser) -> dict[str, str]:
    """What the addresses hold: two captures, one measured, a clip where that can be, a film."""
    room, (lesson, _) = shared_classroom, album
    context = browser.new_context(
        extra_http_headers={"Authorization": f"Bearer {room.token('teacher')}"}
    )
    api, url = context.request, f"{room.url}/api/v1"
    taken = f"{url}/microscopes/{MICROSCOPE}/captures?lesson={lesson}&limit=2"
    one, two = [asset["id"] for asset in api.get(taken).json()["items"]]
    shapes = [
        {"id": "01length", "kind": "length", "points": [[200, 200], [700, 320]]},
        {"id": "01area", "kind": "area", "points": [[900, 200], [1200, 200], [1200, 500]]},
    ]
    path = f"{url}/captures/{one}/annotations"
    kept = api.put(path, data={"revision": 0, "shapes": shapes})
    assert kept.ok, kept.text()
    items = [{"asset": one}, {"asset": two}]
    film = {"title": "Жасуша", "lesson": lesson, "storyboard": {"items": items}}
    made = api.post(f"{url}/films", data=film)
    assert made.ok, made.text()
    known = {"microscope": MICROSCOPE, "lesson": lesson, "one": one, "two": two}
    known["film"] = made.json()["id"]
    question = {"text": "2 + 2?", "answers": ["4", "5"], "right": 0}
    quiz = api.post(f"{url}/touch/quizzes", data={"title": "Викторина", "questions": [question]})
    assert quiz.ok, quiz.text()
    begun = {"quiz": quiz.json()["id"], "teams": ["А", "Ә"], "lesson": lesson}
    known["game"] = api.post(f"{url}/touch/games", data=begun).json()["id"]
    made = api.post(f"{url}/boards", data={"title": "Тақта", "lesson": lesson})
    assert made.ok, made.text()
    known["board"] = made.json()["id"]
    known |= globe_games(api, url)
    known |= the_engineers_things(browser, room, url)
    for name, file in (("model", ("vase.stl", box(lid=False))), ("job", ("sign.gcode", GCODE))):
        part = {"name": file[0], "mimeType": "application/octet-stream", "buffer": file[1]}
        made = api.post(f"{url}/print-jobs", multipart={"file": part})
        assert made.ok, made.text()
        known[name] = made.json()["id"]
        while api.get(f"{url}/print-jobs/{known[name]}").json()["state"] in BUSY:
            time.sleep(0.1)
    if shutil.which("ffmpeg"):
        begun = api.post(
            f"{url}/microscopes/{MICROSCOPE}/clips", data={"seconds": 1, "lesson": lesson}
        )
        assert begun.ok, begun.text()
        series, until = begun.json(), time.monotonic() + 30
        while series["asset"] is None:
            assert time.monotonic() < until, series
            time.sleep(0.2)
            series = api.get(f"{url}/series/{series['id']}").json()
        known["clip"] = series["asset"]
    context.close()
    return known


def globe_games(api, url: str) -> dict[str, str]:
    """A quiz about the globe in turn, one where the first answers, and one with its answer."""
    known = {}
    for name, mode, kind in (
        ("turns", "turns", "capital"),
        ("buzzer", "buzzer", "find"),
        ("answered", "buzzer", "neighbour"),
    ):
        game = {"players": ["Әлихан", "Дана", "Бек", "Сара"], "mode": mode, "kinds": [kind]}
        made = api.post(f"{url}/globe/games", data={**game, "level": "5-7"})
        assert made.ok, made.text()
        known[name] = made.json()["id"]
    given = {"question": 0, "place": None}
    assert api.post(f"{url}/globe/games/{known['answered']}/answers", data=given).ok
    return known


def the_engineers_things(browser, room, url: str) -> dict[str, str]:
    """A thing in the inventory that is no device, with a fault and under guarantee; two forms."""
    context = browser.new_context(
        extra_http_headers={"Authorization": f"Bearer {room.token('admin')}"}
    )
    api = context.request
    desk = {"name": "Парта", "kind": "furniture", "quantity": 12, "warranty": "2030-05-31"}
    made = api.post(f"{url}/inventory/items", data=desk)
    assert made.ok, made.text()
    item = made.json()["id"]
    at = f"{url}/inventory/items/{item}"
    fault = {"kind": "fault", "text": "Аяғы сынған"}
    assert api.post(f"{at}/entries", data=fault).ok
    known = {"item": item}
    for form in ("readiness", "observation"):
        made = api.post(f"{url}/readiness/reports", data={"form": form})
        assert made.ok, made.text()
        known[form] = made.json()["id"]
    context.close()
    return known


PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def complaints(page, sizes: list[str], translated: list[str]) -> list[str]:
    """What is wrong with the page at each of the sizes."""
    found = []
    for size in sizes:
        width, height = SIZES[size]
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(60)
        page.evaluate(PAINTED)  # a busy computer has not yet laid it out anew
        found += [f"{size}: {fault}" for fault in page.evaluate(LOOKS, translated)]
    return found


@pytest.mark.parametrize(
    ("language", "scheme"), [("kk", "light"), ("ru", "light"), ("en", "light"), ("kk", "dark")]
)
def test_every_page_can_be_read_and_touched(
    shared_classroom, album, places, visit, language, scheme
):
    room, (_, state) = shared_classroom, album
    # Colours are the same at every size, and English words are the shortest.
    sizes = ["laptop"] if scheme == "dark" or language == "en" else list(SIZES)
    translated = said_otherwise(language) if language != "en" else []
    options = {"locale": LANGUAGES[language], "color_scheme": scheme, "reduced_motion": "reduce"}
    someone = visit(storage_state=state, **options)
    page, wrong = someone.page, []
    for name, (path, shown, opens) in PAGES.items():
        if "{clip}" in path and "clip" not in places:
            continue
        page.goto("about:blank")  # else only the part after # would change
        page.goto(room.url + path.format(**places))
        page.locator(shown).first.wait_for(timeout=CURVES if ".chart" in shown else WAIT)
        if opens:
            page.locator(opens).first.click()
        wrong += [f"{name}, {fault}" for fault in complaints(page, sizes, translated)]
    stranger = visit(**options)
    for name, path in OUTSIDE.items():
        stranger.page.goto(room.url + path)
        stranger.page.locator("#name").wait_for(timeout=WAIT)
        wrong += [f"{name}, {fault}" for fault in complaints(stranger.page, sizes, translated)]
    wrong += [fault for fault in someone.wrong if "401" not in fault and "404" not in fault]
    assert not wrong, "\n".join(wrong)


def test_the_looks_find_what_is_wrong(browser):
    page = browser.new_page(viewport={"width": 800, "height": 600})
    page.set_content(
        """<style>body { margin: 0; background: #fff; color: #000 }</style>
        <button style="width: 30px; height: 60px">x</button>
        <p style="color: #999">pale</p><p style="color: #767676">just dark enough</p>
        <p style="width: 60px; overflow: hidden; white-space: nowrap">far too long to fit</p>
        <p>Album</p><div style="width: 900px">wide</div>"""
    )
    found = "\n".join(page.evaluate(LOOKS, ["Album"]))
    page.close()
    for part in ("30 × 60", "contrast of 2.8", "does not fit", "“Album” is not", "100 px wider"):
        assert part in found, found
    assert "just dark enough" not in found, found
