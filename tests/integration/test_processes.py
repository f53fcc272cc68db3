"""Making pictures of pictures and counting, through the API of a running hub."""

import io
import json
import re
import time

import cv2
import httpx
import numpy as np
import pytest

SCOPE = "/api/v1/devices/virtual-microscope"
CAPTURES = "/api/v1/microscopes/virtual-microscope/captures"
LIMIT = 60.0


@pytest.fixture(scope="module")
def client(virtual_hub):
    with virtual_hub.client("teacher") as client:
        end = time.monotonic() + LIMIT
        while not {"objective", "scale"} <= client.get(SCOPE).json()["properties"].keys():
            assert time.monotonic() < end
            time.sleep(0.02)
        yield client


@pytest.fixture(scope="module")
def peer(virtual_hub, client):
    """The virtual microscope itself, and what is true of it."""
    with virtual_hub.client("admin") as admin:
        settings = admin.get(f"{SCOPE}/settings").json()
    address = settings["values"]["url"].rsplit("/", 1)[0]
    with httpx.Client(base_url=address, timeout=10) as peer:
        yield peer


def put(client, name: str, value) -> None:
    """Set a property. While a slide is drawn for the first time no picture comes, which is told."""
    end = time.monotonic() + LIMIT
    while True:
        written = client.put(f"{SCOPE}/properties/{name}", json={"value": value}, timeout=LIMIT)
        if written.status_code != 503 or time.monotonic() > end:
            break
        time.sleep(0.2)
    assert written.status_code == 200, written.text


def capture(client) -> dict:
    """A picture of what is set now: one made before that, or about then, says no focus."""
    end = time.monotonic() + LIMIT
    while True:
        taken = client.post(CAPTURES, json={}, timeout=LIMIT)
        assert taken.status_code in (201, 503), taken.text
        if taken.status_code == 201 and taken.json()["info"].get("focus") is not None:
            return taken.json()
        assert time.monotonic() < end, taken.text
        time.sleep(0.1)


def process(client, name: str, sources: list[str], **options) -> dict:
    wish = {"process": name, "sources": sources, "options": options}
    begun = client.post("/api/v1/processes", json=wish)
    assert begun.status_code == 201, begun.text
    return ended(client, begun.json()["id"])


def ended(client, operation: str) -> dict:
    end = time.monotonic() + LIMIT
    while True:
        now = client.get(f"/api/v1/operations/{operation}").json()
        if now["status"] not in ("pending", "running"):
            return now
        assert time.monotonic() < end, now
        time.sleep(0.05)


def pixels(client, asset: str) -> np.ndarray:
    content = client.get(f"/api/v1/assets/{asset}/content").content
    return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)


def sharpness(picture: np.ndarray) -> float:
    grey = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), (0, 0), 1.5)
    return float(cv2.Laplacian(grey.astype(np.float32), cv2.CV_32F).var())


def test_a_stack_of_captures_is_an_asset_with_their_scale(client, peer):
    peer.put("/state", json={"slide": "tissue", "living": False, "drift": False})
    put(client, "objective", "40x")
    best = peer.get("/truth").json()["best_focus"]
    taken = []
    for step in (-4, -2, 0, 2, 4):
        put(client, "focus", best + step)
        taken.append(capture(client))
    done = process(client, "stack", [one["id"] for one in taken])
    assert done["status"] == "done", done["problem"]
    made = client.get(f"/api/v1/assets/{done['result']['asset']}").json()
    assert made["derived_from"] == taken[0]["id"]
    assert made["info"]["sources"] == [one["id"] for one in taken]
    assert made["info"]["process"] == "stack"
    assert made["info"]["scale"] == taken[0]["info"]["scale"]
    heights = client.get(f"/api/v1/assets/{done['result']['heights']}").json()
    assert heights["info"]["heights"]["white"] == pytest.approx(best + 4, abs=0.1)
    # At least as sharp as the one in focus (but for its noise, which is less).
    sources = [sharpness(pixels(client, one["id"])) for one in taken]
    assert sharpness(pixels(client, made["id"])) > 0.85 * max(sources) > 1.1 * min(sources)


