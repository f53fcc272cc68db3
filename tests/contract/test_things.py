"""Thing Models and Thing Descriptions are what the W3C says they are."""

import json
import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import jsonschema
import pytest
from pydantic import BaseModel

from drivers.globe.contract import Globe
from drivers.microscope.contract import Microscope
from drivers.panel.contract import Panel
from drivers.printer.contract import Printer
from drivers.tablet.contract import Tablet
from drivers.touch_table.contract import TouchTable
from hub.device import (
    Action,
    Device,
    DeviceDescription,
    Event,
    FrameStream,
    KindDescription,
    Property,
    SampleStream,
    describe_kind,
)
from hub.things import inline, thing_description, thing_model

HERE = Path(__file__).parent
SNAPSHOTS = HERE / "snapshots"


def validator(name):
    schema = json.loads((HERE / "schemas" / name).read_text())
    return jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker())


TD = validator("td-json-schema-validation.json")
TM = validator("tm-json-schema-validation.json")


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Part(BaseModel):
    colour: Colour
    size: float | None = None
    inside: "Part | None" = None


class Everything(Device, kind="everything", title="Everything"):
    """Everything.

    A kind that has all that a contract can have.
    """

    text: Property[str] = Property(str, title="Text", doc="A text.", writable=True)
    number: Property[float] = Property(
        float, title="Number", doc="A number.", unit="um", minimum=-1, maximum=1, optional=True
    )
    colour: Property[Colour] = Property(
        Colour, title="Colour", doc="A colour.", writable=True, choices=[Colour.RED]
    )
    part: Property[Part] = Property(Part, title="Part", doc="A part.", optional=True)
    either: Property[int | float] = Property(int | float, title="E", doc="E.", optional=True)  # type: ignore[arg-type]
    parts: Property[list[Part]] = Property(list[Part], title="Parts", doc="Parts.")
    maybe: Property[int | None] = Property(int | None, title="Maybe", doc="Maybe.")  # type: ignore[arg-type]
    build: Action[Part, Part] = Action(input=Part, output=Part, title="Build", doc="Builds.")
    plain: Action[None, None] = Action(title="Plain", doc="Plain.", optional=True)
    built: Event[Part] = Event(Part, title="Built", doc="Was built.")
    bare: Event[None] = Event(title="Bare", doc="Bare.", optional=True)
    view = FrameStream(title="View", doc="Pictures.")
    pen: SampleStream[Part] = SampleStream(Part, title="Pen", doc="Samples.", optional=True)


@dataclass
class Thing:
    kind_description: KindDescription
    id: str = "m1"
    name: str = "Microscope at the window"

    @property
    def kind(self):
        return self.kind_description.kind

    @property
    def kind_title(self):
        return self.kind_description.title

    @property
    def description(self):
        members = dict(self.kind_description)
        return DeviceDescription(
            kind=self.kind,
            revision=3,
            **{group: members[group] for group in ("properties", "actions", "events", "streams")},
        )


KINDS = [
    describe_kind(one)
    for one in (Microscope, Everything, Panel, Printer, Tablet, TouchTable, Globe)
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_a_thing_model_is_valid(kind):
    TM.validate(thing_model(kind))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
@pytest.mark.parametrize("base", [None, "http://10.0.0.5:8420"])
def test_a_thing_description_is_valid(kind, base):
    thing = thing_description(Thing(kind), base=base)
    TD.validate(thing)
    assert thing.get("base") == base


def test_a_device_that_was_never_connected_has_a_valid_description_too():
    class Never(Thing):
        description = None

    TD.validate(thing_description(Never(KINDS[0])))


def test_optional_members_are_named_where_they_stand_in_the_model():
    model = thing_model(KINDS[1])
    for pointer in model["tm:optional"]:
        _, group, name = pointer.split("/")
        assert name in model[group]
    assert "/events/pen" in model["tm:optional"]


def test_every_form_leads_to_a_route_of_the_api():
    thing = thing_description(Thing(KINDS[1]))
    for group in ("properties", "actions", "events"):
        for affordance in thing[group].values():
            assert affordance["forms"]
            assert all(form["href"].startswith("/api/v1/") for form in affordance["forms"])
    assert thing["properties"]["view"]["forms"][0]["contentType"] == "image/jpeg"
    assert "writeproperty" in thing["properties"]["text"]["forms"][0]["op"]
    assert "writeproperty" not in thing["properties"]["number"]["forms"][0]["op"]
    assert thing["actions"]["build"]["forms"][1]["href"] == "/api/v1/operations/{id}"
    assert thing["events"]["pen"]["forms"][0]["subprotocol"] == "sse"


WHEN = "2026-11-23T10:00:00.000Z"


def valid(schema, data):
    return jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker()).is_valid(
        data
    )


def test_schemas_describe_what_is_on_the_wire():
    thing = thing_description(Thing(KINDS[1]))
    number, text = thing["properties"]["number"], thing["properties"]["text"]
    assert valid(number, {"value": 0.5, "time": WHEN, "quality": "good"})
    assert not valid(number, {"value": 2, "time": WHEN, "quality": "good"})
    assert not valid(number, {"value": 0.5})
    assert not valid(number, 0.5)
    assert number["properties"]["value"]["unit"] == "um"
    either = thing["properties"]["either"]
    assert all(valid(either, {"value": v, "time": WHEN, "quality": "good"}) for v in (3, 3.5))
    assert valid(text, {"value": "to be written"})
    assert not valid(text, {"value": None})
    assert valid(thing["actions"]["build"]["input"], {"input": {"colour": "red"}})
    assert not valid(thing["actions"]["build"]["input"], {"colour": "red"})
    assert "input" not in thing["actions"]["plain"]
    assert valid(thing["events"]["bare"]["data"], {"data": None, "time": WHEN})
    assert valid(thing["events"]["pen"]["data"], {"samples": [{"colour": "blue"}]})


def test_a_schema_is_written_out_and_a_definition_that_names_itself_ends():
    schema = inline(describe_kind(Everything).properties["parts"].value_schema)
    assert "$" not in json.dumps(schema)
    assert schema["items"]["properties"]["colour"]["enum"] == ["red", "blue"]


@pytest.mark.parametrize("kind", [k for k in KINDS if k.kind != "everything"], ids=lambda k: k.kind)
def test_a_thing_model_has_not_changed_unnoticed(kind):
    """Look at the difference; where it is meant: UPDATE_SNAPSHOTS=1."""
    file = SNAPSHOTS / f"{kind.kind}.tm.json"
    model = json.dumps(thing_model(kind), indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        file.write_text(model)
    assert file.read_text() == model
