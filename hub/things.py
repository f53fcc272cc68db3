"""W3C Thing Models (a kind of device) and Thing Descriptions 1.1 (one device).

Derived from the compiled descriptions; nothing here knows any kind. Links are relative to the hub's
address unless a base is given. https://www.w3.org/TR/wot-thing-description11/
"""

from collections.abc import Mapping
from typing import Any, Protocol

from hub.device import DeviceDescription, KindDescription, Members, PropertyDescription

CONTEXT = "https://www.w3.org/2022/wot/td/v1.1"
API = "/api/v1"
MJPEG = "multipart/x-mixed-replace"

Thing = dict[str, Any]


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
    events: Thing = {}
    for name, event in members.events.items():
        found = _named(event)
        if event.data is not None:
            found["data"] = inline(event.data)
        if address is not None:
            found["forms"] = [_stream_form("subscribeevent", "unsubscribeevent")]
        events[name] = found
    for name, stream in members.streams.items():
        if stream.content == "frames":
            properties[name] = _frames(stream, address)
        else:
            found = _named(stream)
            found["data"] = {"type": "array", "items": inline(stream.sample or {})}
            if address is not None:
                found["forms"] = [_stream_form("subscribeevent", "unsubscribeevent")]
            events[name] = found
    actions: Thing = {}
    for name, action in members.actions.items():
        found = _named(action)
        for key, schema in (("input", action.input), ("output", action.output)):
            if schema is not None:
                found[key] = inline(schema)
        if address is not None:
            found["synchronous"] = False
            found["forms"] = [
                {
                    "op": "invokeaction",
                    "href": f"{address}/actions/{name}",
                    "contentType": "application/json",
                    "htv:methodName": "POST",
                }
            ]
        actions[name] = found
    return {"properties": properties, "actions": actions, "events": events}


def _named(member: Any) -> Thing:
    return {"title": member.title, "description": member.doc}


def _property(member: PropertyDescription, address: str | None) -> Thing:
    found = {**inline(member.value_schema), **_named(member)}
    if member.unit is not None:
        found["unit"] = member.unit
    found |= {"readOnly": not member.writable, "writeOnly": False, "observable": True}
    if address is not None:
        operations = ["readproperty", "writeproperty"] if member.writable else ["readproperty"]
        found["forms"] = [
            {
                "op": operations,
                "href": f"{address}/properties/{member.name}",
                "contentType": "application/json",
            },
            _stream_form("observeproperty", "unobserveproperty"),
        ]
    return found


def _frames(stream: Any, address: str | None) -> Thing:
    """Return a frame stream as a property: its newest picture is read, the stream observed."""
    found: Thing = {
        **_named(stream),
        "type": "string",
        "contentMediaType": "image/jpeg",
        "readOnly": True,
        "writeOnly": False,
        "observable": True,
    }
    if address is not None:
        where = f"{address}/streams/{stream.name}"
        found["forms"] = [
            {"op": "readproperty", "href": f"{where}/latest.jpg", "contentType": "image/jpeg"},
            {"op": "observeproperty", "href": f"{where}/live", "contentType": MJPEG},
        ]
    return found


def _stream_form(*operations: str) -> Thing:
    return {
        "op": list(operations),
        "href": f"{API}/stream",
        "contentType": "application/json",
        "subprotocol": "websocket",
    }


def inline(schema: Thing) -> Thing:
    """Return a JSON Schema as a TD data schema: references replaced by what they name.

    Data schemas know neither `$defs` nor `anyOf`; alternatives become `oneOf`. A definition that
    names itself is cut off where it does so.
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
                found["oneOf" if key == "anyOf" else key] = walk(value, inside)
        return found

    result: Thing = walk(schema, ())
    return result
