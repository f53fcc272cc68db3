"""Stacks and mosaics in a browser, light and sharpness, and a narration that is recorded there."""

import json
import re
import shutil
import subprocess
import sys
import wave
from pathlib import Path

import httpx
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import ARGUMENTS, CHROMIUM, Classroom, Visitor

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("ffprobe") is None, reason="ffmpeg is not installed: apt install ffmpeg"
    ),
]

WAIT = 15_000
MADE = 90_000
TONE = 440
RATE = 48_000


@pytest.fixture(scope="module")
def scope():
    """A microscope of its own whose slide a hand moves: the hub knows nothing of its control."""
    command = [sys.executable, "-m", "drivers.virtual.microscope", "--size", "960x540"]
    process = subprocess.Popen(
        [*command, "--fps", "15", "--with-parent"], stdout=subprocess.PIPE, text=True
    )
    line = process.stdout.readline()
    url = re.search(r"http://[\d.]+:\d+", line)[0]
    with httpx.Client(base_url=url, timeout=10) as peer:
        yield peer
    process.terminate()
    process.wait(15)
    process.stdout.close()


@pytest.fixture(scope="module")
def room(scope, tmp_path_factory):
    made = Classroom(tmp_path_factory.mktemp("guided"))
    url = str(scope.base_url).rstrip("/")
    with made.config.open("a") as config:
        config.write(
            '[[devices]]\nid = "hand"\ndriver = "stream"\nname = "Hand"\n'
            f"settings = {{ url = {json.dumps(url + '/stream')} }}\n"
        )
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def state(room, browser):
    context = browser.new_context()
    page = context.new_page()
    page.goto(room.link)
    page.locator("hub-home-page").wait_for()
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(scope="module")
def teacher(room):
    bearer = {"Authorization": f"Bearer {room.token('teacher')}"}
    with httpx.Client(base_url=room.url, headers=bearer, timeout=30) as client:
        yield client


def assets(teacher: httpx.Client, device: str) -> list[dict]:
    return teacher.get("/api/v1/assets", params={"device": device, "limit": 50}).json()["items"]


def open_scope(page: Page, room, device: str) -> None:
    page.goto(f"{room.url}/microscopes/{device}")
    expect(page.locator("hub-live-view canvas")).to_be_visible(timeout=WAIT)


def way(page: Page, name: str):
    page.get_by_role("button", name="Clips and series").click()
    return page.locator("hub-series-button .way").filter(has_text=name)


def test_one_press_makes_a_stack_of_a_microscope_that_is_driven(room, state, visit, teacher):
    visitor = visit(storage_state=state)
    page = visitor.page
    open_scope(page, room, "virtual-microscope")
    stack = way(page, "Sharp all over")
    stack.get_by_label("Heights of the focus").select_option("5")
    stack.get_by_role("button", name="Take and join").click()
    expect(page.locator("hub-series-button .now")).to_contain_text("Focus stack", timeout=WAIT)
    expect(page.get_by_text("The joined picture is kept")).to_be_visible(timeout=MADE)
    found = assets(teacher, "virtual-microscope")
    made = [one for one in found if one["info"].get("process") == "stack"]
    assert len(made) == 1
    assert len(made[0]["info"]["sources"]) == 5
    assert not visitor.wrong


