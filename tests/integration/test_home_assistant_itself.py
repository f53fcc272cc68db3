"""Home Assistant itself beside the hub, where there is one: its core and its MQTT integration, from PyPI.

It needs a newer Python than Debian 12 has; docs/home-assistant.md says how it is had. The command of that Python
stands in CLASSHUB_HOME_ASSISTANT, without it the tests are skipped.
"""

import json
import os
import queue
import shlex
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import pytest

from hub.mqtt._broker import find_broker
from tests.conftest import start_hub

COMMAND = os.environ.get("CLASSHUB_HOME_ASSISTANT", "")
SEEN = os.environ.get("CLASSHUB_HOME_ASSISTANT_SEEN", "")
"""Where all that it saw is written, to be looked at."""
INSIDE = Path(__file__).parents[1] / "homeassistant/inside.py"
LIMIT = 90.0
MICROSCOPE = "virtual-microscope"
CONFIG = """
language = "en"
[plugins.homeassistant]
discovery = true
language = "en"
user = "{user}"
may_set = ["virtual-microscope/light"]
"""

pytestmark = [
    pytest.mark.skipif(not COMMAND, reason="CLASSHUB_HOME_ASSISTANT names no Python that has it"),
    pytest.mark.skipif(find_broker() is None, reason="apt install mosquitto"),
]


class HomeAssistant:
    """A running core, asked by lines."""

    def __init__(self, folder, port, user, password, prefix):
        source = INSIDE.read_text("utf-8")
        command = [*shlex.split(COMMAND), "-c", source, folder, str(port), user, password, prefix]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.said: queue.Queue[str] = queue.Queue()
        self.reader = threading.Thread(target=self._read, name="Home Assistant", daemon=True)
        self.reader.start()
        self.version = self._answer()["version"]

    def _read(self):
        with self.process.stdout as lines:
            for line in lines:
                self.said.put(line)

    def _answer(self):
        return json.loads(self.said.get(timeout=LIMIT))

    def ask(self, *words):
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def until(self, wanted, what):
        """Look until something holds; return what it was that was seen."""
        end = time.monotonic() + LIMIT
        while not wanted(seen := self.ask("look")):
            assert time.monotonic() < end, (what, seen["complaints"])
            time.sleep(0.3)
        return seen

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join(10)


def of(seen, device, hub_id):
    """The entities of a device of the hub's, by the property's name."""
    ids = f"classhub-{hub_id}-{device}"
    return {
        one["unique_id"].removeprefix(f"{ids}-"): one | {"id": name}
        for name, one in seen["entities"].items()
        if one["unique_id"].startswith(f"{ids}-")
    }


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """A virtual classroom that knows Home Assistant's token: it was made before."""
    folder = tmp_path_factory.mktemp("beside-home-assistant")
    before = start_hub(folder)
    secret, token = before.new_token("teacher")
    assert before.stop() == 0
    environment = {"CLASSHUB_MQTT__ENABLED": "true", "CLASSHUB_MQTT__PORT": "0"}
    made = start_hub(folder, "--virtual", config=CONFIG.format(user=token), environment=environment)
    made.user, made.password = token, secret
    yield made
    made.stop()


def reachable(hub):
    with hub.client("engineer") as engineer:
        items = engineer.get("/api/v1/devices").json()["items"]
    return {one["id"] for one in items if one["state"]["reachable"]}


@pytest.fixture(scope="module")
def assistant(hub):
    with hub.client("engineer") as engineer:
        end = time.monotonic() + LIMIT
        while (state := engineer.get("/api/v1/mqtt").json())["status"] != "connected":
            assert time.monotonic() < end, state
            time.sleep(0.1)
    hub.base, hub.id = state["base"], state["base"].rsplit("/", 1)[1]
    with tempfile.TemporaryDirectory() as folder:
        # In another root it makes a folder of the same name for itself.
        prefix = f"{state['base']}/x/homeassistant"
        made = HomeAssistant(folder, state["port"], hub.user, hub.password, prefix)
        print(f"Home Assistant {made.version}")
        try:
            yield made
        finally:
            made.close()


