"""The WebSocket of the API, `/api/v1/stream`, as a channel of the AsyncAPI document."""

from typing import Any

Part = dict[str, Any]

STREAM = "stream"
"""The name of its server and of its channel."""

_PATH = "/api/v1/stream"
_SUB: Part = {"type": "integer", "minimum": 0, "description": "The subscription's number."}
_TEXT: Part = {"type": "string"}


def stream_server(host: str, *, tls: bool) -> Part:
    """Return the server at `host`, with its port."""
    return {
        "host": host,
        "protocol": "wss" if tls else "ws",
        "security": [{"$ref": "#/components/securitySchemes/bearer"}],
    }


def stream_channel() -> Part:
    """Return the channel: one connection, all messages of both directions."""
    messages = {**_FROM_CLIENT, **_TO_CLIENT}
    return {
        "address": _PATH,
        "servers": [{"$ref": f"#/servers/{STREAM}"}],
        "description": (
            "Close codes: 4401 not signed in (any more), 1008 the rules were broken, 1013 too slow."
            " At most one picture of a subscription is unacknowledged."
        ),
        "messages": messages,
    }


def stream_operations() -> Part:
    """Return what the hub receives and sends there."""
    return {
        "receive.stream": _operation("receive", "What a client says.", _FROM_CLIENT),
        "send.stream": _operation("send", "What the hub says.", _TO_CLIENT),
    }


def _operation(action: str, summary: str, messages: Part) -> Part:
    channel = f"#/channels/{STREAM}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "summary": summary,
        "messages": [{"$ref": f"{channel}/messages/{name}"} for name in messages],
    }


def _object(properties: Part, *required: str) -> Part:
    return {"type": "object", "properties": properties, "required": list(required)}


def _said(op: str, summary: str, **members: Part) -> Part:
    payload = _object({"op": {"const": op}, **members}, "op", *members)
    return {"summary": summary, "payload": payload}


def _subscribe() -> Part:
    message = _said(
        "subscribe",
        "Messages whose topic fits, retained ones first. Topics are those of MQTT below the hub's.",
        sub=_SUB,
        filter={"type": "string", "minLength": 1, "maxLength": 300},
    )
    message["payload"]["properties"]["form"] = {
        "enum": ["json", "binary"],
        "default": "json",
        "description": "Binary: `packed` messages, of fewer bytes; for pens and touches.",
    }
    return message


def _frames() -> Part:
    message = _said("frames", "Pictures of a device.", sub=_SUB, device=_TEXT, stream=_TEXT)
    message["payload"]["properties"]["size"] = {
        "enum": ["full", "small"],
        "default": "full",
        "description": "Small: 640 pixels of the longer side at most, ten times a second at most.",
    }
    return message


_FROM_CLIENT: Part = {
    "authenticate": _said(
        "authenticate", "Within 5 s, where no cookie or bearer token came.", token=_TEXT
    ),
    "subscribe": _subscribe(),
    "frames": _frames(),
    "unsubscribe": _said("unsubscribe", "No more of it.", sub=_SUB),
    "acknowledge": {
        "summary": "The picture is drawn, the newest may come.",
        "payload": _object({"ack": {"type": "integer"}, "sub": _SUB}, "ack", "sub"),
    },
}

_TO_CLIENT: Part = {
    "welcome": _said(
        "welcome",
        "Who the client is signed in as.",
        principal=_object({"id": _TEXT, "name": _TEXT, "role": _TEXT}, "id", "role"),
    ),
    "subscribed": _said("subscribed", "From here on it is heard.", sub=_SUB),
    "message": {
        "summary": "A message of a subscription.",
        "payload": _object({"sub": _SUB, "topic": _TEXT, "payload": {}}, "sub", "topic", "payload"),
    },
    "packed": {
        "summary": (
            "A message of a subscription in the binary form: u32 big-endian header length; JSON"
            " {sub, topic, type}; the payload as MessagePack."
        ),
        "contentType": "application/octet-stream",
        "payload": {"type": "string", "format": "binary"},
    },
    "problem": _said(
        "problem",
        "A request that was refused, or a stream that fails.",
        sub={"type": ["integer", "null"]},
        problem=_object(dict.fromkeys(("code", "title", "hint"), _TEXT), "code", "title"),
    ),
    "picture": {
        "summary": (
            "u32 big-endian header length; JSON {sub, frame, time, type}; the bytes of the picture"
            " as the device made them."
        ),
        "contentType": "application/octet-stream",
        "payload": {"type": "string", "format": "binary"},
    },
}
