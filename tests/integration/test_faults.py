"""In a running hub every fault can be put between a driver and its device, and taken away."""

import time

import httpx
import pytest

LIMIT = 40
DEVICE = "virtual-microscope"


def wait_for(look, limit=LIMIT):
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if (found := look()) is not None:
            return found
        time.sleep(0.1)
    raise AssertionError("it did not come")


def state(client):
    return client.get(f"/api/v1/devices/{DEVICE}/state").json()


def there(client):
    now = state(client)
    return now if now["reachable"] else None


def gone(client):
    now = state(client)
    return None if now["reachable"] else now


def picture(client) -> int:
    try:
        return client.get(
            f"/api/v1/devices/{DEVICE}/streams/view/latest.jpg", timeout=3
        ).status_code
    except httpx.HTTPError:
        return 0


def test_every_fault_reaches_the_driver_and_is_mended(start):
    hub = start("--virtual")
    faults = f"/api/v1/devices/{DEVICE}/faults"
    with hub.client("admin") as client:
        wait_for(lambda: there(client))
        with hub.client("engineer") as engineer:
            assert engineer.put(faults, json={"unplug": True}).status_code == 403
        refused = client.put(faults, json={"garble": 3})
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid")

        for wrong in ({"unplug": True}, {"stall": True}, {"drop": 1}, {"garble": 1}):
            reply = client.put(faults, json=wrong)
            assert reply.status_code == 200, reply.text
            how = wait_for(lambda: gone(client))
            assert how["problem"]["hint"]
            assert client.delete(faults).status_code == 204
            wait_for(lambda: there(client))

        client.put(faults, json={"unplug": True, "seconds": 5})
        wait_for(lambda: gone(client))
        wait_for(lambda: there(client))

        client.put(faults, json={"delay": 200})
        began = time.monotonic()
        reply = client.put(f"/api/v1/devices/{DEVICE}/properties/light", json={"value": 40})
        assert reply.status_code == 200
        assert time.monotonic() - began >= 0.3
        client.delete(faults)
        wait_for(lambda: True if picture(client) == 200 else None)


def test_without_the_setting_nobody_may(start, camera):
    config = f'[[devices]]\nid = "cam"\ndriver = "stream"\nsettings = {{ url = "{camera.url}" }}\n'
    hub = start(config=config)
    with hub.client("admin") as client:
        reply = client.put("/api/v1/devices/cam/faults", json={"unplug": True})
        assert (reply.status_code, reply.json()["code"]) == (403, "faults-off")
        assert "fault_injection" in reply.json()["hint"]


@pytest.fixture(autouse=True)
def _english(monkeypatch):
    monkeypatch.setenv("CLASSHUB_LANGUAGE", "en")
