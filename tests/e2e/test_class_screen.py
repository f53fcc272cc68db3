"""A lesson on the interactive panel: started, shown on, frozen, ended; what the screen shows beside it."""

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WAIT = 30_000
DEVICE = "virtual-microscope"


def cube_pair() -> bytes:
    """A GLB of two boxes beside each other, each a part with a name."""
    corners = [(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)]
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    points = b"".join(struct.pack("<3f", *corner) for corner in corners)
    sides = [(a, b, c, a, c, d) for a, b, c, d in faces]
    order = b"".join(struct.pack("<6H", *side) for side in sides)
    described = {
        "asset": {"version": "2.0"},
        "buffers": [{"byteLength": len(points) + len(order)}],
        "bufferViews": [
            {"buffer": 0, "byteLength": len(points)},
            {"buffer": 0, "byteOffset": len(points), "byteLength": len(order)},
        ],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 8, "type": "VEC3",
             "min": [0, 0, 0], "max": [1, 1, 1]},
            {"bufferView": 1, "componentType": 5123, "count": 36, "type": "SCALAR"},
        ],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "nodes": [
            {"name": "Left", "mesh": 0},
            {"name": "Right", "mesh": 0, "translation": [1.5, 0, 0]},
        ],
        "scenes": [{"nodes": [0, 1]}],
        "scene": 0,
    }  # fmt: skip
    text = json.dumps(described).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text
    chunks += struct.pack("<II", len(points + order), 0x004E4942) + points + order
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def odd_video(folder: Path) -> Path:
    """An MP4 as old cameras made them (MPEG-4 Part 2), which browsers do not play."""
    made = folder / "Old.mp4"
    picture = ["-f", "lavfi", "-i", "testsrc=size=64x48:rate=5", "-t", "1"]
    command = ["ffmpeg", "-loglevel", "error", *picture, "-c:v", "mpeg4", str(made)]
    subprocess.run(command, check=True)
    return made


def sign_in(room, who, role: str) -> Page:
    command = [sys.executable, "-m", "hub.cli", "sign-in-link", "--role", role]
    done = subprocess.run(
        [*command, "--data", str(room.data)], capture_output=True, text=True, check=True
    )
    who.page.goto(done.stdout.strip())
    who.page.locator("hub-home-page, hub-panel-page").first.wait_for()
    return who.page


def shot(page: Page, name: str) -> None:
    if folder := os.environ.get("CLASSHUB_TEST_SHOTS"):
        page.wait_for_timeout(1500)
        page.screenshot(path=Path(folder) / f"{name}.png")


def reads(page: Page, room, name: str, wanted: list) -> None:
    """Wait until the panel says so."""
    address = f"{room.url}/api/v1/devices/virtual-panel/properties/{name}"
    for _ in range(240):
        if page.request.get(address).json().get("value") in wanted:
            return
        page.wait_for_timeout(250)
    raise AssertionError(f"{name} is not {wanted}")