def test_cells_are_counted_corrected_and_listed(client, peer):
    peer.put("/state", json={"slide": "cells", "living": False, "drift": False})
    put(client, "objective", "10x")
    put(client, "focus", peer.get("/truth").json()["best_focus"])
    picture = capture(client)
    truth = peer.get("/truth").json()
    objects = f"/api/v1/captures/{picture['id']}/objects"
    assert client.get(objects).json()["code"] == "not-counted"
    kept = client.get("/api/v1/assets").json()["items"]

    done = process(client, "count", [picture["id"]], borders=True)
    assert done["status"] == "done", done["problem"]
    found = client.get(objects).json()
    width, height = found["width"], found["height"]
    scale = truth["scale"]

    def whole(x: float, y: float, radius: float) -> bool:
        return radius < x < width - radius and radius < y < height - radius

    cells = [c for c in truth["cells"] if whole(c["x"], c["y"], c["diameter"] / scale / 2 + 1)]
    uncut = [o for o in found["objects"] if not o["cut"]]
    assert len(cells) > 100
    assert len(uncut) == pytest.approx(len(cells), rel=0.02)
    mean = np.mean([o["diameter"] for o in uncut]) * found["scale"]
    assert mean == pytest.approx(np.mean([c["diameter"] for c in cells]), rel=0.04)

    # It stands beside the picture, and is nothing that an album would have to hide.
    assert client.get("/api/v1/assets").json()["items"] == kept

    first = found["objects"][0]["number"]
    added = {"x": 100.5, "y": 80, "diameter": 30}
    wish = {"removed": [first], "added": [added, added]}
    corrected = client.put(objects, json=wish).json()
    assert corrected["count"] == found["count"] + 1
    assert client.get(objects).json() == corrected
    table = client.get(f"{objects}.csv").text.splitlines()
    assert table[0] == "number,x_um,y_um,diameter_um,feret_um,area_um2,by_hand"
    assert len(table) == 1 + corrected["count"]
    assert table[-1].endswith("yes")
    assert client.put(objects, json={"removed": [99_999]}).status_code == 409
    # Taken back; and a new count replaces the old one.
    assert client.put(objects, json={}).json()["count"] == found["count"]
    again = process(client, "count", [picture["id"]], smallest=5000)
    assert again["result"] == {"asset": picture["id"], "count": 0}
    assert client.get(objects).json()["count"] == 0


def test_levels_and_sharpness_are_told(client, peer):
    peer.put("/state", json={"slide": "tissue", "living": False, "drift": False})
    put(client, "objective", "10x")
    best = peer.get("/truth").json()["best_focus"]
    scores = {}
    for away in (0, 40):
        put(client, "focus", best + away)
        capture(client)  # by then the new focus is seen
        time.sleep(0.6)
        told = client.get("/api/v1/microscopes/virtual-microscope/focus-score", timeout=LIMIT)
        assert told.status_code == 200, told.text
        scores[away] = told.json()
    assert scores[0]["score"] > 2 * scores[40]["score"]
    assert sum(scores[0]["histogram"]["grey"]) == scores[0]["histogram"]["pixels"]
    picture = capture(client)
    told = client.get(f"/api/v1/captures/{picture['id']}/histogram", timeout=LIMIT).json()
    grey = cv2.cvtColor(pixels(client, picture["id"]), cv2.COLOR_BGR2GRAY)
    assert told["pixels"] == grey.size
    mean = np.dot(told["grey"], np.arange(256)) / grey.size
    assert mean == pytest.approx(grey.mean(), abs=0.5)


def upload(client, picture: np.ndarray, **fields: str) -> str:
    _, encoded = cv2.imencode(".png", picture)
    files = {"file": ("p.png", io.BytesIO(encoded.tobytes()), "image/png")}
    kept = client.post("/api/v1/assets", files=files, data={"title": "drawn", **fields})
    assert kept.status_code == 201, kept.text
    return kept.json()["id"]


@pytest.fixture(scope="module")
def noise(client):
    rng = np.random.default_rng(4)
    return [upload(client, rng.integers(0, 255, (200, 200, 3), np.uint8)) for _ in range(3)]


