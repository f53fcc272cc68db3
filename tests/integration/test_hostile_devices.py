"""Drivers that cling, talk and dawdle while their devices are changed and removed under them."""

import concurrent.futures
import json
import os
import threading
import time
from pathlib import Path

import httpx
import psutil
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as metrics
from websockets.sync.client import connect

from tests.integration.test_mqtt_hub import CAMERA, ON, connected

LIMIT = 30.0
SECRET = "tiger-7-lamp"
NAMES = ("Talkative", "Busy", "Clinging", "ClingingTogether")


@pytest.fixture
def drivers(tmp_path: Path) -> dict[str, str]:
    """The environment in which the drivers of this file are installed."""
    about = tmp_path / "site" / "hostile_drivers-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: hostile-drivers\nVersion: 1.0\n")
    lines = [f"{name.lower()} = hostile_drivers:{name}" for name in NAMES]
    (about / "entry_points.txt").write_text("[classhub.drivers]\n" + "\n".join(lines) + "\n")
    here = Path(__file__).parent / "drivers_for_tests"
    return {"PYTHONPATH": os.pathsep.join([str(tmp_path / "site"), str(here)])}


def until(ask, true):
    end = time.monotonic() + LIMIT
    while not true(answer := ask()):
        assert time.monotonic() < end, answer
        time.sleep(0.02)
    return answer


def adopt(api: httpx.Client, device: str, driver: str, **settings: object) -> None:
    body = {"driver": driver, "id": device, "settings": settings}
    answer = api.post("/api/v1/devices", json=body)
    assert answer.status_code == 201, answer.text


def reachable(api: httpx.Client, device: str) -> None:
    until(lambda: api.get(f"/api/v1/devices/{device}/state").json(), lambda s: s["reachable"])


def counting(api: httpx.Client, device: str) -> str:
    """Start an action that takes 1,000 s; returns the address of its operation."""
    body = {"input": {"to": 1000}}
    begun = api.post(f"/api/v1/devices/{device}/actions/count", json=body)
    assert begun.status_code == 201, begun.text
    at = begun.headers["Location"]
    until(lambda: api.get(at).json(), lambda one: one["status"] == "running")
    return at


def test_a_password_in_a_drivers_words_reaches_nobody(start, drivers):
    hub = start(config='language = "en"', environment={**drivers, **ON})
    connected(hub)
    with hub.client("engineer") as api, hub.client("pupil") as pupil:
        address = f"http://eve:{SECRET}@127.0.0.1/"
        adopt(api, "loud", "talkative", password=SECRET, address=address)
        at = "/api/v1/devices/loud"
        state = until(lambda: pupil.get(f"{at}/state").json(), lambda s: s["problem"])
        assert "is not the password" in state["problem"]["detail"]
        told = [pupil.get(page).text for page in (at, f"{at}/state", "/api/v1/devices")]
        told += [pupil.get(f"{at}/properties/level").text, pupil.get(f"{at}/td").text]
        told += [api.get(page).text for page in (f"{at}/log", "/api/v1/audit", "/metrics")]
        headers = {"Authorization": f"Bearer {hub.token('pupil')}"}
        with connect(hub.ws, additional_headers=headers, proxy=None) as stream:
            stream.send('{"op":"subscribe","sub":1,"filter":"#"}')
            while "loud/state" not in told[-1]:
                told.append(str(stream.recv(LIMIT)))
        assert not any(SECRET in text for text in told), next(t for t in told if SECRET in t)[:500]
    hub.stop()
    assert SECRET not in hub.err.read_text()


def test_what_a_driver_prints_stays_lines_of_its_log(start, drivers):
    hub = start(config='language = "en"', environment=drivers)
    with hub.client("engineer") as api:
        adopt(api, "loud", "talkative", password=SECRET)
        answer = until(
            lambda: api.get("/api/v1/devices/loud/log"), lambda a: "forged line" in a.text
        )
        assert len(answer.content) < 1 << 20
        for line in answer.json()["lines"]:
            assert len(line["text"]) <= 2000
            assert not any(c < " " or "\x7f" <= c <= "\x9f" for c in line["text"]), line
    hub.stop()
    for line in hub.err.read_text().splitlines():
        assert "\x1b" not in line
        assert not line.startswith("forged")


