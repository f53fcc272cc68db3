"""What Home Assistant is told of a device: MQTT discovery, one message for a device.

Source: home-assistant.io, "MQTT: device discovery payload" (`components`), with the schemas of the
platforms sensor, binary_sensor, number, select and switch.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# UCUM, as descriptions have it, and what Home Assistant calls the same.
UNITS = {"Cel": "°C", "um": "µm", "um/px": "µm/px"}
CLASSES = {"Cel": "temperature", "h": "duration", "mm": "distance"}
MOST_STATE = 255
MOST_OPTIONS = 100


@dataclass(frozen=True, slots=True)
class Place:
    """Where things are.

    Attributes:
        base: what all topics of the hub start with. version: of the hub's software.
        user: the id of Home Assistant's token, for its commands; empty where it sends none.
    """

    base: str
    version: str
    user: str = ""

    @property
    def hub(self) -> str:
        """The hub's id."""
        return self.base.rsplit("/", 1)[1]


@dataclass(frozen=True, slots=True)
class Property:
    """A property of a device: its name, its title for people, its description."""

    name: str
    title: str
    schema: Mapping[str, Any]
    unit: str | None
    writable: bool


def discovery(
    place: Place,
    device: str,
    name: str,
    model: str,
    properties: Iterable[Property],
    allowed: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """Return the message that makes a device appear.

    Args:
        place: where things are.
        device: its id.
        name: what people call it.
        model: what it is.
        properties: of it; those that Home Assistant has no form for are left out.
        allowed: names of properties that Home Assistant may set.
    """
    topic = f"{place.base}/{device}"
    reachable = "{{ 'online' if value_json.reachable else 'offline' }}"
    components = {}
    for one in properties:
        component = _component(place, topic, one, may_set=one.name in allowed and bool(place.user))
        if component is not None:
            component["unique_id"] = f"classhub-{place.hub}-{device}-{one.name}"
            component["name"] = one.title
            component["state_topic"] = f"{topic}/p/{one.name}"
            components[one.name] = component
    return {
        "device": {
            "identifiers": [f"classhub-{place.hub}-{device}"],
            "name": name,
            "model": model,
        },
        "origin": {"name": "Classroom device hub", "sw_version": place.version},
        "availability": [
            {"topic": f"{place.base}/state"},
            {"topic": f"{topic}/state", "value_template": reachable},
        ],
        "availability_mode": "all",
        "components": components,
    }


def _component(place: Place, topic: str, one: Property, *, may_set: bool) -> dict[str, Any] | None:
    schema = _plain(one.schema, one.schema)
    kind, options = schema.get("type"), schema.get("enum")
    made: dict[str, Any] | None = None
    if kind == "boolean":
        made = {"platform": "binary_sensor", "value_template": _ON_OFF}
    elif isinstance(options, list) and all(isinstance(option, str) for option in options):
        if len(options) <= MOST_OPTIONS:
            made = {"platform": "sensor", "device_class": "enum", "options": options, **_VALUE}
    elif kind in ("number", "integer"):
        made = {"platform": "sensor", "state_class": "measurement", **_VALUE}
        if one.unit is not None:
            made["unit_of_measurement"] = UNITS.get(one.unit, one.unit)
            made |= {"device_class": CLASSES[one.unit]} if one.unit in CLASSES else {}
    elif kind == "string":
        # Home Assistant keeps no longer states.
        short = f"{{{{ (value_json.value | string)[:{MOST_STATE}] }}}}"
        made = {"platform": "sensor", "value_template": short}
    if made is None or not (may_set and one.writable):
        return made
    return _to_set(
        made, schema, f"{place.base}/cmd/{place.user}/{topic.rsplit('/', 1)[1]}/p/{one.name}/set"
    )


def _to_set(made: dict[str, Any], schema: Mapping[str, Any], topic: str) -> dict[str, Any]:
    """Return the same thing with a way to set it; as it was where there is none."""
    command = {"command_topic": topic}
    value = '{"id": "home-assistant", "value": {{ value | tojson }}}'
    if made["platform"] == "binary_sensor":
        on_off = '{"id": "home-assistant", "value": {{ (value == "ON") | tojson }}}'
        return {**made, "platform": "switch", **command, "command_template": on_off}
    if "options" in made:
        plain = {name: at for name, at in made.items() if name != "device_class"}
        return {**plain, "platform": "select", **command, "command_template": value}
    if "minimum" in schema and "maximum" in schema:
        plain = {name: at for name, at in made.items() if name != "state_class"}
        limits = {"min": schema["minimum"], "max": schema["maximum"]}
        step = {"step": 1 if schema.get("type") == "integer" else 0.01}
        return {
            **plain,
            "platform": "number",
            **limits,
            **step,
            **command,
            "command_template": value,
        }
    return made


def _plain(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a schema says, its reference followed and its null left out."""
    if isinstance(ref := schema.get("$ref"), str):
        return _plain(whole.get("$defs", {}).get(ref.rsplit("/", 1)[1], {}), whole)
    some = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    return _plain(some[0], whole) if len(some) == 1 else schema


_VALUE = {"value_template": "{{ value_json.value }}"}
# What is not known is neither: Home Assistant takes "None" for unknown, in each of its platforms.
_ON_OFF = "{{ 'None' if value_json.value is none else 'ON' if value_json.value else 'OFF' }}"
