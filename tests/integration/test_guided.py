"""The hub moves focus and stage itself: stacks and mosaics, held against the virtual slide's truth."""

import time

import cv2
import httpx
import numpy as np
import pytest

SCOPE = "/api/v1/devices/virtual-microscope"
MICROSCOPE = "/api/v1/microscopes/virtual-microscope"
LIMIT = 90.0


@pytest.fixture(scope="module")
def client(virtual_hub):
    with virtual_hub.client("teacher") as client:
        until(
            lambda: client.get(SCOPE).json()["properties"].keys(),
            lambda known: {"objective", "scale", "focus", "stage"} <= known,
        )
        yield client


@pytest.fixture(scope="module")
def peer(virtual_hub, client):
    """The virtual microscope itself, and what is true of it."""
    with virtual_hub.client("admin") as admin:
        settings = admin.get(f"{SCOPE}/settings").json()
    address = settings["values"]["url"].rsplit("/", 1)[0]
    with httpx.Client(base_url=address, timeout=10) as peer:
        yield peer


@pytest.fixture(autouse=True)
def healthy(peer):
    """Each test begins with a microscope that stands still; the next one finds it so again."""
    still = {"slide": "tissue", "living": False, "drift": False, "stage": {"x": 0, "y": 0}}
    peer.put("/state", json=still)
    yield
    peer.post("/faults", json={"unplug": 0})


def until(ask, wanted, limit: float = LIMIT):
    end = time.monotonic() + limit
    while not wanted(found := ask()):
        assert time.monotonic() < end, found
        time.sleep(0.05)
    return found


def put(client, name: str, value) -> None:
    written = client.put(f"{SCOPE}/properties/{name}", json={"value": value}, timeout=LIMIT)
    assert written.status_code == 200, written.text


def begin(client, what: str, **body) -> dict:
    answer = client.post(f"{MICROSCOPE}/{what}", json=body, timeout=LIMIT)
    assert answer.status_code == 202, answer.text
    return answer.json()


def ended(client, series: dict) -> dict:
    ask = lambda: client.get(f"/api/v1/series/{series['id']}").json()  # noqa: E731
    return until(ask, lambda one: one["state"] not in ("running", "making"))


def pictures(client, series: dict) -> list[dict]:
    ids = client.get(series["links"]["pictures"]).json()["items"]
    return [client.get(f"/api/v1/assets/{one}").json() for one in ids]


def pixels(client, asset: str, how: int = cv2.IMREAD_COLOR) -> np.ndarray:
    content = client.get(f"/api/v1/assets/{asset}/content").content
    return cv2.imdecode(np.frombuffer(content, np.uint8), how)


def test_a_stack_finds_the_heights_of_a_thick_slide_and_puts_the_focus_back(client, peer):
    peer.put("/state", json={"slide": "thick"})
    put(client, "objective", "10x")
    truth = peer.get("/truth").json()["heights"]
    home = round(truth["level"] + 7.5, 2)
    put(client, "focus", home)
    low, high = truth["level"] - 40, truth["level"] + 40
    begun = begin(client, "stacks", steps=9, **{"from": low, "to": high}, title="Hills")
    assert (begun["kind"], begun["count"]) == ("stack", 9)
    refused = client.post(f"{MICROSCOPE}/bursts", json={"count": 3})
    assert (refused.status_code, refused.json()["code"]) == (409, "microscope-moves")
    done = ended(client, begun)
    assert (done["state"], done["problem"], done["taken"]) == ("done", None, 9)
    assert peer.get("/state").json()["focus"] == pytest.approx(home)

    taken = pictures(client, done)
    focused = [one["info"]["focus"] for one in taken]
    assert focused == pytest.approx(np.linspace(low, high, 9).tolist(), abs=0.01)
    made = client.get(done["links"]["picture"]).json()
    assert made["info"]["sources"] == [one["id"] for one in taken]
    assert (made["title"], made["id"]) == ("Hills", done["asset"])

    # Each picture shows the height it is said to show: what the stack found to be sharpest where.
    operation = client.get(done["links"]["operation"]).json()
    assert operation["status"] == "done"
    grey = pixels(client, operation["result"]["heights"], cv2.IMREAD_GRAYSCALE).astype(float)
    facts = made["info"]["facts"]
    found, true = [], []
    for place in truth["places"]:
        x, y = int(place["x"] - facts["left"]), int(place["y"] - facts["top"])
        if 60 < x < grey.shape[1] - 60 and 60 < y < grey.shape[0] - 60:
            found.append(low + (high - low) * grey[y, x] / 255)
            true.append(place["focus"])
    assert len(found) > 30
    assert np.ptp(true) > 40
    assert np.median(np.abs(np.subtract(found, true))) < 8, "um; the pictures lie 10 um apart"