def test_who_waits_for_a_device_that_is_removed_is_told_and_its_topics_stay_clear(start, drivers):
    hub = start(config='language = "en"', environment=drivers)
    with hub.client("engineer") as api, concurrent.futures.ThreadPoolExecutor(1) as beside:
        for device in ("going", "staying"):
            adopt(api, device, "busy")
            reachable(api, device)
        operation = counting(api, "going")
        staying = counting(api, "staying")

        def write() -> httpx.Response:
            with hub.client("teacher") as teacher:
                at = "/api/v1/devices/going/properties/level"
                return teacher.put(at, json={"value": 7}, timeout=LIMIT)

        writing = beside.submit(write)
        time.sleep(0.3)
        with hub.client("engineer") as other:
            assert other.delete("/api/v1/devices/going", timeout=LIMIT).status_code == 204
        assert writing.result().status_code in (404, 502, 503), writing.result().text
        done = until(lambda: api.get(operation).json(), lambda one: one["ended"])
        assert done["status"] == "failed"
        assert done["problem"]["hint"]
        assert api.get("/api/v1/devices/going").status_code == 404
        time.sleep(1)  # the write that was under way would be over now
        headers = {"Authorization": f"Bearer {hub.token('engineer')}"}
        with connect(hub.ws, additional_headers=headers, proxy=None) as stream:
            stream.send('{"op":"subscribe","sub":1,"filter":"going/#"}')
            stream.send('{"op":"subscribe","sub":2,"filter":"staying/state"}')
            while '"sub":2,"topic"' not in (said := str(stream.recv(LIMIT))):
                assert '"topic":"going' not in said
        assert api.get(staying).json()["status"] == "running"
        adopt(api, "going", "busy")
        reachable(api, "going")
    hub.stop()
    assert "Traceback" not in hub.err.read_text()


@pytest.mark.parametrize("driver", ["clinging", "clingingtogether"])
def test_a_driver_that_does_not_let_go_holds_up_nobody(start, drivers, driver, camera):
    hub = start(config=CAMERA.format(url=camera.url), environment=drivers)
    with hub.client("engineer") as api:
        reachable(api, "cam")
        adopt(api, "stuck", driver)
        reachable(api, "stuck")
        before = psutil.Process(hub.process.pid).children(recursive=True)
        with concurrent.futures.ThreadPoolExecutor(1) as beside:

            def remove() -> int:
                with hub.client("engineer") as other:
                    return other.delete("/api/v1/devices/stuck", timeout=LIMIT).status_code

            removing = beside.submit(remove)
            until(lambda: api.get("/api/v1/devices/stuck").status_code, lambda s: s == 404)
            assert api.get("/api/v1/devices/cam").json()["state"]["reachable"]
            assert removing.result() == 204
        adopt(api, "stuck", driver)
        reachable(api, "stuck")
        assert len(before) >= len(psutil.Process(hub.process.pid).children(recursive=True))
    assert hub.stop() == 0
    assert psutil.wait_procs(before, timeout=5)[1] == []


def test_a_device_is_removed_while_it_starts(start, drivers):
    hub = start(config='language = "en"', environment=drivers)
    with hub.client("engineer") as api:
        for _ in range(3):
            adopt(api, "brief", "clinging")
            assert api.delete("/api/v1/devices/brief", timeout=LIMIT).status_code == 204
        assert api.get("/api/v1/devices").json()["items"] == []
        until(
            lambda: psutil.Process(hub.process.pid).children(recursive=True),
            lambda found: (
                not any({"hub.driver_host", "run"} <= set(one.cmdline()) for one in found)
            ),
        )
    hub.stop()
    assert "Traceback" not in hub.err.read_text()


