"""Home Assistant's discovery, as a client of the hub's real broker sees it.

Home Assistant itself needs a newer Python than the hub's. What its documentation says of each
platform stands here as data, and its templates are filled in by the same Jinja.
"""

import json
import shutil
import threading
import time

import jinja2
import jsonschema
import paho.mqtt.client as paho
import pytest

from hub.app import Hub
from hub.mqtt._broker import find_broker
from hub.settings import Settings
from tests.conftest import NO_PLUGINS

pytestmark = pytest.mark.skipif(find_broker() is None, reason="apt install mosquitto")
LIMIT = 60.0
COMMON = {"platform", "unique_id", "name", "state_topic", "value_template"}
SENSOR = COMMON | {"device_class", "state_class", "unit_of_measurement", "options"}
SET = COMMON | {"command_topic", "command_template"}
PLATFORMS = {
    "sensor": (COMMON, SENSOR),
    "binary_sensor": (COMMON, COMMON | {"device_class"}),
    "switch": (SET, SET),
    "select": (SET | {"options"}, SET | {"options"}),
    "number": (SET, SET | {"min", "max", "step", "unit_of_measurement", "device_class"}),
}
DEVICE_CLASSES = {"temperature": {"°C", "K"}, "duration": {"h", "ms"}, "distance": {"mm", "µm"}}
TEXT = {"type": "string", "minLength": 1}
TOPIC = {"type": "string", "minLength": 1, "pattern": "^[^+#\\u0000]+$"}
MESSAGE = {
    "type": "object",
    "required": ["device", "origin", "components", "availability"],
    "additionalProperties": False,
    "properties": {
        "device": {
            "type": "object",
            "required": ["identifiers", "name"],
            "additionalProperties": False,
            "properties": {
                "identifiers": {"type": "array", "minItems": 1, "items": TEXT},
                "name": TEXT,
                "model": TEXT,
            },
        },
        "origin": {
            "type": "object",
            "required": ["name"],
            "properties": {"name": TEXT, "sw_version": TEXT},
        },
        "availability_mode": {"enum": ["all", "any", "latest"]},
        "availability": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["topic"],
                "additionalProperties": False,
                "properties": {"topic": TOPIC, "value_template": TEXT},
            },
        },
        "components": {"type": "object", "additionalProperties": {"required": ["platform"]}},
    },
}


class Client:
    """A client of the hub's broker, with a teacher's token; keeps the newest of each topic."""

    def __init__(self, hub):
        secret, self.token = hub.new_token("teacher")
        end = time.monotonic() + LIMIT
        with hub.client("engineer") as engineer:
            while (state := engineer.get("/api/v1/mqtt").json())["status"] != "connected":
                assert time.monotonic() < end, state
                time.sleep(0.1)
        self.base, self.newest, ready = state["base"], {}, threading.Event()
        self.client = paho.Client(paho.CallbackAPIVersion.VERSION2)
        self.client.username_pw_set(self.token, secret)
        self.client.on_connect = lambda c, *_: c.subscribe(
            [
                (f"{self.base}/{one}", 1)
                for one in ("state", "+/state", "+/p/+", "x/homeassistant/#")
            ]
        )
        self.client.on_subscribe = lambda *_: ready.set()
        self.client.on_message = lambda _c, _u, m: self.newest.__setitem__(m.topic, m.payload)
        self.client.reconnect_delay_set(1, 1)
        self.client.connect("127.0.0.1", state["port"])
        self.client.loop_start()
        assert ready.wait(LIMIT)

    def configs(self):
        """The messages of discovery, by device."""
        prefix = f"{self.base}/x/homeassistant/device/"
        return {
            topic.removeprefix(prefix).removesuffix("/config"): json.loads(payload)
            for topic, payload in list(self.newest.items())
            if topic.startswith(prefix) and payload
        }

    def until(self, what, told):
        end = time.monotonic() + LIMIT
        while not (found := told()):
            assert time.monotonic() < end, f"{what} did not come"
            time.sleep(0.1)
        return found


CONFIG = """
language = "en"
[plugins.homeassistant]
discovery = true
language = "en"
user = "somebody"
may_set = ["virtual-microscope/light", "virtual-globe/no-such-thing"]
"""


