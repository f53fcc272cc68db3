"""A client that knows the Web of Things and nothing of the hub uses a device by its description."""

import json
import time
from urllib.parse import urljoin

import httpx
import jsonschema
import pytest

GROUPS = {"property": "properties", "action": "actions", "event": "events"}
METHODS = {"writeproperty": "PUT", "invokeaction": "POST"}


class Consumer:
    """Follows a Thing Description 1.1 (hrefs, op, contentType, schemas, security), as node-wot."""

    def __init__(self, address, token):
        self.http = httpx.Client(timeout=20)
        self.token = token
        self.thing = self.http.get(address, headers={"Authorization": f"Bearer {token}"}).json()

    def affordance(self, op, name):
        group = next(found for word, found in GROUPS.items() if op.endswith(word))
        return self.thing[group][name]

    def request(self, op, name, payload=None, **variables):
        found = self.affordance(op, name)
        form = next(f for f in found["forms"] if op in f["op"])
        href = form["href"]
        for variable, value in variables.items():
            self.check(found["uriVariables"][variable], value)
            href = href.replace(f"{{{variable}}}", value)
        headers = {"Accept": form["contentType"], **self.security()}
        content = None
        if payload is not None:
            self.check(found if op == "writeproperty" else found["input"], payload)
            headers["Content-Type"] = form["contentType"]
            content = json.dumps(payload)
        method = form.get("htv:methodName", METHODS.get(op, "GET"))
        url = urljoin(self.thing["base"], href)
        return form, self.http.build_request(method, url, headers=headers, content=content)

    def security(self):
        names = self.thing["security"]
        name = names if isinstance(names, str) else names[0]
        definition = self.thing["securityDefinitions"][name]
        assert (definition["scheme"], definition["in"]) == ("bearer", "header")
        return {"Authorization": f"Bearer {self.token}"}

    def do(self, op, name, payload=None, **variables):
        form, request = self.request(op, name, payload, **variables)
        answer = self.http.send(request)
        media_type = answer.headers["content-type"].split(";")[0]
        if not answer.is_success:
            refused = next(r for r in form["additionalResponses"] if not r["success"])
            assert media_type == refused["contentType"]
            self.check(self.thing["schemaDefinitions"][refused["schema"]], answer.json())
            return answer.json()
        assert media_type == form["contentType"]
        if media_type != "application/json":
            return answer.content
        found = self.affordance(op, name)
        self.check(found["output"] if op.endswith("action") else found, answer.json())
        return answer.json()

    def follow(self, op, name, schema):
        form, request = self.request(op, name)
        assert form["subprotocol"] == "sse"
        answer = self.http.send(request, stream=True)
        assert answer.headers["content-type"].split(";")[0] == form["contentType"]
        try:
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    told = json.loads(line.removeprefix("data: "))
                    self.check(schema, told)
                    yield told
        finally:
            answer.close()

    def check(self, schema, data):
        formats = jsonschema.FormatChecker()
        jsonschema.Draft7Validator(schema, format_checker=formats).validate(data)


@pytest.fixture
def consumer(start):
    hub = start("--virtual", config='[[devices]]\nid = "gone"\ndriver = "unheard-of"\n')
    end = time.monotonic() + 30
    with hub.client("teacher") as teacher:
        device = {"state": {"reachable": False}}
        while not device["state"]["reachable"]:
            assert time.monotonic() < end, device
            device = teacher.get("/api/v1/devices?kind=microscope").json()["items"][0]
    made = Consumer(f"{hub.url}/api/v1/devices/{device['id']}/td", hub.token("teacher"))
    yield made
    made.http.close()


def test_the_description_alone_is_enough_to_use_a_microscope(consumer):
    for name, found in consumer.thing["properties"].items():
        if found.get("type") == "object":
            assert consumer.do("readproperty", name)["quality"] == "good"

    light = consumer.follow("observeproperty", "light", consumer.thing["properties"]["light"])
    before = next(light)["value"]
    wanted = 30.0 if before != 30.0 else 31.0
    assert consumer.do("writeproperty", "light", {"value": wanted})["value"] == wanted
    assert next(told for told in light if told["value"] != before)["value"] == wanted
    light.close()

    operation = consumer.do("invokeaction", "autofocus")
    while operation["status"] in ("pending", "running"):
        operation = consumer.do("queryaction", "autofocus", id=operation["id"])
    assert operation["status"] == "done"
    assert operation["result"]["focus"] == consumer.do("readproperty", "focus")["value"]

    operation = consumer.do("invokeaction", "autofocus")
    consumer.do("cancelaction", "autofocus", id=operation["id"])
    while operation["status"] in ("pending", "running"):
        operation = consumer.do("queryaction", "autofocus", id=operation["id"])
    assert operation["status"] == "cancelled"

    assert consumer.do("readproperty", "view")[:2] == b"\xff\xd8"
    form, request = consumer.request("observeproperty", "view")
    live = consumer.http.send(request, stream=True)
    assert live.headers["content-type"].startswith(form["contentType"])
    assert b"image/jpeg" in next(live.iter_raw())
    live.close()


def test_what_the_description_does_not_allow_is_refused_as_it_says(consumer):
    light = consumer.thing["properties"]["light"]
    too_much = {"value": light["properties"]["value"]["maximum"] + 1}
    with pytest.raises(jsonschema.ValidationError):
        consumer.do("writeproperty", "light", too_much)
    consumer.check = lambda *_: None
    assert consumer.do("writeproperty", "light", too_much)["code"] == "out-of-range"
    assert consumer.do("queryaction", "autofocus", id="nothing")["code"] == "not-found"
    missing = consumer.thing["base"] + "/api/v1/devices/virtual-microscope/events/view/live"
    answer = consumer.http.get(missing, headers=consumer.security())
    assert answer.json()["code"] == "not-found"
    never = consumer.http.get(
        consumer.thing["base"] + "/api/v1/devices/gone/td", headers=consumer.security()
    )
    assert (never.status_code, never.json()["code"]) == (503, "driver-missing")
    assert never.json()["hint"]
