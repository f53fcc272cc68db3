"""The AsyncAPI 3.0 document of MQTT and the stream, from the descriptions all else is made of.

https://www.asyncapi.com/docs/reference/specification/v3.0.0
"""

from collections.abc import Mapping
from typing import Any

from hub.device import KindDescription, Quality
from hub.device import Role as _Role
from hub.mqtt._stream_channel import STREAM, stream_channel, stream_operations, stream_server
from hub.mqtt._topics import Topics
from hub.operations import Status
from hub.things import inline

Part = dict[str, Any]

_TEXT: Part = {"type": "string"}
_ID: Part = {"type": "string", "pattern": "^[A-Za-z0-9._~-]{1,64}$"}
_TIME: Part = {"type": "string", "format": "date-time"}
_PARAMETERS: dict[str, Part] = {
    "device": {"description": "The device's id."},
    "user": {"description": "The sender: the id of the token, which is its MQTT user name."},
    "id": {"description": "As in the command."},
    "plugin": {"description": "The plugin's id."},
}


def asyncapi(
    topics: Topics,
    kinds: Mapping[str, KindDescription],
    *,
    version: str,
    host: str,
    port: int | None,
    commands: bool,
    web: str,
    tls_host: str | None = None,
    tls_port: int | None = None,
    web_tls: bool = False,
) -> Part:
    """Return the document.

    Args:
        topics: of the hub.
        kinds: of device that the installed drivers serve.
        version: of the hub.
        host: of the broker.
        port: of the broker, None while it does not listen.
        commands: whether commands are taken.
        web: host and port of the hub's own server, where the stream is.
        tls_host: where the broker listens by TLS, None where it does not.
        tls_port: its port there.
        web_tls: the hub's own server speaks TLS.
    """
    made = _Document(topics.base)
    made.add("hub.state", "state", "The hub is there or gone.", {"enum": ["online", "offline"]})
    made.add("device.td", "{device}/td", "W3C Thing Description 1.1 (retained).", _object({}))
    made.add("device.state", "{device}/state", "How a device is (retained).", _device_state())
    made.add("plugin", "x/{plugin}", "The root of what a plugin adds.", {})
    for kind in kinds.values():
        _members(made, kind, commands=commands)
    servers = {"broker": _broker("mqtt", host, port)}
    if tls_host is not None and tls_port is not None:
        servers["broker-tls"] = _broker("mqtts", tls_host, tls_port)
    for channel in made.channels.values():
        channel["servers"] = [{"$ref": f"#/servers/{name}"} for name in servers]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Classroom device hub: MQTT and WebSocket",
            "version": version,
            "description": (
                "MQTT: state and readings are retained and QoS 1, events and samples QoS 0. Sign in"
                " with a token: its id is the user name, its secret the password."
                " WebSocket: the same topics below one connection, and pictures."
            ),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {**servers, STREAM: stream_server(web, tls=web_tls)},
        "channels": {**made.channels, STREAM: stream_channel()},
        "operations": {**made.operations, **stream_operations()},
        "components": {
            "securitySchemes": {
                "token": {"type": "userPassword", "description": "A token's id and secret."},
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token's secret, at the handshake or by `authenticate`.",
                },
            }
        },
    }


def _broker(protocol: str, host: str, port: int | None) -> Part:
    name = f"[{host}]" if ":" in host else host
    return {
        "host": name if port is None else f"{name}:{port}",
        "protocol": protocol,
        "protocolVersion": "5.0",
        "description": "MQTT 3.1.1 is spoken as well.",
        "security": [{"$ref": "#/components/securitySchemes/token"}],
    }