def test_a_person_is_led_through_a_mosaic_by_hand(room, state, scope, visit, teacher):
    scope.put("/state", json={"drift": False, "living": False, "focus": 12})
    truth = scope.get("/truth").json()
    visitor = visit(storage_state=state)
    page = visitor.page
    open_scope(page, room, "hand")
    way(page, "One large picture").get_by_role("button", name="Step by step").click()
    guide = page.locator("hub-guide")
    expect(guide).to_contain_text("Begin at a corner")
    step = truth["width"] * truth["scale"] * 2 / 3
    for number in range(3):
        scope.put("/state", json={"stage": {"x": number * step, "y": 0}})
        page.wait_for_timeout(1500)
        page.get_by_role("button", name="Take a picture").click()
        expect(guide).to_contain_text(re.compile(rf"{number + 1} pictures? so far"), timeout=WAIT)
        ghost, live = guide.locator(".ghost").bounding_box(), page.locator("hub-live-view")
        # The pale picture covers the third that both show, at the left of the live one.
        place = live.evaluate("view => view.placement")
        assert ghost["width"] == pytest.approx(place["width"] / 3, abs=2)
        assert ghost["x"] == pytest.approx(place["left"] + live.bounding_box()["x"], abs=2)
    guide.get_by_role("button", name="Join them").click()
    expect(guide.get_by_role("link", name="Open in the album")).to_be_visible(timeout=MADE)
    (made,) = [one for one in assets(teacher, "hand") if one["info"].get("process") == "mosaic"]
    places = made["info"]["facts"]["places"]
    there = [[number * truth["width"] * 2 / 3, 0] for number in range(3)]
    assert np.abs(np.subtract(places, there)).max() < 2, "px"
    assert not visitor.wrong


def test_the_light_is_told_while_it_is_looked_at_and_no_longer(room, state, scope, visit):
    scope.put("/state", json={"light": 70, "focus": 12, "white": {"r": 1, "g": 1, "b": 1}})
    visitor = visit(storage_state=state, viewport={"width": 800, "height": 1280})
    page = visitor.page
    open_scope(page, room, "hand")
    page.get_by_role("button", name="Light and sharpness").click()
    panel = page.locator("hub-light-panel")
    expect(panel.locator("hub-histogram path")).to_have_count(4, timeout=WAIT)
    expect(panel.get_by_text("The light is right.")).to_be_visible(timeout=WAIT)
    scope.put("/state", json={"light": 100, "white": {"r": 1.5, "g": 1.5, "b": 1.5}})
    expect(panel.get_by_text("Too bright")).to_be_visible(timeout=WAIT)
    scope.put("/state", json={"light": 2, "white": {"r": 1, "g": 1, "b": 1}})
    expect(panel.get_by_text("Too dark")).to_be_visible(timeout=WAIT)
    scope.put("/state", json={"light": 70, "focus": 12})
    expect(panel.get_by_text("The light is right.")).to_be_visible(timeout=WAIT)
    panel.get_by_role("button", name="Another place").click()
    page.wait_for_timeout(1200)
    scope.put("/state", json={"focus": 80})
    expect(panel.get_by_text("Turn the fine focus until")).to_be_visible(timeout=WAIT)
    scope.put("/state", json={"focus": 12})
    expect(panel.get_by_text("As sharp as it was")).to_be_visible(timeout=WAIT)
    page.get_by_role("button", name="Close").click()
    expect(panel).to_have_count(0)
    assert not [url for url in visitor.asked if "focus-score" in url], "the hub has no work of it"
    assert not visitor.wrong


def test_an_empty_field_makes_a_picture_even_in_the_browser(room, state, scope, visit, teacher):
    empty = {"slide": "micrometer", "stage": {"x": 6000, "y": 6000}, "light": 70}
    scope.put("/state", json={**empty, "vignetting": 0.4})
    visitor = visit(storage_state=state)
    page = visitor.page
    open_scope(page, room, "hand")
    page.get_by_role("button", name="Light and sharpness").click()
    page.wait_for_timeout(1000)
    page.get_by_role("button", name="Keep the empty field").click()
    expect(page.get_by_text(re.compile("its edge is \\d+ % darker"))).to_be_visible(timeout=WAIT)
    taken = teacher.post("/api/v1/microscopes/hand/captures", json={}).json()
    page.goto(f"{room.url}/light?assets={taken['id']}")
    page.get_by_role("button", name="Mend 1 picture").click()
    expect(page.get_by_role("link", name="Open in the album")).to_be_visible(timeout=MADE)
    (made,) = [one for one in assets(teacher, "hand") if one["info"].get("process") == "flat-field"]
    assert made["info"]["facts"]["falloff"] > 0.3
    assert made["derived_from"] == taken["id"]
    scope.put("/state", json={"slide": "tissue", "vignetting": None, "stage": {"x": 0, "y": 0}})
    assert not visitor.wrong


