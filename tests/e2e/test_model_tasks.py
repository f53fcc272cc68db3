"""A 3D model is put together on the class's screen and on a pupil's tablet, and goes to the printer."""

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.test_class_screen import cube_pair, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WAIT = 30_000


@pytest.fixture(scope="module")
def lesson(shared_classroom) -> Iterator[dict]:
    """A lesson with a model of two boxes, and the API of its teacher."""
    bearer = {"Authorization": f"Bearer {shared_classroom.token('teacher')}"}
    with httpx.Client(base_url=f"{shared_classroom.url}/api/v1", headers=bearer, timeout=60) as api:
        made = api.post("/lessons", json={"title": "Құрастыру"}).json()
        sent = api.post("/panel-files", files={"file": ("boxes.glb", cube_pair())}).json()
        yield {"api": api, "asset": sent["id"], "code": made["code"]}
        api.delete("/panel")
        api.delete(f"/assets/{sent['id']}")
        api.post(f"/lessons/{made['id']}/end")


def shot(page: Page, name: str) -> None:
    if folder := os.environ.get("CLASSHUB_TEST_SHOTS"):
        page.wait_for_timeout(1000)
        page.screenshot(path=Path(folder) / f"{name}.png")


def middle(locator: Locator) -> tuple[float, float]:
    box = locator.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def places(view: Locator) -> dict[str, tuple[float, float]]:
    """Where the parts belong, seen while one of them is chosen."""
    view.get_by_role("button", name="Left").click()
    found = {part: middle(view.locator(f".place[data-part='{part}']")) for part in ("0", "1")}
    view.get_by_role("button", name="Left").click()
    expect(view.locator(".place")).to_have_count(0)
    return found


def show(lesson: dict, task: str) -> None:
    wish = {"asset": lesson["asset"], "attributes": {"names": "yes", "task": task}}
    assert lesson["api"].put("/panel", json=wish).is_success


def kept(lesson: dict) -> list[tuple[str, int, int, bool]]:
    answer = lesson["api"].get(f"/panel-files/{lesson['asset']}/results").json()
    return [
        (one["task"], one["at_once"], one["of"], one["person"] is None) for one in answer["items"]
    ]


def on_screen(shared_classroom, kiosk) -> tuple[Page, Locator]:
    screen = sign_in(shared_classroom, kiosk, "display")
    kiosk.wrong.clear()  # the home page asks for seats, which the class's screen may not see
    screen.goto(f"{shared_classroom.url}/panel")
    view = screen.locator("hub-screen-model hub-model-view")
    expect(view.locator(".piece")).to_have_count(2, timeout=WAIT)
    screen.wait_for_timeout(300)
    return screen, view


def test_parts_are_carried_to_their_places_and_what_came_of_it_is_kept(
    shared_classroom, lesson, visit
) -> None:
    show(lesson, "assemble:mouse")
    kiosk = visit(viewport={"width": 1920, "height": 1080}, reduced_motion="reduce")
    screen, view = on_screen(shared_classroom, kiosk)
    asked = screen.locator("hub-screen-model .asked")
    home = places(view)
    shot(screen, "assemble")

    def carry(name: str, to: tuple[float, float]) -> None:
        screen.mouse.move(*middle(view.get_by_role("button", name=name)))
        screen.mouse.down()
        screen.mouse.move(*to, steps=6)
        screen.mouse.up()

    # On the other's place: it is said gently, and the part lies where it lay.
    before = middle(view.get_by_role("button", name="Left"))
    carry("Left", home["1"])
    expect(asked).to_contain_text("It does not belong there.")
    expect(view.locator(".piece")).to_have_count(2)
    screen.wait_for_timeout(300)
    after = middle(view.get_by_role("button", name="Left"))
    assert abs(before[0] - after[0]) < 3
    carry("Left", home["0"])
    expect(view.locator(".piece")).to_have_count(1)
    expect(asked).to_contain_text("1 of 2")
    # Chosen first, then its place touched.
    view.get_by_role("button", name="Right").click()
    view.get_by_role("button", name="Place 1").click()
    expect(asked).to_contain_text("It is put together")
    expect(asked).to_contain_text("At the first try: 1 of 2")
    shot(screen, "assembled")
    for _ in range(60):
        if kept(lesson):
            break
        screen.wait_for_timeout(200)
    assert kept(lesson) == [("assemble", 1, 2, True)]
    assert kiosk.wrong == []


