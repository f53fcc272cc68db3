"""What the API says of MQTT: the AsyncAPI document for everybody, its state for the engineer."""

from typing import Annotated, Any, Literal

from fastapi import Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from hub.api.context import Language, TheHub
from hub.api.routing import PREFIX, Router
from hub.api.security import Requires, public
from hub.device import Role
from hub.mqtt.asyncapi import asyncapi
from hub.rights import Principal

router = Router(prefix=PREFIX, tags=["Hub"])


class MqttModel(BaseModel):
    """How MQTT is, and what to do where it is not."""

    status: Literal["off", "starting", "connected", "not-installed", "not-reachable"]
    managed: bool
    host: str
    port: int | None
    tls_port: int | None
    base: str
    commands: bool
    hint: str
    counters: dict[str, int]


@router.get(
    "/asyncapi.json",
    operation_id="getAsyncApi",
    summary="MQTT and the stream, described",
    response_class=JSONResponse,
)
@public
async def document(request: Request, hub: TheHub) -> dict[str, Any]:
    """The AsyncAPI 3.0 document of MQTT and of the WebSocket stream; needs no token."""
    await hub.devices.described()
    state = hub.mqtt.state
    return asyncapi(
        hub.mqtt.topics,
        hub.devices.kinds(),
        version=hub.version,
        host=state.host,
        port=state.port,
        tls_host=state.tls_host,
        tls_port=state.tls_port,
        commands=state.commands,
        web=request.url.netloc,
        web_tls=request.url.scheme == "https",
    )


@router.get("/mqtt", operation_id="getMqtt", summary="How MQTT is")
async def mqtt(
    hub: TheHub,
    language: Language,
    caller: Annotated[Principal, Requires(Role.ENGINEER)],  # noqa: ARG001 - asked for the role
) -> MqttModel:
    """Whether the hub is connected to its broker, where that is, and what went through."""
    state = hub.mqtt.state
    return MqttModel(
        status=state.status,
        managed=state.managed,
        host=state.host,
        port=state.port,
        tls_port=state.tls_port,
        base=state.base,
        commands=state.commands,
        hint=hub.say.say(state.hint, language, state.params),
        counters=state.counters,
    )
