"""What the API says of MQTT: the AsyncAPI document for everybody, its state for the engineer."""

from typing import Annotated, Any, Literal

from fastapi.responses import JSONResponse
from pydantic import BaseModel

from hub.api.context import Language, TheHub
from hub.api.routing import Router
from hub.api.security import Requires, public
from hub.device import Role
from hub.mqtt.asyncapi import asyncapi
from hub.rights import Principal

router = Router(tags=["Hub"])


class MqttModel(BaseModel):
    """How MQTT is, and what to do where it is not."""

    status: Literal["off", "starting", "connected", "not-installed", "not-reachable"]
    managed: bool
    host: str
    port: int | None
    base: str
    commands: bool
    hint: str
    counters: dict[str, int]


@router.get(
    "/asyncapi.json",
    operation_id="getAsyncApi",
    summary="MQTT, described",
    response_class=JSONResponse,
)
@public
async def document(hub: TheHub) -> dict[str, Any]:
    """The AsyncAPI 3.0 document of what the hub publishes and takes by MQTT; needs no token."""
    state = hub.mqtt.state
    return asyncapi(
        hub.mqtt.topics,
        hub.devices.kinds(),
        version=hub.version,
        host=state.host,
        port=state.port,
        commands=state.commands,
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
        base=state.base,
        commands=state.commands,
        hint=hub.say.say(state.hint, language, state.params),
        counters=state.counters,
    )
