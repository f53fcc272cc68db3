"""A film made in a browser: put in order, given words, seen at once, made, and judged by ffprobe."""

import io
import json
import re
import shutil
import subprocess

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("ffprobe") is None, reason="ffmpeg is not installed: apt install ffmpeg"
    ),
]

WAIT = 15_000
MADE = 90_000


def saved(page: Page) -> None:
    expect(page.locator("hub-film-page .state")).to_have_text("Saved", timeout=WAIT)


def film_of(page: Page, room, bearer) -> dict:
    film = page.url.rsplit("/", 1)[1]
    return page.request.get(f"{room.url}/api/v1/films/{film}", headers=bearer).json()


def sources(film: dict) -> list[str]:
    return [item["asset"] for item in film["storyboard"]["items"]]


def begin(page: Page, room, assets: list[str]) -> None:
    page.goto(f"{room.url}/films?assets={','.join(assets)}")
    page.get_by_role("button", name="New film of these").click()
    expect(page.locator("hub-film-strip li")).to_have_count(len(assets), timeout=WAIT)


def upload(page: Page, room, lesson: str, colour: str, bearer) -> str:
    content = io.BytesIO()
    Image.new("RGB", (640, 360), colour).save(content, "PNG")
    part = {"name": "a.png", "mimeType": "image/png", "buffer": content.getvalue()}
    answer = page.request.post(
        f"{room.url}/api/v1/assets",
        multipart={"file": part, "title": colour, "lesson": lesson},
        headers=bearer,
    )
    assert answer.status == 201, answer.text()
    return answer.json()["id"]


def test_three_captures_become_a_film_that_plays(shared_classroom, album, visit, tmp_path):
    room = shared_classroom
    lesson, state = album
    bearer = {"Authorization": f"Bearer {room.token('teacher')}"}
    visitor = visit(storage_state=state)
    page = visitor.page
    url = f"{room.url}/api/v1/microscopes/virtual-microscope/captures"
    found = page.request.get(f"{url}?lesson={lesson}&limit=3", headers=bearer).json()
    one, two, three = [asset["id"] for asset in found["items"]]
    begin(page, room, [one, two, three])

    page.locator("hub-film-strip").scroll_into_view_if_needed()
    handle = page.locator("hub-film-strip .handle").first.bounding_box()
    target = page.locator("hub-film-strip li").nth(2).bounding_box()
    page.mouse.move(handle["x"] + 10, handle["y"] + 10)
    page.mouse.down()
    page.mouse.move(target["x"] + 40, target["y"] + 40, steps=8)
    page.mouse.up()
    saved(page)
    assert sources(film_of(page, room, bearer)) == [two, three, one]
    page.locator("hub-film-strip .face").nth(1).focus()
    page.keyboard.press("Alt+ArrowLeft")
    saved(page)
    assert sources(film_of(page, room, bearer)) == [three, two, one]
    page.get_by_role("button", name="Later").click()
    saved(page)
    assert sources(film_of(page, room, bearer)) == [two, three, one]

    for number in range(3):
        page.locator("hub-film-strip .face").nth(number).click()
        page.get_by_label("Seconds", exact=True).fill("2,0")
        page.get_by_label("Seconds", exact=True).press("Tab")
    page.get_by_role("tab", name="Қазақша").click()
    page.get_by_label("Caption").fill("Пияз қабығы")
    page.get_by_role("button", name="Make the film").click()
    video = page.locator("hub-film-page .made video")
    expect(video).to_be_visible(timeout=MADE)
    page.wait_for_function(
        """() => document.querySelector("hub-app").shadowRoot.querySelector("hub-film-page")
            .shadowRoot.querySelector(".made video").duration > 0""",
        timeout=WAIT,
    )
    film = film_of(page, room, bearer)
    assert film["storyboard"]["items"][2]["caption"]["kk"] == "Пияз қабығы"
    made = page.request.get(f"{room.url}/api/v1/assets/{film['asset']}", headers=bearer).json()
    assert made["info"]["sources"] == [two, three, one]
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    file = tmp_path / "film.mp4"
    download.value.save_as(file)
    shown = "stream=codec_name,width,height,duration,nb_read_frames"
    command = ["ffprobe", "-v", "error", "-count_frames", "-show_entries", shown, "-of", "json"]
    probed = subprocess.run([*command, str(file)], capture_output=True, check=True)
    assert probed.stderr == b""
    (stream,) = json.loads(probed.stdout)["streams"]
    assert (stream["codec_name"], stream["width"], stream["height"]) == ("h264", 1920, 1080)
    # Three times 2 seconds, twice half a second of them at the same time; 25 pictures a second.
    assert float(stream["duration"]) == pytest.approx(5, abs=0.1)
    assert int(stream["nb_read_frames"]) == pytest.approx(125, abs=2)
    assert not visitor.wrong


