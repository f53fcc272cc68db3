"""Calibrating, held against the virtual slide's own truth: a stage micrometer drawn exactly."""

import contextlib
import json
import math
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

SCOPE = "/api/v1/microscopes/scope"
LIMIT = 90.0
OBJECTIVES = ("4x", "10x", "40x")
FOCUS = {"4x": 6.0, "10x": 12.0, "40x": 13.6}
SIZES = ("1280x720", "640x360")


@contextlib.contextmanager
def peer(port: int, size: str = SIZES[0], *options: str) -> Iterator[httpx.Client]:
    """A microscope that tells no scale, at this address."""
    command = [sys.executable, "-m", "drivers.virtual.microscope", "--with-parent"]
    options = ("--slide", "micrometer", "--fps", "8", "--tells-no-scale", *options)
    address = ("--port", str(port), "--size", size)
    with subprocess.Popen([*command, *address, *options], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        url = process.stdout.readline().decode().split()[-1]
        try:
            with httpx.Client(base_url=url, timeout=LIMIT) as client:
                yield client
        finally:
            process.terminate()


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def hub(start, port: int):
    address = f"http://127.0.0.1:{port}"
    settings = {"url": f"{address}/stream", "control_url": f"{address}/state"}
    return start(
        config=f"""
language = "en"
[[devices]]
id = "scope"
driver = "stream"
name = "Scope"
settings = {{ url = {json.dumps(settings["url"])}, control_url = {json.dumps(settings["control_url"])} }}
"""
    )


def until(what, wanted) -> None:
    end = time.monotonic() + LIMIT
    while (got := what()) != wanted:
        assert time.monotonic() < end, got
        time.sleep(0.1)


def reachable(client: httpx.Client) -> bool:
    items = client.get("/api/v1/microscopes").json()["items"]
    return any(item["id"] == "scope" and item["reachable"] for item in items)


def turn(scope: httpx.Client, teacher: httpx.Client, objective: str, **more: object) -> dict:
    """Turn the nosepiece at the microscope itself, as a hand does; return the truth."""
    state = {"objective": objective, "focus": FOCUS[objective], "drift": False, **more}
    scope.put("/state", json=state).raise_for_status()
    tells = teacher.get(f"{SCOPE}/calibrations").json()["tells_objective"]
    if tells:
        until(lambda: teacher.get(f"{SCOPE}/calibrations").json()["objective"], objective)
    return scope.get("/truth").json()


def calibrate(client: httpx.Client, objective: str, found: dict, **more: object) -> httpx.Response:
    known = client.get(f"{SCOPE}/calibrations").json()["items"]
    newest = next((one["id"] for one in known if one["objective"] == objective), None)
    wanted = {
        "objective": objective,
        **{name: found[name] for name in ("points", "length_um", "width", "height")},
        "replaces": newest,
    }
    return client.post(f"{SCOPE}/calibrations", json={**wanted, **more}, timeout=LIMIT)


def detect(client: httpx.Client, **body: object) -> httpx.Response:
    for _ in range(4):
        answer = client.post(f"{SCOPE}/ruling", json=body, timeout=LIMIT)
        if answer.status_code != 504:  # a busy machine may give no frame in time
            break
    return answer


def kept_scale(client: httpx.Client) -> float | None:
    answer = client.post(f"{SCOPE}/captures", json={}, timeout=LIMIT)
    assert answer.status_code == 201, answer.text
    return answer.json()["info"].get("scale")


def by_truth(truth: dict) -> dict:
    """Two points that a person would set: lines of the micrometer in the picture."""
    (x0, y0), (x1, y1) = truth["micrometer"]["ends"]
    steps = [i / 100 for i in range(101)]
    seen = [
        (x0 + (x1 - x0) * s, y0 + (y1 - y0) * s, i)
        for i, s in enumerate(steps)
        if 2 < x0 + (x1 - x0) * s < truth["width"] - 2
        and 2 < y0 + (y1 - y0) * s < truth["height"] - 2
    ]
    first, last = seen[0], seen[-1]
    return {
        "points": [[round(v, 1) for v in first[:2]], [round(v, 1) for v in last[:2]]],
        "length_um": 10.0 * (last[2] - first[2]),
        "width": truth["width"],
        "height": truth["height"],
    }


def test_every_objective_by_the_ruling_and_at_another_resolution(hub, port) -> None:
    with hub.client("teacher") as client:
        with peer(port) as scope:
            until(lambda: reachable(client), wanted=True)
            for objective, angle in zip(OBJECTIVES, (13.0, -48.0, 3.0), strict=True):
                truth = turn(scope, client, objective, angle=angle)
                assert kept_scale(client) is None  # not calibrated: none, never another's
                found = detect(client)
                assert found.status_code == 200, found.text
                assert found.json()["scale"] == pytest.approx(truth["scale"], rel=0.01)
                assert found.json()["error"] < 0.01
                made = calibrate(client, objective, found.json(), how="ruling")
                assert made.status_code == 201, made.text
                assert kept_scale(client) == pytest.approx(truth["scale"], rel=0.01)
            turn(scope, client, "4x")
            assert kept_scale(client) == pytest.approx(
                scope.get("/truth").json()["scale"], rel=0.01
            )
        until(lambda: reachable(client), wanted=False)
        with peer(port, SIZES[1]) as scope:
            until(lambda: reachable(client), wanted=True)
            for objective in OBJECTIVES:
                truth = turn(scope, client, objective)
                assert truth["width"] == 640
                assert kept_scale(client) == pytest.approx(truth["scale"], rel=0.01)


@pytest.mark.parametrize("size", SIZES)
def test_every_objective_by_two_points(hub, port, size: str) -> None:
    with hub.client("teacher") as client, peer(port, size) as scope:
        until(lambda: reachable(client), wanted=True)
        for objective in OBJECTIVES:
            truth = turn(scope, client, objective, angle=7.0)
            made = calibrate(client, objective, by_truth(truth))
            assert made.status_code == 201, made.text
            assert made.json()["scale"] == pytest.approx(truth["scale"], rel=0.01)
            assert kept_scale(client) == pytest.approx(truth["scale"], rel=0.01)


def test_a_picture_of_another_shape_has_no_scale(hub, port) -> None:
    with hub.client("teacher") as client:
        with peer(port, "640x360") as scope:
            until(lambda: reachable(client), wanted=True)
            truth = turn(scope, client, "10x")
            assert calibrate(client, "10x", by_truth(truth)).status_code == 201
        until(lambda: reachable(client), wanted=False)
        with peer(port, "640x480") as scope:
            until(lambda: reachable(client), wanted=True)
            turn(scope, client, "10x")
            assert kept_scale(client) is None


def test_an_objective_chosen_by_hand_is_forgotten_with_the_cable(hub, port) -> None:
    with hub.client("teacher") as client:
        with peer(port, SIZES[1], "--tells-no-objective") as scope:
            until(lambda: reachable(client), wanted=True)
            truth = turn(scope, client, "10x")
            use = f"{SCOPE}/objective-in-use"
            assert client.put(use, json={"objective": "10x"}).json()["code"] == "unknown-objective"
            items = [{"name": name, "magnification": None} for name in OBJECTIVES]
            listed = client.put(f"{SCOPE}/objectives", json={"revision": 0, "items": items})
            assert listed.json()["revision"] == 1
            again = client.put(f"{SCOPE}/objectives", json={"revision": 0, "items": items[:1]})
            assert again.json()["code"] == "objectives-changed"
            assert calibrate(client, "10x", by_truth(truth)).status_code == 201
            assert kept_scale(client) is None
            assert client.put(use, json={"objective": "10x"}).json()["objective"] == "10x"
            assert kept_scale(client) == pytest.approx(truth["scale"], rel=0.01)
            client.put(use, json={"objective": "40x"}).raise_for_status()
            assert kept_scale(client) is None
            client.put(use, json={"objective": "10x"}).raise_for_status()
        until(lambda: reachable(client), wanted=False)
        assert client.get(f"{SCOPE}/calibrations").json()["objective"] is None
        with peer(port, SIZES[1], "--tells-no-objective"):
            until(lambda: reachable(client), wanted=True)
            assert kept_scale(client) is None


def test_rights_conflicts_and_what_cannot_be(hub, port) -> None:
    with hub.client("teacher") as client, hub.client("pupil") as pupil:  # noqa: SIM117 - width
        with peer(port, SIZES[1]) as scope:
            until(lambda: reachable(client), wanted=True)
            truth = turn(scope, client, "10x")
            good = by_truth(truth)
            assert pupil.get(f"{SCOPE}/calibrations").status_code == 200
            assert calibrate(pupil, "10x", good).status_code == 403
            assert detect(pupil).status_code == 403
            first = calibrate(client, "10x", good).json()
            late = calibrate(client, "10x", good, replaces=None)
            assert (late.status_code, late.json()["code"]) == (409, "calibrated-meanwhile")
            second = calibrate(client, "10x", {**good, "length_um": good["length_um"] * 2}).json()
            assert second["scale"] == pytest.approx(2 * first["scale"])
            history = client.get(f"{SCOPE}/calibrations").json()["items"]
            assert [(one["id"], one["counts"]) for one in history] == [
                (second["id"], True),
                (first["id"], False),
            ]
            gone = f"{SCOPE}/calibrations/{second['id']}"
            assert pupil.delete(gone).status_code == 403
            assert client.delete(gone).status_code == 204
            assert client.delete(gone).status_code == 404
            assert kept_scale(client) == pytest.approx(truth["scale"], rel=0.01)
            for wrong in (
                {"points": [[5, 5], [6, 6]]},
                {"points": [[5, 5], [5000, 5]]},
                {"points": [[5, 5]]},
                {"length_um": 0},
                {"length_um": 1e12},
                {"width": 0},
                {"height": 10**9},
                {"objective": ""},
                {"objective": "of somebody else"},
            ):
                refused = calibrate(client, "10x", {**good, **wrong})
                refused = client.post(
                    f"{SCOPE}/calibrations",
                    json={"objective": "10x", "replaces": first["id"], **good, **wrong},
                )
                assert refused.status_code == 422, (wrong, refused.text)
                assert refused.json()["hint"]
            scope.put("/state", json={"stage": {"x": 5000, "y": 0}}).raise_for_status()
            time.sleep(0.5)
            nothing = detect(client)
            assert (nothing.status_code, nothing.json()["code"]) == (422, "no-ruling")
            assert detect(client, frame=1).status_code == 410
            assert not list((hub.data / "work" / "microscopy").glob("calibration-*"))


def test_of_two_who_calibrate_at_the_same_moment_one_is_told(hub, port) -> None:
    with hub.client("teacher") as client, hub.client("teacher") as other:  # noqa: SIM117 - width
        with peer(port, SIZES[1]) as scope:
            until(lambda: reachable(client), wanted=True)
            good = by_truth(turn(scope, client, "10x"))
            before = None
            for _ in range(5):
                together = threading.Barrier(2)

                def save(who, factor, together=together, before=before):
                    together.wait(LIMIT)
                    wanted = {**good, "objective": "10x", "replaces": before}
                    wanted["length_um"] *= factor
                    return who.post(f"{SCOPE}/calibrations", json=wanted, timeout=LIMIT)

                with ThreadPoolExecutor(2) as pool:
                    answers = list(pool.map(save, (client, other), (1, 2)))
                assert sorted(one.status_code for one in answers) == [201, 409]
                kept, told = sorted(answers, key=lambda one: one.status_code)
                assert told.json()["code"] == "calibrated-meanwhile"
                assert told.json()["hint"]
                counting = [
                    one["id"]
                    for one in client.get(f"{SCOPE}/calibrations").json()["items"]
                    if one["counts"] and one["objective"] == "10x"
                ]
                before = kept.json()["id"]
                assert counting == [before]


def test_a_calibration_survives_a_restart(start, hub, port) -> None:
    with peer(port, SIZES[1]) as scope:
        with hub.client("teacher") as client:
            until(lambda: reachable(client), wanted=True)
            truth = turn(scope, client, "40x")
            assert calibrate(client, "40x", by_truth(truth)).status_code == 201
        hub.stop()
        again = start(config=(hub.data.parent / "classhub.toml").read_text())
        with again.client("teacher") as client:
            until(lambda: reachable(client), wanted=True)
            turn(scope, client, "40x")
            assert kept_scale(client) == pytest.approx(truth["scale"], rel=0.01)
            assert math.isfinite(truth["scale"])