@pytest.fixture
def speaker(playwright, tmp_path):
    """A browser whose microphone hears a tone of 440 Hz."""
    sound = tmp_path / "tone.wav"
    samples = 0.5 * np.sin(2 * np.pi * TONE * np.arange(RATE * 2) / RATE) * 32767
    with wave.open(str(sound), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(samples.astype("<i2").tobytes())
    heard = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={sound}",
    ]
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *heard])
    yield browser
    browser.close()


def loudest(file: Path) -> tuple[float, float]:
    """The frequency (Hz) that is loudest in a film's sound, and the sound's mean level (0..1)."""
    command = ["ffmpeg", "-v", "error", "-i", str(file), "-ac", "1", "-ar", str(RATE)]
    raw = subprocess.run([*command, "-f", "s16le", "-"], check=True, capture_output=True).stdout
    samples = np.frombuffer(raw, "<i2").astype(float) / 32768
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    frequencies = np.fft.rfftfreq(len(samples), 1 / RATE)
    return float(frequencies[spectrum.argmax()]), float(np.sqrt((samples**2).mean()))


def test_what_is_said_into_the_microphone_is_heard_in_the_film(
    room, state, speaker, teacher, tmp_path
):
    pictures = [
        teacher.post("/api/v1/microscopes/virtual-microscope/captures", json={}).json()["id"]
        for _ in range(2)
    ]
    visitor = Visitor(speaker, storage_state=state)
    page = visitor.page
    page.goto(f"{room.url}/films?assets={','.join(pictures)}")
    page.get_by_role("button", name="New film of these").click()
    sound = page.locator("hub-film-narration")
    sound.get_by_role("button", name="Record").click()
    page.wait_for_timeout(4000)
    sound.get_by_role("button", name="Stop recording").click()
    expect(sound).to_contain_text("A recording is heard.", timeout=WAIT)
    expect(page.locator("hub-film-page .state")).to_have_text("Saved", timeout=WAIT)
    page.get_by_role("button", name="Make the film").click()
    expect(page.locator("hub-film-page .made video")).to_be_visible(timeout=MADE)
    film = teacher.get(f"/api/v1/films/{page.url.rsplit('/', 1)[1]}").json()
    file = tmp_path / "film.mp4"
    file.write_bytes(teacher.get(f"/api/v1/assets/{film['asset']}/content").content)
    frequency, level = loudest(file)
    assert frequency == pytest.approx(TONE, abs=5)
    assert level > 0.02
    assert not visitor.wrong
    visitor.context.close()


def test_where_browsers_do_not_record_the_page_says_what_to_do(room, visit, teacher):
    film = teacher.post("/api/v1/films", json={"title": "Plain"}).json()
    # On the page of a film alone; others may not listen, nor may what they show.
    assert teacher.get("/").headers["Permissions-Policy"].endswith("microphone=()")
    policy = teacher.get(f"/films/{film['id']}").headers["Permissions-Policy"]
    assert policy.endswith("microphone=(self)")
    plain = f"http://hub.school.test:{room.port}"
    page = visit().page
    command = [sys.executable, "-m", "hub.cli", "sign-in-link", "--data", str(room.data)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    page.goto(plain + re.search(r"/#code=\S+", said)[0])
    page.locator("hub-home-page").wait_for()
    page.goto(f"{plain}/films/{film['id']}")
    assert page.evaluate("isSecureContext") is False
    sound = page.locator("hub-film-narration")
    expect(sound).to_contain_text("Open this film on the hub's own computer", timeout=WAIT)
    expect(sound.get_by_role("button", name="Record")).to_have_count(0)
    expect(sound.get_by_text("Choose a sound file")).to_be_visible()