def preview_colour(page: Page) -> list[int]:
    return page.locator("hub-film-preview canvas").evaluate(
        """canvas => [...canvas.getContext("2d")
            .getImageData(canvas.width / 2, canvas.height / 4, 1, 1).data].slice(0, 3)"""
    )


def until_colour(page: Page, wanted: tuple[int, int, int]) -> None:
    for _ in range(100):
        if all(abs(a - b) < 10 for a, b in zip(preview_colour(page), wanted, strict=True)):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{preview_colour(page)}, not {wanted}")


def test_the_preview_shows_parts_and_fades_without_making_anything(shared_classroom, album, visit):
    room = shared_classroom
    lesson, state = album
    bearer = {"Authorization": f"Bearer {room.token('teacher')}"}
    visitor = visit(storage_state=state, viewport={"width": 800, "height": 1280}, has_touch=True)
    page = visitor.page
    red = upload(page, room, lesson, "#c00000", bearer)
    blue = upload(page, room, lesson, "#0000c0", bearer)
    page.goto(f"{room.url}/films")
    page.get_by_role("button", name="New film").click()
    page.get_by_role("button", name="Add pictures and clips").tap()
    page.locator("hub-film-picker").get_by_role("button", name="#c00000").tap()
    page.locator("hub-film-picker").get_by_role("button", name="#0000c0").tap()
    page.get_by_role("button", name="Add 2 to the film").tap()
    saved(page)
    assert sources(film_of(page, room, bearer)) == [red, blue]
    faces = page.locator("hub-film-strip .face")
    faces.nth(0).tap()
    until_colour(page, (192, 0, 0))
    faces.nth(1).tap()
    until_colour(page, (0, 0, 192))
    # Four seconds, then half a second of fade: in its middle both are there alike.
    page.get_by_label("Place in the film").fill("3.75")
    until_colour(page, (96, 0, 96))
    assert not visitor.wrong


def test_whoever_comes_second_is_asked_whose_changes_stay(shared_classroom, album, visit):
    room = shared_classroom
    lesson, state = album
    bearer = {"Authorization": f"Bearer {room.token('teacher')}"}
    page = visit(storage_state=state).page
    assets = [upload(page, room, lesson, colour, bearer) for colour in ("#333333", "#666666")]
    begin(page, room, assets)
    film = film_of(page, room, bearer)
    url = f"{room.url}/api/v1/films/{film['id']}"
    body = {"title": "Theirs", "storyboard": film["storyboard"], "revision": film["revision"]}
    assert page.request.put(url, data=body, headers=bearer).status == 200
    page.get_by_label("Name of the film").fill("Mine")
    expect(page.get_by_text("Whose changes shall stay?")).to_be_visible(timeout=WAIT)
    assert page.request.get(url, headers=bearer).json()["title"] == "Theirs"
    page.get_by_role("button", name=re.compile("^Mine$")).click()
    saved(page)
    assert page.request.get(url, headers=bearer).json()["title"] == "Mine"
