"""The description of MQTT is valid AsyncAPI 3.0, and says what is on the wire."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from drivers.microscope.contract import Microscope
from hub.device import describe_kind
from hub.mqtt._topics import Topics
from hub.mqtt.asyncapi import asyncapi

SCHEMA = Path(__file__).parent / "schemas" / "asyncapi-3.0.0.json"


@pytest.fixture(scope="module", params=[True, False])
def document(request):
    kind = describe_kind(Microscope)
    return asyncapi(
        Topics("school", "lab"),
        {kind.kind: kind},
        version="1.2.3",
        host="127.0.0.1",
        port=1883,
        web="127.0.0.1:8420",
        commands=request.param,
    )


def test_the_document_is_valid(document):
    validator = Draft7Validator(json.loads(SCHEMA.read_text()))
    errors = sorted(validator.iter_errors(document), key=lambda e: list(e.path))
    assert [(list(e.path), e.message[:200]) for e in errors] == []


def test_every_reference_leads_somewhere(document):
    def follow(part):
        if isinstance(part, dict):
            if "$ref" in part:
                target = document
                for key in part["$ref"].removeprefix("#/").split("/"):
                    target = target[key]
            for one in part.values():
                follow(one)
        elif isinstance(part, list):
            for one in part:
                follow(one)

    follow(document)


def test_it_names_the_topics_of_each_property(document):
    channel = document["channels"]["microscope.focus"]
    assert channel["address"] == "classhub/1/school/lab/{device}/p/focus"
    payload = channel["messages"]["message"]["payload"]
    assert payload["required"] == ["value", "time", "quality"]
    Draft7Validator.check_schema(payload)
