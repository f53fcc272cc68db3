"""Empty fields: kept of an objective, and taken away from its pictures; the virtual lamp is known."""

import time

import cv2
import httpx
import numpy as np
import pytest

SCOPE = "/api/v1/devices/virtual-microscope"
MICROSCOPE = "/api/v1/microscopes/virtual-microscope"
FIELDS = f"{MICROSCOPE}/empty-fields"
LIMIT = 60.0
EMPTY = {"slide": "micrometer", "stage": {"x": 6000, "y": 6000}, "living": False, "drift": False}


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


def show(client, peer, objective: str, **state) -> dict:
    """Set the microscope; a picture taken afterwards shows it. Returns what is true then."""
    written = client.put(f"{SCOPE}/properties/objective", json={"value": objective})
    assert written.status_code == 200, written.text
    assert peer.put("/state", json={**EMPTY, "light": 70, **state}).status_code == 200
    capture(client)
    time.sleep(0.6)  # a picture may be on its way for half a second
    return peer.get("/truth").json()


def capture(client) -> dict:
    taken = client.post(f"{MICROSCOPE}/captures", json={}, timeout=LIMIT)
    assert taken.status_code == 201, taken.text
    return taken.json()


def flat(client, asset: str, **options) -> dict:
    wish = {"process": "flat-field", "sources": [asset], "options": {"kept": True, **options}}
    begun = client.post("/api/v1/processes", json=wish)
    assert begun.status_code == 201, begun.text
    end = time.monotonic() + LIMIT
    while (now := client.get(f"/api/v1/operations/{begun.json()['id']}").json())["status"] in (
        "pending",
        "running",
    ):
        assert time.monotonic() < end, now
        time.sleep(0.05)
    assert now["status"] == "done", now["problem"]
    return client.get(f"/api/v1/assets/{now['result']['asset']}").json()


def pixels(client, asset: str) -> np.ndarray:
    content = client.get(f"/api/v1/assets/{asset}/content").content
    return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR).astype(float)


def corners(picture: np.ndarray) -> np.ndarray:
    """The mean colour of the four corners and the middle."""
    height, width = picture.shape[:2]
    places = [(0.05, 0.07), (0.95, 0.07), (0.05, 0.93), (0.95, 0.93), (0.5, 0.5)]
    return np.array(
        [
            picture[int(y * height) - 20 :, int(x * width) - 20 :][:40, :40].mean(axis=(0, 1))
            for x, y in places
        ]
    )


def test_the_light_of_later_pictures_is_even_and_white(client, peer):
    truth = show(client, peer, "4x", white={"r": 1.0, "g": 0.9, "b": 0.75})
    kept = client.post(FIELDS)
    assert kept.status_code == 201, kept.text
    field = kept.json()
    assert field["objective"] == "4x"

    # What the lamp of the virtual microscope loses at the corner, by its own law.
    law = truth["vignetting"]
    radius = np.hypot(law["x"], law["y"]) / law["radius"]
    lost = law["strength"] * radius ** law["exponent"]
    assert field["falloff"] == pytest.approx(min(lost, 0.95), abs=0.06)

    show(client, peer, "4x", stage={"x": -5000, "y": 4000}, white={"r": 1.0, "g": 0.9, "b": 0.75})
    taken = capture(client)
    made = flat(client, taken["id"])
    before = corners(pixels(client, taken["id"]))
    after = corners(pixels(client, made["id"]))
    assert before.mean(axis=1).min() < 0.8 * before.mean(axis=1).max(), "it was not even"
    assert np.ptp(after.mean(axis=1)) < 0.03 * after.mean(), "and is now"
    assert np.ptp(before[-1]) > 20, "nor white"
    assert np.ptp(after, axis=1).max() < 4
    assert made["info"]["options"]["references"] == [field["asset"]]
    assert made["info"]["scale"] == taken["info"]["scale"]


def test_a_newer_field_takes_the_place_of_the_older_one(client, peer):
    show(client, peer, "40x")
    first = client.post(FIELDS).json()
    second = client.post(FIELDS).json()
    listed = client.get(FIELDS).json()["items"]
    assert [one["asset"] for one in listed if one["objective"] == "40x"] == [second["asset"]]
    assert client.get(f"/api/v1/assets/{first['asset']}").status_code == 404
    assert client.delete(f"{FIELDS}/{second['asset']}").status_code == 204
    assert client.get(f"/api/v1/assets/{second['asset']}").status_code == 404
    assert client.delete(f"{FIELDS}/{second['asset']}").status_code == 404


def test_what_says_nothing_of_the_light_is_refused_and_not_kept(client, peer):
    known = client.get(FIELDS).json()
    pictures = client.get("/api/v1/assets").json()["items"]
    for state, code in (
        ({"slide": "tissue", "stage": {"x": 0, "y": 0}}, "field-not-empty"),
        ({"light": 100, "white": {"r": 1.5, "g": 1.5, "b": 1.5}}, "field-too-bright"),
        ({"light": 0.2}, "field-too-dark"),
    ):
        show(client, peer, "10x", **{"white": {"r": 1, "g": 1, "b": 1}, **state})
        answer = client.post(FIELDS)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert answer.json()["hint"]
    assert client.get(FIELDS).json() == known
    left = client.get("/api/v1/assets").json()["items"]
    assert not [one for one in left if one not in pictures and one["info"].get("empty_field")]


def test_without_a_field_of_the_objective_it_says_what_to_do(client, peer):
    show(client, peer, "10x")
    taken = capture(client)
    wish = {"process": "flat-field", "sources": [taken["id"]], "options": {"kept": True}}
    refused = client.post("/api/v1/processes", json=wish)
    assert (refused.status_code, refused.json()["code"]) == (409, "no-empty-field")
    wish["options"]["references"] = [taken["id"]]
    assert client.post("/api/v1/processes", json=wish).status_code == 422


def test_pupils_use_fields_but_keep_none(client, peer, virtual_hub):
    with virtual_hub.client("pupil") as pupil:
        assert pupil.post(FIELDS).status_code == 403
        assert pupil.get(FIELDS).status_code == 200