@pytest.fixture(scope="module")
def hub(start_shared):
    return start_shared(
        "--virtual",
        config=CONFIG,
        environment={"CLASSHUB_MQTT__ENABLED": "true", "CLASSHUB_MQTT__PORT": "0"},
    )


@pytest.fixture(scope="module")
def client(hub):
    made = Client(hub)
    with hub.client("engineer") as engineer:
        devices = {one["id"] for one in engineer.get("/api/v1/devices").json()["items"]}
    made.until("all devices", lambda: devices <= set(made.configs()))
    yield made
    made.client.disconnect()
    made.client.loop_stop()


def filled(template, payload, **more):
    given = {} if payload is None else {"value_json": json.loads(payload)}
    return (
        jinja2.Environment(undefined=jinja2.StrictUndefined)
        .from_string(template)
        .render(**given, **more)
    )


def test_each_message_is_what_home_assistant_takes(client):
    configs = client.configs()
    assert len(configs) > 5
    unique = []
    for config in configs.values():
        jsonschema.validate(config, MESSAGE)
        for name, one in config["components"].items():
            least, most = PLATFORMS[one["platform"]]
            assert least <= set(one) <= most, (name, one)
            unique.append(one["unique_id"])
            if one.get("device_class") == "enum":
                assert one["options"]
                assert not {"state_class", "unit_of_measurement"} & set(one)
            elif (class_ := one.get("device_class")) is not None:
                assert one["unit_of_measurement"] in DEVICE_CLASSES[class_]
    assert len(unique) == len(set(unique)) > 20


def test_each_state_is_there_and_its_template_makes_a_state_of_it(client):
    seen = 0
    for config in client.configs().values():
        for one in config["components"].values():
            payload = client.newest.get(one["state_topic"])
            if payload is None or json.loads(payload)["value"] is None:
                continue
            state = filled(one["value_template"], payload)
            if "options" in one:
                assert state in one["options"]
            elif one["platform"] in ("binary_sensor", "switch"):
                assert state in ("ON", "OFF")
            elif "state_class" in one or one["platform"] == "number":
                float(state)
            assert len(state) <= 255
            seen += 1
    assert seen > 20


def test_what_is_not_known_is_unknown(client):
    """Home Assistant's word for it is what Jinja makes of null, in each platform (its `PAYLOAD_NONE`)."""
    for config in client.configs().values():
        for one in config["components"].values():
            assert filled(one["value_template"], '{"value": null}') == "None"


def test_who_cannot_be_reached_is_unavailable(client):
    for config in client.configs().values():
        hub, device = config["availability"]
        assert client.newest[hub["topic"]] == b"online"
        for reachable, word in ((True, "online"), (False, "offline")):
            assert filled(device["value_template"], json.dumps({"reachable": reachable})) == word
        assert filled(device["value_template"], client.newest[device["topic"]]) in (
            "online",
            "offline",
        )


def test_only_what_the_engineer_names_can_be_set_and_is(client, hub):
    to_set = [
        (device, name)
        for device, config in client.configs().items()
        for name, one in config["components"].items()
        if "command_topic" in one
    ]
    assert to_set == [("virtual-microscope", "light")]
    light = client.configs()["virtual-microscope"]["components"]["light"]
    assert light["platform"] == "number"
    said = filled(light["command_template"], None, value=37)
    topic = light["command_topic"].replace("/cmd/somebody/", f"/cmd/{client.token}/")
    client.client.publish(topic, said, qos=1)
    client.until(
        "the light",
        lambda: json.loads(client.newest[light["state_topic"]])["value"] == pytest.approx(37),
    )


async def test_it_is_off_by_default(hub_template, tmp_path):
    shutil.copytree(hub_template, tmp_path / "data")
    only = {name: one for name, one in NO_PLUGINS.items() if name != "homeassistant"}
    quiet = Hub(Settings(data=tmp_path / "data", plugins=only))
    await quiet.start()
    try:
        assert [one.name for one in quiet.plugins.running] == ["homeassistant"]
        quiet.bus.publish("globe-1/td", {}, retained=True)
        assert not list(quiet.bus.retained("x/homeassistant/#"))
    finally:
        await quiet.stop()
