"""Every page against the rules of WCAG 2.1 AA, in light and dark, and with the keyboard alone."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AXE = Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js"
RUN = """() => axe.run(document, {
  runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] },
  resultTypes: ["violations"],
})"""
MICROSCOPE = "/microscopes/virtual-microscope"
FOCUSED = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return (at?.getAttribute("aria-label") || at?.id || at?.innerText || at?.localName || "").trim();
}"""


def violations(page: Page, name: str) -> list[str]:
    """Return what axe finds on the page as it stands, one line each."""
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(AXE.read_text())
    return [
        f"{name}: {rule['id']} ({rule['help']}): {node['html'][:160]} {node['target']}"
        for rule in page.evaluate(RUN)["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_on_a_page_breaks_the_rules_of_wcag(shared_classroom, album, visit, scheme):
    room, (lesson, state) = shared_classroom, album
    page = visit(
        storage_state=state, color_scheme=scheme, bypass_csp=True, reduced_motion="reduce"
    ).page
    wrong = []

    page.goto(room.url)
    page.locator("hub-poster img").first.wait_for()
    wrong += violations(page, "home")
    page.get_by_role("button", name="Show large").first.click()
    page.locator(".poster").wait_for()
    wrong += violations(page, "the QR code, large")

    page.goto(f"{room.url}{MICROSCOPE}")
    page.locator(".scale").wait_for()
    wrong += violations(page, "microscope")
    page.get_by_role("button", name="Controls").click()
    page.locator("hub-microscope-controls hub-range").first.wait_for()
    wrong += violations(page, "microscope with its controls")

    page.goto(f"{room.url}/devices/virtual-microscope")
    page.locator("hub-property").first.wait_for()
    wrong += violations(page, "device")

    page.goto(f"{room.url}/lessons/{lesson}/album")
    page.locator(".tile").first.click()
    page.locator("hub-asset-viewer figure img").wait_for()
    wrong += violations(page, "picture")
    page.keyboard.press("Escape")
    wrong += violations(page, "album")

    page.goto(f"{room.url}/albums")
    page.locator(".lesson").first.wait_for()
    wrong += violations(page, "albums")

    page.goto(f"{room.url}/people")
    page.locator("li").first.wait_for()
    wrong += violations(page, "people")
    page.get_by_role("button", name="Add a person").click()
    page.get_by_label("Name or nickname").wait_for()
    wrong += violations(page, "adding a person")

    page.goto(f"{room.url}/boards")
    page.get_by_label("Name of the new board").fill(f"Cells in {scheme}")
    wrong += violations(page, "boards")
    page.get_by_role("button", name="New board").click()
    page.locator("hub-board .stage[data-state=whole]").wait_for()
    wrong += violations(page, "board")
    for side in ("Who draws", "Pages", "More"):
        page.locator("hub-board-page header").get_by_title(side, exact=True).last.click()
        page.locator("hub-board-page aside").wait_for()
        wrong += violations(page, f"board, {side}")
    page.get_by_role("button", name="Clear this page").click()
    page.get_by_role("button", name="Clear the page").wait_for()
    wrong += violations(page, "clearing a board's page")
    page.goto(f"{room.url}/tablets/virtual-tablet-1")
    page.locator("hub-pen-sheet canvas").wait_for()
    wrong += violations(page, "tablet")
    page.goto(f"{room.url}/pen-for-programs")
    page.locator("hub-pen-out-page .state").wait_for()
    wrong += violations(page, "a pen for programs")

    page.goto(f"{room.url}/help")
    page.locator(".guides a").first.wait_for()
    wrong += violations(page, "help")
    page.goto(f"{room.url}/help/microscope#calibrate")
    page.locator("hub-guide-page section img").first.wait_for()
    wrong += violations(page, "a guide")

    page.goto(f"{room.url}/print")
    page.locator("hub-print-page .drop").wait_for()
    wrong += violations(page, "handing in a model")
    page.goto(f"{room.url}/print/queue")
    page.locator("section[data-printer]").wait_for()
    wrong += violations(page, "print queue")
    page.goto(f"{room.url}/print/account")
    page.locator("hub-print-account-page .choices").wait_for()
    wrong += violations(page, "filament")
    page.goto(f"{room.url}/printers/virtual-printer")
    page.locator("hub-printer-temperatures .now div").first.wait_for()
    wrong += violations(page, "printer")

    quiz = {"players": ["Әли", "Дана"], "mode": "buzzer", "kinds": ["capital"]}
    begun = page.request.post(
        f"{room.url}/api/v1/globe/games", data=quiz, headers={"Origin": room.url}
    )
    assert begun.ok, begun.text()
    for name, path, shown in (
        ("a country", "/globe?place=KZ", "hub-place-card .fact"),
        ("two countries", "/globe?place=KZ,JP", "hub-place-pair td"),
        ("starry sky", "/globe?place=Ori", "hub-place-card .fact"),
        ("globe quiz", "/globe/quiz", "hub-globe-quiz-start .kinds button"),
        ("who is first", f"/globe/quiz?game={begun.json()['id']}", "hub-globe-buzzer button"),
        ("teaching the globe", "/globe/teach", "#place"),
    ):
        page.goto(room.url + path)
        page.locator(shown).first.wait_for()
        wrong += violations(page, name)

    page.goto(f"{room.url}/district")
    page.locator("hub-district-page .calm").wait_for()
    wrong += violations(page, "no school district")

    stranger = visit(color_scheme=scheme, bypass_csp=True).page
    stranger.goto(room.url)
    stranger.get_by_role("button", name="Join").click()
    stranger.get_by_role("alert").wait_for()
    wrong += violations(stranger, "welcome")
    assert not wrong, "\n".join(wrong)


def test_the_keyboard_alone_goes_the_whole_way(shared_classroom, album, visit):
    room, (lesson, state) = shared_classroom, album
    page = visit(storage_state=state, reduced_motion="reduce").page

    page.goto(f"{room.url}/lessons/{lesson}/album")
    tile = page.locator(".tile").nth(1)
    tile.focus()
    page.keyboard.press("Enter")
    expect(page.locator("hub-asset-viewer .place")).to_have_text(re.compile(r"2\s*/\s*\d"))
    page.keyboard.press("ArrowRight")
    expect(page.locator("hub-asset-viewer .place")).to_have_text(re.compile(r"3\s*/\s*\d"))
    page.keyboard.press("Escape")
    expect(page.locator("hub-asset-viewer dialog")).to_be_hidden()
    expect(tile).to_be_focused()

    page.goto(f"{room.url}/people")
    page.get_by_role("button", name="Add a person").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Name or nickname")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_label("Name or nickname")).to_be_hidden()
    assert page.evaluate(FOCUSED) == "Add a person"

    page.goto(f"{room.url}{MICROSCOPE}")
    page.locator(".scale").wait_for()
    page.get_by_role("button", name="Controls").focus()
    page.keyboard.press("Enter")
    page.locator("hub-microscope-controls").wait_for()
    assert page.evaluate(FOCUSED) == "Close"
    page.keyboard.press("Escape")
    expect(page.locator("hub-microscope-controls")).to_have_count(0)
    assert page.evaluate(FOCUSED) == "Controls"

    page.goto(room.url)
    page.locator("hub-lesson-card").wait_for()
    order = []
    for _ in range(9):
        page.keyboard.press("Tab")
        order.append(page.evaluate(FOCUSED))
        ring = page.evaluate(
            """() => {
              let at = document.activeElement;
              while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
              return getComputedStyle(at).outlineStyle;
            }"""
        )
        assert ring != "none", f"no focus to be seen on {order[-1]}"
    assert order[0] == "Skip to the page"
    assert order[2:5] == ["Home", "Device health", "Equipment"]
