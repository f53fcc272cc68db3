"""W3C Thing Models (a kind of device) and Thing Descriptions 1.1 (one device).

Derived from the compiled descriptions; nothing here knows any kind. The schemas describe what is on
the wire of the forms beside them (docs/adr/0004), so that a client that knows only the Web of
Things can read, write, observe and invoke. Links are relative to the hub's address unless a base is
given. https://www.w3.org/TR/wot-thing-description11/
"""

from collections.abc import Mapping
from typing import Any, Protocol

from hub.device import (
    ActionDescription,
    DeviceDescription,
    EventDescription,
    KindDescription,
    Members,
    PropertyDescription,
    Quality,
    StreamDescription,
)
from hub.operations import Status

CONTEXT = "https://www.w3.org/2022/wot/td/v1.1"
API = "/api/v1"
MJPEG = "multipart/x-mixed-replace"
SSE = "text/event-stream"

Thing = dict[str, Any]
Member = PropertyDescription | ActionDescription | EventDescription | StreamDescription

_TIME: Thing = {"type": "string", "format": "date-time"}
_QUALITY: Thing = {"type": "string", "enum": [quality.value for quality in Quality]}
_PROBLEM: Thing = {
    "title": "Problem",
    "description": "What is wrong and what to do now (RFC 9457).",
    "type": "object",
    "properties": {
        "status": {"type": "integer"},
        **{name: {"type": "string"} for name in ("code", "title", "hint", "detail")},
    },
    "required": ["status", "code", "title"],
}


class DescribedDevice(Protocol):
    """What a Thing Description is made from."""

    @property
    def id(self) -> str:
        """The device's id."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def kind(self) -> str:
        """Its kind."""

    @property
    def kind_title(self) -> str:
        """The kind's name."""

    @property
    def description(self) -> DeviceDescription | None:
        """What it has."""


def thing_model(kind: KindDescription) -> Thing:
    """Return the Thing Model of a kind: what every driver of it may serve, without addresses."""
    optional = [
        f"/{group}/{name}"
        for group, members in _groups(kind)
        for name, member in members.items()
        if member.optional
    ]
    streams = [name for name, one in kind.streams.items() if one.content == "frames"]
    optional = [
        path.replace("/streams/", "/properties/" if path.split("/")[-1] in streams else "/events/")
        for path in optional
    ]
    model: Thing = {
        "@context": [CONTEXT, {"@language": "en"}],
        "@type": "tm:ThingModel",
        "id": f"urn:classhub:kind:{kind.kind}",
        "title": kind.title,
        "description": kind.doc,
        **_affordances(kind, None),
    }
    if optional:
        model["tm:optional"] = optional
    return model


def thing_description(device: DescribedDevice, *, base: str | None = None) -> Thing:
    """Return the Thing Description of one device.

    Args:
        device: it; one that was never connected has no members yet.
        base: the hub's address, such as `http://10.0.0.5:8420`; left out, links are relative to
            wherever the description was got from.
    """
    description = device.description
    thing: Thing = {
        "@context": [CONTEXT, {"@language": "en"}],
        "@type": "Thing",
        "id": f"urn:classhub:device:{device.id}",
        "title": device.name,
        "description": device.kind_title,
        "version": {"instance": str(0 if description is None else description.revision)},
        "securityDefinitions": {
            "bearer": {"scheme": "bearer", "in": "header", "format": "opaque", "alg": "none"}
        },
        "security": "bearer",
        "schemaDefinitions": {"problem": _PROBLEM},
        "links": [
            {"rel": "type", "href": f"{API}/kinds/{device.kind}", "type": "application/tm+json"}
        ],
    }
    if base is not None:
        thing["base"] = base
    if description is not None:
        thing |= _affordances(description, f"{API}/devices/{device.id}")
    return thing


def _groups(members: Members) -> list[tuple[str, Mapping[str, Any]]]:
    return [
        ("properties", members.properties),
        ("actions", members.actions),
        ("events", members.events),
        ("streams", members.streams),
    ]


def _affordances(members: Members, address: str | None) -> Thing:
    """Return the interaction affordances; with forms where there is an address."""
    properties = {name: _property(one, address) for name, one in members.properties.items()}
    actions = {name: _action(one, address) for name, one in members.actions.items()}
    events: Thing = {}
    for name, event in members.events.items():
        data = {"type": "null"} if event.data is None else inline(event.data)
        payload = _object({"data": data, "time": _TIME})
        events[name] = _event(event, payload, address)
    for name, stream in members.streams.items():
        if stream.content == "frames":
            properties[name] = _frames(stream, address)
        else:
            payload = _object({"samples": {"type": "array", "items": inline(stream.sample or {})}})
            events[name] = _event(stream, payload, address)
    return {"properties": properties, "actions": actions, "events": events}


def _named(member: Member) -> Thing:
    return {"title": member.title, "description": member.doc}


def _object(properties: Thing, required: list[str] | None = None) -> Thing:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
    }