def test_what_cannot_be_made_says_which_picture_and_leaves_nothing(client, noise, virtual_hub):
    before = len(client.get("/api/v1/assets", params={"limit": 200}).json()["items"])
    failed = process(client, "stack", noise)
    assert failed["problem"]["code"] == "other-place"
    assert re.search(r"Picture [13] does not", failed["problem"]["title"])
    failed = process(client, "mosaic", noise)
    assert failed["problem"]["title"].endswith(": 1, 2, 3.")
    small = upload(client, np.zeros((1, 1, 3), np.uint8))
    failed = process(client, "stack", [noise[0], small])
    assert failed["problem"]["code"] == "other-size"
    assert process(client, "count", [small])["result"]["count"] == 0
    alone = process(client, "stack", [small, upload(client, np.ones((1, 1, 3), np.uint8))])
    assert alone["status"] in ("done", "failed")
    assert alone["status"] == "done" or alone["problem"]["code"] != "internal"
    staging = virtual_hub.data / "files" / "staging"
    if staging.is_dir():
        assert list(staging.iterdir()) == []
    assert before <= len(client.get("/api/v1/assets", params={"limit": 200}).json()["items"])


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"process": "stack", "sources": ["one"]}, 422),
        ({"process": "bake", "sources": ["one", "two"]}, 422),
        ({"process": "count", "sources": ["nothing"]}, 404),
        ({"process": "count", "sources": ["nothing"], "options": {"threshold": 99}}, 422),
        ({"process": "count", "sources": ["nothing"], "options": {"colour": "red"}}, 422),
        ({"process": "stack", "sources": ["same", "same"]}, 422),
        ({"process": "stack", "sources": [f"s{n}" for n in range(101)]}, 422),
    ],
)
def test_wishes_are_checked_before_work_begins(client, wish, status):
    answer = client.post("/api/v1/processes", json=wish)
    assert answer.status_code == status, answer.text


def test_only_who_may_see_the_pictures_makes_something_of_them(client, noise, virtual_hub):
    with virtual_hub.client("pupil") as pupil:
        wish = {"process": "stack", "sources": noise}
        assert pupil.post("/api/v1/processes", json=wish).status_code in (403, 404)
        assert pupil.get(f"/api/v1/captures/{noise[0]}/objects").status_code in (403, 404)
        assert pupil.get(f"/api/v1/captures/{noise[0]}/histogram").status_code in (403, 404)


def test_cancelling_ends_the_work_and_keeps_nothing(client):
    rng = np.random.default_rng(9)
    picture = rng.integers(0, 255, (1500, 2000, 3), np.uint8)
    sources = [upload(client, np.roll(picture, n, axis=1)) for n in range(8)]
    wish = {"process": "stack", "sources": sources}
    begun = client.post("/api/v1/processes", json=wish).json()
    client.delete(f"/api/v1/operations/{begun['id']}")
    assert ended(client, begun["id"])["status"] == "cancelled"
    derived = [
        one
        for one in client.get("/api/v1/assets", params={"limit": 200}).json()["items"]
        if one["derived_from"] == sources[0]
    ]
    assert derived == []


def test_a_picture_deleted_meanwhile_is_named(client):
    rng = np.random.default_rng(11)
    picture = rng.integers(0, 255, (1000, 1400, 3), np.uint8)
    sources = [upload(client, np.roll(picture, n, axis=1)) for n in range(6)]
    wish = {"process": "stack", "sources": sources}
    begun = client.post("/api/v1/processes", json=wish).json()
    assert client.delete(f"/api/v1/assets/{sources[0]}").status_code in (200, 204)
    done = ended(client, begun["id"])
    # However far it was: it names the picture, and never says "something went wrong".
    assert done["status"] == "failed", json.dumps(done)
    assert done["problem"]["code"] == "source-gone"
    assert done["problem"]["title"] == "Picture 1 was deleted meanwhile."


def test_a_mosaic_of_captures_covers_what_the_stage_went_over(client, peer):
    peer.put("/state", json={"slide": "tissue", "living": False, "drift": False})
    put(client, "objective", "40x")
    put(client, "focus", peer.get("/truth").json()["best_focus"])
    taken, truths = [], []
    for x in (-50.0, 50.0):
        put(client, "stage", {"x": x, "y": 3.0 * x / 50})
        taken.append(capture(client))
        truths.append(peer.get("/truth").json())
    done = process(client, "mosaic", [one["id"] for one in taken])
    assert done["status"] == "done", done["problem"]
    made = client.get(f"/api/v1/assets/{done['result']['asset']}").json()
    first, second = made["info"]["facts"]["places"]
    moved = [truths[1]["centre"][axis] - truths[0]["centre"][axis] for axis in "xy"]
    expected = [each / truths[0]["scale"] for each in moved]
    assert [second[0] - first[0], second[1] - first[1]] == pytest.approx(expected, abs=1.5)
    assert made["width"] == pytest.approx(taken[0]["width"] + expected[0], abs=2)
    assert made["info"]["scale"] == taken[0]["info"]["scale"]
