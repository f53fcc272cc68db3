"""Devices are taken into use, changed and removed while the hub runs, and survive its end."""

import json
import signal
import time

import pytest

from tests.integration.test_mqtt_hub import CAMERA, ON, connected

LIMIT = 30.0


def until(ask, true):
    end = time.monotonic() + LIMIT
    while not true(answer := ask()):
        assert time.monotonic() < end, answer
        time.sleep(0.02)
    return answer


def reachable(api, device):
    return until(
        lambda: api.get(f"/api/v1/devices/{device}").json(), lambda d: d["state"]["reachable"]
    )


def adopt(api, camera, **more):
    settings = {"url": camera.url, **more.pop("settings", {})}
    return api.post("/api/v1/devices", json={"driver": "stream", "settings": settings, **more})


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_an_adopted_device_works_at_once_and_survives_the_end_of_the_hub(start, camera, number):
    hub = start(config='language = "en"')
    with hub.client("engineer") as api:
        answer = adopt(api, camera, name="By the window", seat="3")
        assert answer.status_code == 201, answer.text
        device = answer.json()["id"]
        assert answer.headers["Location"] == f"/api/v1/devices/{device}"
        assert device.startswith("microscope-")
        reachable(api, device)
    hub.stop(number)
    hub = start(config='language = "en"')
    with hub.client("engineer") as api:
        shown = reachable(api, device)
        assert (shown["name"], shown["seat"]) == ("By the window", "3")


def test_settings_are_changed_one_by_one_and_secrets_never_leave(start, camera):
    hub = start(config='language = "en"')
    with hub.client("engineer") as api:
        schema = next(
            d for d in api.get("/api/v1/drivers").json()["items"] if d["name"] == "stream"
        )
        secret = next(
            name
            for name, one in schema["settings"]["properties"].items()
            if "password" in json.dumps(one)
        )
        device = adopt(api, camera, settings={secret: "hunter2"}).json()["id"]
        at = f"/api/v1/devices/{device}"
        reachable(api, device)
        told = api.get(f"{at}/settings").json()
        assert told["values"] == {"url": camera.url}
        assert (told["secrets_set"], told["source"]) == ([secret], "adopted")
        before = api.get(at).json()["counters"]["connects"]
        assert api.patch(at, json={"name": "Двор", "seat": None}).json()["name"] == "Двор"
        assert api.get(at).json()["counters"]["connects"] == before, "a name disturbs nothing"
        changed = api.patch(at, json={"settings": {"url": camera.url + "?2"}})
        assert changed.status_code == 200, changed.text
        told = api.get(f"{at}/settings").json()
        assert told["secrets_set"] == [secret]
        until(lambda: api.get(at).json()["counters"]["connects"], lambda now: now > before)
        api.patch(at, json={"settings": {secret: None}})
        assert api.get(f"{at}/settings").json()["secrets_set"] == []
        for page in (at, "/api/v1/devices", f"{at}/settings", f"{at}/td", "/api/v1/audit"):
            assert "hunter2" not in api.get(page).text
        assert "hunter2" not in hub.err.read_text()


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"driver": "stream", "settings": {}}, "invalid", "settings.url"),
        ({"driver": "stream", "settings": {"url": 5}}, "invalid", "settings.url"),
        ({"driver": "stream", "settings": {"url": "x", "colour": 1}}, "invalid", "settings.colour"),
        ({"driver": "toaster"}, "no-such-driver", "driver"),
        ({"driver": "stream", "identity": "/dev/ttyUSB0"}, "invalid", "body.identity"),
        ({"driver": "stream", "id": "../x"}, "invalid", "body.id"),
    ],
)
def test_what_cannot_be_adopted_is_refused_by_its_field(live_hub, body, code, field):
    with live_hub.client("engineer") as api:
        answer = api.post("/api/v1/devices", json=body)
        assert answer.status_code == 422, answer.text
        assert answer.json()["code"] == code
        assert field in [error["field"] for error in answer.json()["errors"]]