def test_without_wishes_a_stack_lies_around_the_focus_a_depth_of_field_apart(client, peer):
    put(client, "objective", "40x")
    best = peer.get("/truth").json()["best_focus"]
    put(client, "focus", best)
    done = ended(client, begin(client, "stacks", steps=5))
    assert done["state"] == "done", done["problem"]
    focused = [one["info"]["focus"] for one in pictures(client, done)]
    step = peer.get("/truth").json()["depth_of_field"]
    assert focused == pytest.approx([best + n * step for n in (-2, -1, 0, 1, 2)], rel=0.02)


def test_a_mosaic_lies_where_the_stage_was_and_goes_back(client, peer):
    put(client, "objective", "10x")
    put(client, "focus", peer.get("/truth").json()["best_focus"])
    put(client, "stage", {"x": 300.0, "y": -200.0})
    begun = begin(client, "mosaics", columns=3, rows=2, overlap=0.3)
    done = ended(client, begun)
    assert (done["state"], done["problem"], done["taken"]) == ("done", None, 6)
    assert peer.get("/state").json()["stage"] == {"x": 300.0, "y": -200.0}
    made = client.get(done["links"]["picture"]).json()
    truth = peer.get("/truth").json()
    width, height = truth["width"], truth["height"]
    assert made["width"] == pytest.approx(width * (1 + 2 * 0.7), abs=4)
    assert made["height"] == pytest.approx(height * 1.7, abs=4)
    right, down = width * 0.7, height * 0.7
    there = [(0, 0), (right, 0), (2 * right, 0), (2 * right, down), (right, down), (0, down)]
    assert np.abs(np.subtract(made["info"]["facts"]["places"], there)).max() < 2, "px"
    assert made["info"]["scale"] == pytest.approx(truth["scale"])


def test_a_stack_that_is_stopped_puts_the_focus_back_and_keeps_what_it_has(client, peer):
    put(client, "objective", "10x")
    put(client, "focus", 20.0)
    begun = begin(client, "stacks", steps=60, **{"from": -60, "to": 60}, settle=0.5)
    ask = lambda: client.get(f"/api/v1/series/{begun['id']}").json()  # noqa: E731
    until(ask, lambda one: one["taken"] >= 2)
    assert client.delete(f"/api/v1/series/{begun['id']}").status_code == 202
    done = ended(client, begun)
    assert (done["state"], done["stopped"], done["asset"]) == ("done", True, None)
    assert 2 <= done["taken"] < 60
    assert len(pictures(client, done)) == done["taken"]
    assert peer.get("/state").json()["focus"] == 20.0


def test_a_microscope_that_is_pulled_midway_ends_it_with_the_pictures_kept(client, peer):
    put(client, "focus", 20.0)
    begun = begin(client, "stacks", steps=60, **{"from": -60, "to": 60}, settle=0.5)
    ask = lambda: client.get(f"/api/v1/series/{begun['id']}").json()  # noqa: E731
    until(ask, lambda one: one["taken"] >= 2)
    peer.post("/faults", json={"unplug": 6})
    done = ended(client, begun)
    assert (done["state"], done["stopped"], done["asset"]) == ("done", False, None)
    assert done["problem"]["code"]
    assert done["problem"]["hint"]
    assert len(pictures(client, done)) == done["taken"] >= 2
    until(lambda: client.get(SCOPE).json()["state"], lambda state: state["reachable"])


def test_autofocus_first_leaves_the_focus_where_it_is_sharp(client, peer):
    put(client, "objective", "10x")
    put(client, "focus", 110.0)
    done = ended(client, begin(client, "stacks", steps=3, autofocus=True))
    assert done["state"] == "done", done["problem"]
    truth = peer.get("/truth").json()
    assert abs(truth["defocus"]) < truth["depth_of_field"]
    focused = [one["info"]["focus"] for one in pictures(client, done)]
    assert focused[1] == pytest.approx(truth["best_focus"], abs=truth["depth_of_field"])


def test_what_cannot_be_is_refused_before_anything_moves(client, peer, virtual_hub):
    before = peer.get("/state").json()
    wrong = [
        ("stacks", {"from": -900, "to": 0}, 422),
        ("stacks", {"from": 1}, 422),
        ("stacks", {"from": 1, "to": 1}, 422),
        ("stacks", {"steps": 2}, 422),
        ("stacks", {"steps": 500}, 422),
        ("stacks", {"from": 0, "to": 9, "autofocus": True}, 422),
        ("mosaics", {"columns": 1, "rows": 1}, 422),
        ("mosaics", {"columns": 40, "rows": 40}, 422),
        ("mosaics", {"overlap": 0.01}, 422),
    ]
    for what, body, status in wrong:
        answer = client.post(f"{MICROSCOPE}/{what}", json=body)
        assert answer.status_code == status, (what, body, answer.text)
    with virtual_hub.client("pupil") as pupil:
        for what in ("stacks", "mosaics"):
            assert pupil.post(f"{MICROSCOPE}/{what}", json={}).status_code == 403
    assert peer.get("/state").json() == before