def test_every_device_appears_with_its_entities_and_states(hub, assistant):
    def all_there(seen):
        found = [of(seen, name, hub.id) for name in reachable(hub)]
        known = [
            {one["state"] for one in entities.values()} - {None, "unavailable", "unknown"}
            for entities in found
        ]
        return len(found) > 5 and all(known)

    seen = assistant.until(all_there, "all devices, each with a state")
    if SEEN:
        Path(SEEN).write_text(json.dumps(seen, ensure_ascii=False, indent=1))
    assert seen["complaints"] == []
    names = {one["identifiers"][0]: one for one in seen["devices"].values()}
    assert names[f"classhub-{hub.id}-{MICROSCOPE}"]["name"]
    with hub.client("engineer") as engineer:
        told = engineer.get(f"/api/v1/devices/{MICROSCOPE}").json()["properties"]
    entities = of(seen, MICROSCOPE, hub.id)
    assert float(entities["light"]["state"]) == pytest.approx(told["light"]["value"])
    assert entities["light"]["id"].startswith("number.")
    for name, one in entities.items():
        if name != "light":
            assert one["platform"] in ("sensor", "binary_sensor"), "it reads only"
    units = {one["attributes"].get("unit_of_measurement") for one in seen["entities"].values()}
    assert {"%", "mm", "h"} <= units


def test_what_it_sets_is_set(hub, assistant):
    light = of(assistant.ask("look"), MICROSCOPE, hub.id)["light"]["id"]
    assistant.ask("set", light, "37")
    assistant.until(
        lambda seen: float(of(seen, MICROSCOPE, hub.id)["light"]["state"]) == 37, "it is set"
    )
    with hub.client("engineer") as engineer:
        told = engineer.get(f"/api/v1/devices/{MICROSCOPE}").json()["properties"]["light"]
    assert told["value"] == pytest.approx(37)


def test_a_device_that_is_pulled_is_unavailable_until_it_is_back(hub, assistant):
    def states(seen):
        return {one["state"] for one in of(seen, MICROSCOPE, hub.id).values()}

    faults = f"/api/v1/devices/{MICROSCOPE}/faults"
    with hub.client("admin") as admin:
        assert admin.put(faults, json={"unplug": True}).status_code == 200
        assistant.until(lambda seen: states(seen) == {"unavailable"}, "it is unavailable")
        assert admin.delete(faults).status_code in (200, 204)
    assistant.until(lambda seen: "unavailable" not in states(seen), "it is back")


def test_a_device_that_comes_appears_and_one_that_is_taken_out_of_use_is_gone(hub, assistant):
    identity = [f"classhub-{hub.id}-extra"]

    def there(seen):
        return identity in [one["identifiers"] for one in seen["devices"].values()]

    with hub.client("engineer") as engineer:
        # With all its addresses: it appears with its first entity, and a bare picture has none.
        settings = engineer.get(f"/api/v1/devices/{MICROSCOPE}/settings").json()["values"]
        body = {"driver": "stream", "id": "extra", "name": "Extra", "settings": settings}
        assert engineer.post("/api/v1/devices", json=body).status_code == 201
        seen = assistant.until(there, "it appears")
        assert of(seen, "extra", hub.id)
        assert engineer.delete("/api/v1/devices/extra").status_code == 204
    seen = assistant.until(lambda seen: not there(seen), "it is gone")
    assert of(seen, "extra", hub.id) == {}


def test_without_the_hub_everything_is_unavailable(hub, assistant):
    """The last of these: the hub ends."""
    assert hub.stop() == 0
    seen = assistant.until(
        lambda seen: {one["state"] for one in seen["entities"].values()} == {"unavailable"},
        "all of it",
    )
    assert len(seen["devices"]) > 5, "and it is still known"