def test_devices_of_the_settings_file_are_changed_there(live_hub, camera):
    with live_hub.client("engineer") as api:
        for answer in (
            api.patch("/api/v1/devices/cam", json={"name": "x"}),
            api.delete("/api/v1/devices/cam"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (409, "set-in-file")
            assert "classhub.toml" in answer.json()["hint"]
        assert api.get("/api/v1/devices/cam/settings").json()["source"] == "file"
        assert adopt(api, camera, id="cam").json()["code"] == "id-taken"
        assert api.delete("/api/v1/devices/nobody").status_code == 404


def test_only_engineers_adopt_and_look(live_hub, camera):
    with live_hub.client("teacher") as teacher:
        for answer in (
            adopt(teacher, camera),
            teacher.patch("/api/v1/devices/cam", json={"name": "x"}),
            teacher.delete("/api/v1/devices/cam"),
            teacher.get("/api/v1/devices/cam/settings"),
            teacher.get("/api/v1/discoveries"),
            teacher.get("/api/v1/drivers"),
            teacher.post("/api/v1/pairings", json={"driver": "stream"}),
        ):
            assert answer.status_code == 403, answer.request.url


def test_a_driver_that_looks_for_nothing_cannot_be_paired(live_hub):
    with live_hub.client("engineer") as api:
        answer = api.post("/api/v1/pairings", json={"driver": "stream"})
        assert (answer.status_code, answer.json()["code"]) == (409, "no-candidates")


def test_an_identity_that_is_not_there_is_waited_for_and_used_once(start, camera):
    hub = start(config='language = "en"')
    identity = "usb:056a:0302:S"
    with hub.client("engineer") as api:
        device = adopt(api, camera, identity=identity).json()["id"]
        state = until(
            lambda: api.get(f"/api/v1/devices/{device}/state").json(),
            lambda state: state["presence"] == "absent",
        )
        assert (state["process"], state["problem"]["code"]) == ("stopped", "unplugged")
        twice = adopt(api, camera, identity=identity)
        assert (twice.status_code, twice.json()["code"]) == (409, "already-adopted")
        assert device in twice.json()["hint"]
        api.patch(f"/api/v1/devices/{device}", json={"identity": None})
        reachable(api, device)


def test_what_is_removed_is_cleared_everywhere_and_the_others_go_on(start, camera):
    paho = pytest.importorskip("paho.mqtt.client")
    hub = start(config=CAMERA.format(url=camera.url), environment=ON)
    state = connected(hub)
    secret, token = hub.new_token("pupil")
    retained: dict[str, bytes] = {}
    client = paho.Client(paho.CallbackAPIVersion.VERSION2)
    client.username_pw_set(token, secret)
    client.on_connect = lambda c, *_: c.subscribe(f"{state['base']}/#", 1)
    client.on_message = lambda _c, _u, message: retained.update({message.topic: message.payload})
    client.reconnect_delay_set(1, 1)
    client.connect("127.0.0.1", state["port"])
    client.loop_start()
    try:
        with hub.client("engineer") as api:
            device = adopt(api, camera).json()["id"]
            reachable(api, device)
            reachable(api, "cam")
            mine = f"{state['base']}/{device}/"
            until(lambda: retained, lambda now: now.get(mine + "td") and now.get(mine + "state"))
            assert api.delete(f"/api/v1/devices/{device}").status_code == 204
            until(
                lambda: {t: p for t, p in retained.items() if t.startswith(mine)},
                lambda topics: topics and not any(topics.values()),
            )
            assert api.get(f"/api/v1/devices/{device}").status_code == 404
            assert [d["id"] for d in api.get("/api/v1/devices").json()["items"]] == ["cam"]
            reachable(api, "cam")
            done = [entry["action"] for entry in api.get("/api/v1/audit").json()["items"]]
            assert {"device.adopt", "device.remove"} <= set(done)
    finally:
        client.disconnect()
        client.loop_stop()