def test_two_fingers_carry_two_parts_at_once(shared_classroom, lesson, visit) -> None:
    show(lesson, "assemble:fingers")
    kiosk = visit(viewport={"width": 1920, "height": 1080}, has_touch=True, reduced_motion="reduce")
    screen, view = on_screen(shared_classroom, kiosk)
    home = places(view)
    begin = [middle(view.get_by_role("button", name=name)) for name in ("Left", "Right")]
    end = [home["0"], home["1"]]
    fingers = kiosk.context.new_cdp_session(screen)

    def touch(kind: str, at: list[tuple[float, float]]) -> None:
        points = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(at)]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", begin)
    for step in range(1, 9):
        share = step / 8
        between = [
            (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)
            for a, b in zip(begin, end, strict=True)
        ]
        touch("touchMove", between)
    touch("touchEnd", [])
    asked = screen.locator("hub-screen-model .asked")
    expect(asked).to_contain_text("It is put together", timeout=WAIT)
    expect(asked).to_contain_text("At the first try: 2 of 2")
    assert kiosk.wrong == []


def test_a_pupil_puts_it_together_by_keys_and_has_the_same_model_printed(
    shared_classroom, lesson, visit
) -> None:
    lesson["api"].delete("/panel")
    tablet = visit(viewport={"width": 800, "height": 1280}, has_touch=True, reduced_motion="reduce")
    answer = tablet.context.request.post(
        f"{shared_classroom.url}/api/v1/session",
        data={"digits": lesson["code"], "name": "Айжан"},
        headers={"Origin": shared_classroom.url},
    )
    assert answer.ok, answer.text()
    page = tablet.page
    page.goto(f"{shared_classroom.url}/models/{lesson['asset']}")
    page.get_by_role("button", name="Put it together").click()
    view = page.locator("hub-model-page hub-model-view")
    expect(view.locator(".piece")).to_have_count(2, timeout=WAIT)
    shot(page, "assemble-tablet")
    for name, left in (("Left", 1), ("Right", 0)):
        view.get_by_role("button", name=name).focus()
        page.keyboard.press("Enter")
        part = "0" if name == "Left" else "1"
        place = view.locator(f".place[data-part='{part}']")
        expect(place).to_be_visible()
        for _ in range(5):
            page.keyboard.press("Tab")
            if place.evaluate("place => place.getRootNode().activeElement === place"):
                break
        page.keyboard.press("Enter")
        expect(view.locator(".piece")).to_have_count(left)
    expect(page.locator("hub-model-page .asked")).to_contain_text("At the first try: 2 of 2")
    mine = page.locator("hub-model-results li")
    expect(mine.filter(has_text="Айжан")).to_have_count(1, timeout=WAIT)
    shot(page, "assembled-tablet")

    # The same model goes to the printer, and a pupil's waits for the teacher.
    page.get_by_role("link", name="Print in 3D").click()
    expect(page.locator("hub-print-job")).to_be_visible(timeout=WAIT)
    page.wait_for_url("**/print/jobs/*")
    job = page.url.rsplit("/", 1)[-1]
    for _ in range(300):
        told = lesson["api"].get(f"/print-jobs/{job}").json()
        if told["state"] not in ("uploaded", "checking", "slicing"):
            break
        page.wait_for_timeout(200)
    assert (told["name"], told["origin"]) == ("boxes", "asset")
    assert told["owner"]["name"] == "Айжан"
    assert told["state"] in ("waiting", "refused"), told["state"]
    shot(page, "printed-tablet")
    assert lesson["api"].delete(f"/print-jobs/{job}").is_success
    assert [wrong for wrong in tablet.wrong if "401" not in wrong] == []