class _Document:
    """Channels and operations as they are gathered; the hub sends, unless it receives."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.channels: Part = {}
        self.operations: Part = {}

    def channel(self, name: str, topic: str, summary: str, payload: Part) -> None:
        used = {word: _PARAMETERS[word] for word in _PARAMETERS if f"{{{word}}}" in topic}
        self.channels[name] = {
            "address": f"{self.base}/{topic}",
            "messages": {"message": {"summary": summary, "payload": payload}},
        }
        if used:
            self.channels[name]["parameters"] = used

    def add(self, name: str, topic: str, summary: str, payload: Part) -> None:
        """Add what the hub sends."""
        self.channel(name, topic, summary, payload)
        self.operations[f"send.{name}"] = {
            "action": "send",
            "channel": _to(name),
            "summary": summary,
            "messages": [_message(name)],
        }

    def take(self, name: str, topic: str, summary: str, payload: Part, reply: Part) -> None:
        """Add a command and its replies."""
        self.channel(name, topic, summary, payload)
        replies = f"{name}.reply"
        self.channel(replies, "reply/{user}/{id}", f"Answers: {summary}", reply)
        self.operations[f"receive.{name}"] = {
            "action": "receive",
            "channel": _to(name),
            "summary": summary,
            "messages": [_message(name)],
            "reply": {"channel": _to(replies), "messages": [_message(replies)]},
        }


def _members(made: _Document, kind: KindDescription, *, commands: bool) -> None:
    name: str
    for name, prop in kind.properties.items():
        if not _Role.PUPIL.includes(prop.role):
            continue
        value = inline(prop.value_schema)
        key = f"{kind.kind}.{name}"
        made.add(key, f"{{device}}/p/{name}", prop.title, _reading(value))
        if commands and prop.writable:
            asked = _object({"id": _ID, "value": value}, ["value"])
            topic = f"cmd/{{user}}/{{device}}/p/{name}/set"
            summary = f"Set: {prop.title} ({prop.write_role} and above)"
            made.take(f"{key}.set", topic, summary, asked, _reply(_reading(value)))
    for name, action in kind.actions.items():
        if commands:
            given = inline(action.input) if action.input is not None else {"type": "null"}
            topic = f"cmd/{{user}}/{{device}}/a/{name}/invoke"
            summary = f"{action.title} ({action.role} and above)"
            result = {} if action.output is None else inline(action.output)
            asked = _object({"id": _ID, "input": given}, [])
            made.take(f"{kind.kind}.{name}.invoke", topic, summary, asked, _reply(result))
    for name, event in kind.events.items():
        if _Role.PUPIL.includes(event.role):
            data = {} if event.data is None else inline(event.data)
            payload = _object({"data": data, "time": _TIME}, ["data", "time"])
            made.add(f"{kind.kind}.{name}", f"{{device}}/e/{name}", event.title, payload)
    for name, stream in kind.streams.items():
        if stream.sample is not None and _Role.PUPIL.includes(stream.role):
            samples = {"type": "array", "items": inline(stream.sample)}
            payload = _object({"samples": samples}, ["samples"])
            made.add(f"{kind.kind}.{name}", f"{{device}}/s/{name}", stream.title, payload)


def _object(properties: Part, required: list[str] | None = None) -> Part:
    found: Part = {"type": "object", "properties": properties}
    return {**found, "required": required} if required else found


def _reading(value: Part) -> Part:
    quality = {"enum": [quality.value for quality in Quality]}
    members = {"value": value, "time": _TIME, "quality": quality}
    return _object(members, ["value", "time", "quality"])


def _reply(result: Part) -> Part:
    problem = _object(dict.fromkeys(("code", "title", "hint", "detail"), _TEXT))
    members = {
        "id": {"type": ["string", "null"]},
        "status": {"enum": [status.value for status in Status]},
        "fraction": {"type": "number", "minimum": 0, "maximum": 1},
        "message": _TEXT,
        "operation": _TEXT,
        "result": result,
        "problem": problem,
    }
    return _object(members, ["id", "status"])


def _device_state() -> Part:
    members = {
        "id": _TEXT,
        "name": _TEXT,
        "kind": _TEXT,
        "presence": {"enum": ["present", "absent", "unknown"]},
        "reachable": {"type": "boolean"},
        "process": _TEXT,
        "problem": {"type": ["object", "null"]},
        "health": {"type": ["object", "null"]},
        "since": _TIME,
    }
    return _object(members, ["id", "reachable"])


def _to(channel: str) -> Part:
    return {"$ref": f"#/channels/{channel}"}


def _message(channel: str) -> Part:
    return {"$ref": f"#/channels/{channel}/messages/message"}