def test_removing_a_camera_ends_its_viewers_and_its_recording(start, camera):
    hub = start(config='language = "en"\nfault_injection = true')
    with hub.client("admin") as api:
        adopt(api, "eye", "stream", url=camera.url)
        reachable(api, "eye")
        at = "/api/v1/devices/eye"
        headers = {"Authorization": f"Bearer {hub.token('pupil')}"}
        ended = threading.Event()

        def watch() -> None:
            with httpx.stream(
                "GET", f"{hub.url}{at}/streams/view/live", headers=headers, timeout=LIMIT
            ) as live:
                for _ in live.iter_raw():
                    seen.set()
            ended.set()

        seen = threading.Event()
        viewer = threading.Thread(target=watch, daemon=True)
        viewer.start()
        with connect(hub.ws, additional_headers=headers, proxy=None) as stream:
            stream.send('{"op":"frames","sub":1,"device":"eye","stream":"view"}')
            until(lambda: stream.recv(LIMIT), lambda said: isinstance(said, bytes))
            assert seen.wait(LIMIT)
            begun = api.post(f"{at}/recordings", json={"seconds": 600})
            assert begun.status_code == 201, begun.text
            operation = begun.headers["Location"]
            recordings = "/api/v1/recordings"
            kept = until(lambda: api.get(recordings).json()["items"], lambda items: items)
            assert api.delete(f"{recordings}/{kept[0]['id']}").json()["code"] == "being-recorded"
            assert api.put(f"{at}/faults", json={"delay": 100}).status_code == 200
            assert api.delete(at, timeout=LIMIT).status_code == 204
            assert ended.wait(LIMIT), "who watched a device that is removed is told so"
        done = until(lambda: api.get(operation).json(), lambda one: one["ended"])
        assert done["status"] in ("done", "failed"), done
        assert api.get(f"{recordings}/{kept[0]['id']}/content").status_code == 200
        assert api.delete(f"{recordings}/{kept[0]['id']}").status_code == 204
        adopt(api, "eye", "stream", url=camera.url)
        reachable(api, "eye")
        assert api.post(f"{at}/recordings", json={"seconds": 1}).status_code == 201
    hub.stop()
    assert "Traceback" not in hub.err.read_text()


def test_a_recording_is_whole_however_often_it_is_fetched_while_it_grows(start, camera):
    hub = start(config=CAMERA.format(url=camera.url))
    with hub.client("engineer") as api:
        reachable(api, "cam")
        operation = api.post("/api/v1/devices/cam/recordings", json={"seconds": 3})
        assert operation.status_code == 201, operation.text
        headers = {"Authorization": f"Bearer {hub.token('pupil')}"}
        with connect(hub.ws, additional_headers=headers, proxy=None) as stream:
            stream.send('{"op":"frames","sub":1,"device":"cam","stream":"view"}')
            kept = until(lambda: api.get("/api/v1/recordings").json()["items"], lambda i: i)
            at = f"/api/v1/recordings/{kept[0]['id']}/content"
            for _ in range(100):
                answer = api.get(at)
                assert answer.status_code == 200
                json.loads(answer.text.splitlines()[0])
        ranged = api.get(at, headers={"Range": "bytes=999999999-"})
        assert ranged.status_code in (200, 416)
        assert ranged.headers["content-type"] != "text/plain; charset=utf-8", ranged.text
        answer = api.get(at, headers={"Range": "bytes=x"})
        assert answer.headers["content-type"] != "text/plain; charset=utf-8", answer.text
    hub.stop()
    assert "Traceback" not in hub.err.read_text()


def test_the_figures_stay_readable_whatever_things_are_called(start, camera):
    name = '"} 1\\n# EOF\\n\\\\{a="' + "\u202e"
    hub = start(config=f"name = {json.dumps(name)}\nlanguage = 'en'\n")
    with hub.client("engineer") as api:
        body = {"driver": "stream", "id": "eof", "settings": {"url": camera.url}}
        hostile = "\n# EOF\n\x00\x1b[31m\u202e<script>\u2028" * 5
        made = api.post("/api/v1/devices", json={**body, "name": hostile, "seat": hostile})
        assert made.status_code == 201, made.text
        assert made.json()["name"].isprintable()
        changed = api.patch("/api/v1/devices/eof", json={"name": hostile, "seat": hostile})
        assert changed.json()["seat"].isprintable()
        answer = api.get(
            "/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"}
        )
        families = {family.name for family in metrics(answer.text)}
        assert "classhub_device_reachable" in families
        assert api.get("/api/v1/audit").status_code == 200