def _property(member: PropertyDescription, address: str | None) -> Thing:
    value = inline(member.value_schema)
    if member.unit is not None:
        value["unit"] = member.unit
    if member.writable:
        # One schema for both ways: only `value` is written, all three are read.
        told = {"time": _TIME | {"readOnly": True}, "quality": _QUALITY | {"readOnly": True}}
        schema = _object({"value": value, **told}, ["value"])
    else:
        schema = _object({"value": value, "time": _TIME, "quality": _QUALITY})
    access = {"readOnly": not member.writable, "writeOnly": False, "observable": True}
    found = {**_named(member), **schema, **access}
    if address is not None:
        where = f"{address}/properties/{member.name}"
        found["forms"] = [
            _form(["readproperty", "writeproperty"] if member.writable else "readproperty", where),
            _live_form(["observeproperty", "unobserveproperty"], where),
        ]
    return found


def _action(member: ActionDescription, address: str | None) -> Thing:
    """Return an action: what it answers with is the operation, which is followed by its id."""
    found = {**_named(member), "synchronous": False}
    if member.input is not None:
        found["input"] = _object({"input": inline(member.input)})
    result: Thing = {"type": "null"}
    if member.output is not None:
        result = {"oneOf": [inline(member.output), result]}
    found["output"] = _operation(result)
    if address is not None:
        operation = f"{API}/operations/{{id}}"
        found["uriVariables"] = {"id": {"type": "string", "description": "`id` of the operation."}}
        found["forms"] = [
            _form("invokeaction", f"{address}/actions/{member.name}", "POST"),
            _form("queryaction", operation, "GET"),
            _form("cancelaction", operation, "DELETE"),
        ]
    return found


def _operation(result: Thing) -> Thing:
    text = {"type": "string"}
    problem = {"oneOf": [_object({"code": text, "title": text, "hint": text}), {"type": "null"}]}
    return _object(
        {
            "id": text,
            "status": {"type": "string", "enum": [status.value for status in Status]},
            "fraction": {"type": "number", "minimum": 0, "maximum": 1},
            "message": text,
            "result": result,
            "problem": problem,
            "started": _TIME,
            "ended": {"oneOf": [_TIME, {"type": "null"}]},
        }
    )


def _event(member: Member, payload: Thing, address: str | None) -> Thing:
    found = {**_named(member), "data": payload}
    if address is not None:
        where = f"{address}/events/{member.name}"
        found["forms"] = [_live_form(["subscribeevent", "unsubscribeevent"], where)]
    return found


def _frames(stream: StreamDescription, address: str | None) -> Thing:
    """Return a frame stream as a property: its newest picture is read, the stream observed."""
    found: Thing = {
        **_named(stream),
        "contentMediaType": "image/jpeg",
        "readOnly": True,
        "writeOnly": False,
        "observable": True,
    }
    if address is not None:
        where = f"{address}/streams/{stream.name}"
        found["forms"] = [
            {**_form("readproperty", f"{where}/latest.jpg"), "contentType": "image/jpeg"},
            {**_form("observeproperty", f"{where}/live"), "contentType": MJPEG},
        ]
    return found


def _form(operations: str | list[str], href: str, method: str | None = None) -> Thing:
    found: Thing = {"op": operations, "href": href, "contentType": "application/json"}
    if method is not None:
        found["htv:methodName"] = method
    refused = {"success": False, "contentType": "application/problem+json", "schema": "problem"}
    return {**found, "additionalResponses": [refused]}


def _live_form(operations: list[str], where: str) -> Thing:
    """Return a form for Server-Sent Events; the data of each is JSON."""
    return {**_form(operations, f"{where}/live"), "contentType": SSE, "subprotocol": "sse"}


def inline(schema: Thing) -> Thing:
    """Return a JSON Schema as a TD data schema: references replaced by what they name.

    Data schemas know no `$defs`, and of alternatives only `oneOf`; `anyOf` stays where a value may
    fit several. A definition that names itself is cut off where it does so.
    """
    defs = schema.get("$defs", {})

    def walk(part: Any, inside: tuple[str, ...]) -> Any:
        if isinstance(part, list):
            return [walk(item, inside) for item in part]
        if not isinstance(part, dict):
            return part
        found: Thing = {}
        ref = part.get("$ref")
        if isinstance(ref, str):
            name = ref.rpartition("/")[2]
            if name not in inside:
                found |= walk(defs.get(name, {}), (*inside, name))
        for key, value in part.items():
            if key not in ("$ref", "$defs"):
                found[key] = walk(value, inside)
        if "anyOf" in found and "oneOf" not in found and _apart(found["anyOf"]):
            found["oneOf"] = found.pop("anyOf")
        return found

    result: Thing = walk(schema, ())
    return result


def _apart(alternatives: list[Thing]) -> bool:
    """Tell whether no value fits two of the alternatives: they are of different types."""
    types = [one.get("type") for one in alternatives]
    whole = ["number" if one == "integer" else one for one in types]
    return None not in whole and len(set(map(str, whole))) == len(whole)