def test_a_lesson_on_the_panel(classroom, visit, tmp_path) -> None:
    tablet = visit(viewport={"width": 800, "height": 1280}, has_touch=True)
    kiosk = visit(viewport={"width": 1920, "height": 1080})
    teacher = sign_in(classroom, tablet, "teacher")
    screen = sign_in(classroom, kiosk, "display")
    screen.goto(f"{classroom.url}/panel")
    expect(screen.locator("hub-panel-page .idle h1")).to_be_visible(timeout=WAIT)

    teacher.goto(f"{classroom.url}/panels/virtual-panel")
    teacher.get_by_role("button", name="Start the lesson").click()
    expect(teacher.get_by_text("The panel is ready for the lesson.")).to_be_visible(
        timeout=WAIT * 2
    )
    reads(teacher, classroom, "power", ["on"])

    teacher.goto(f"{classroom.url}/microscopes/{DEVICE}")
    teacher.get_by_role("button", name="Show on the class's screen").first.click()
    live = screen.locator("hub-panel-page hub-live-view")
    expect(live).to_be_visible(timeout=WAIT)

    # The teacher's tablet is the remote control: the live picture stands still, and goes on.
    teacher.goto(f"{classroom.url}/show")
    tile = teacher.get_by_role("button", name="Virtual microscope")
    expect(tile).to_have_attribute("aria-pressed", "true", timeout=WAIT)
    teacher.get_by_role("button", name="Freeze").click()
    expect(live.get_by_text("Paused")).to_be_visible(timeout=WAIT)
    teacher.get_by_role("button", name="Go on").click()
    expect(live.get_by_text("Live", exact=True)).to_be_visible(timeout=WAIT)

    # What is taken stands there at once; measured, the class sees it as it is drawn.
    pictures = teacher.locator("hub-show-at-hand .strip button")
    expect(pictures).to_have_count(0)
    captures = f"{classroom.url}/api/v1/microscopes/{DEVICE}/captures"
    origin = {"Origin": classroom.url}
    taken = teacher.request.post(captures, data={"note": "Stoma"}, headers=origin).json()["id"]
    pictures.first.click(timeout=WAIT)
    expect(screen.locator("hub-panel-picture img")).to_be_visible(timeout=WAIT)
    expect(teacher.get_by_role("button", name="Stoma")).to_have_attribute("aria-pressed", "true")
    teacher.goto(f"{classroom.url}/captures/{taken}/measure")
    teacher.get_by_role("button", name="Show on the class's screen").click()
    drawn = screen.locator("hub-screen-measured")
    expect(drawn).to_be_visible(timeout=WAIT)
    cell = {"id": "a", "kind": "length", "points": [[100, 100], [400, 500]], "text": "cell"}
    annotations = f"{classroom.url}/api/v1/captures/{taken}/annotations"
    kept = teacher.request.put(annotations, data={"revision": 0, "shapes": [cell]}, headers=origin)
    assert kept.status == 200, kept.text()
    expect(drawn.locator("text.words")).to_contain_text("cell", timeout=WAIT)
    expect(drawn.locator(".scale")).to_contain_text("µm")
    shot(screen, "measured")
    teacher.goto(f"{classroom.url}/show")
    tile.click()
    expect(live).to_be_visible(timeout=WAIT)

    # A message beside it; then the timer alone.
    teacher.get_by_role("switch", name="Show the next thing beside it").click()
    teacher.get_by_label("Message").fill("Кітаптарыңызды ашыңыздар")
    teacher.get_by_role("button", name="Show", exact=True).first.click()
    expect(screen.locator("hub-screen-message p")).to_have_text("Кітаптарыңызды ашыңыздар")
    expect(live).to_be_visible()
    shot(screen, "two")
    shot(teacher, "show-tablet")
    teacher.get_by_role("button", name="5 min", exact=True).click()
    expect(screen.locator("hub-screen-timer .digits")).to_contain_text("4:", timeout=WAIT)
    expect(live).to_have_count(0)
    shot(screen, "timer")
    teacher.get_by_role("button", name="Pause").click()
    expect(screen.get_by_text("The timer stands still.")).to_be_visible()

    # A 3D model: sent, named parts seen, one marked; what is done here is done on the screen.
    model = {"name": "boxes.glb", "mimeType": "model/gltf-binary", "buffer": cube_pair()}
    teacher.locator('input[type="file"]').set_input_files([model])
    expect(teacher.locator("hub-model-page li")).to_have_count(2, timeout=WAIT)
    boxes = teacher.url.rsplit("/", 1)[1]
    teacher.get_by_role("button", name="Show on the class's screen").click()
    shown = screen.locator("hub-screen-model")
    expect(shown.locator(".label")).to_have_text(["Left", "Right"], timeout=WAIT)
    teacher.get_by_role("button", name="Left", exact=True).click()
    expect(shown).to_have_attribute("marked", "0")
    teacher.get_by_role("button", name="Hide Right").click()
    expect(shown.locator(".label")).to_have_text(["Left"])
    shot(screen, "model")
    shot(teacher, "model-tablet")
    teacher.get_by_role("button", name="Hide Right").click()
    teacher.get_by_role("button", name="Task: find the parts").click()
    asked = shown.locator(".asked")
    expect(asked).to_contain_text("Where is:")
    # Touching one of the two in turn: each part is found, one of them perhaps not at once.
    box = screen.locator("hub-model-view canvas").bounding_box()
    middle = box["y"] + box["height"] / 2
    for _ in range(4):
        for side in (0.4, 0.6):
            if "Where is" in asked.inner_text():
                screen.mouse.click(box["x"] + box["width"] * side, middle)
                screen.wait_for_timeout(200)
    expect(asked).to_contain_text("All parts are found")
    # No lesson of a class runs, with which it could be kept (409).
    expect(asked).to_contain_text("The result is not kept")
    shot(screen, "task")

    # A video that this browser cannot play: the screen says it, and the teacher reads what to do.
    teacher.goto(f"{classroom.url}/show")
    teacher.locator('input[type="file"]').set_input_files([odd_video(tmp_path)])
    unplayed = screen.get_by_text("This screen cannot play this video.")
    expect(unplayed).to_be_visible(timeout=WAIT)
    expect(teacher.get_by_text("cannot play this video. Save it as MP4")).to_be_visible(
        timeout=WAIT
    )
    shot(teacher, "unplayed-tablet")
    teacher.get_by_role("button", name="Clear the class's screen").click()
    teacher.goto(f"{classroom.url}/models/{boxes}")
    teacher.get_by_role("button", name="Show on the class's screen").click()
    teacher.get_by_role("button", name="Task: find the parts").click()

    teacher.goto(f"{classroom.url}/panels/virtual-panel")
    teacher.get_by_role("switch", name="Freeze").click()
    reads(teacher, classroom, "freeze", [True])
    teacher.get_by_role("button", name="End the lesson").click()
    reads(teacher, classroom, "power", ["off", "cooling"])

    # What the screen shows is back after a power cut.
    classroom.kill()
    classroom.start()
    screen.goto(f"{classroom.url}/panel")
    expect(shown.locator(".asked")).to_contain_text("Where is:", timeout=WAIT * 2)
    known = ("ERR_CONNECTION_REFUSED", "WebSocket", "ERR_CONNECTION_RESET", "409")
    for one in (tablet, kiosk):
        assert [wrong for wrong in one.wrong if not any(word in wrong for word in known)] == []
