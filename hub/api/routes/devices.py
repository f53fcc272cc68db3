"""Devices, their kinds and drivers, properties and actions."""

import json
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Query, Request, Response
from pydantic import Field

from hub.api.context import Language, TheHub
from hub.api.models import (
    Body,
    DeviceModel,
    Id,
    MemberName,
    OperationModel,
    ReadingModel,
    StateModel,
)
from hub.api.paging import Page, Pages
from hub.api.problems import language_of, problem_of
from hub.api.routes.operations import operation_model
from hub.api.routing import PREFIX, Router, problems
from hub.api.security import Requires
from hub.clock import rfc3339
from hub.device import Reading, Role
from hub.devices import DeviceHandle
from hub.errors import NotFound
from hub.rights import Access, Principal, check, may

if TYPE_CHECKING:
    from hub.app import Hub

router = Router(prefix=PREFIX, tags=["Devices"])
TROUBLE = problems(502, 503, 504)


class NewValue(Body):
    """The value to set."""

    value: Any = Field(examples=[40.0])


class Invocation(Body):
    """What the action is told; leave it out where it takes nothing."""

    input: Any = None


def reading_model(reading: Reading[Any]) -> dict[str, Any]:
    """Return a reading as JSON-ready data."""
    return {
        "value": reading.value,
        "time": rfc3339(reading.time),
        "quality": str(reading.quality),
    }


def device_model(
    hub: "Hub", device: DeviceHandle, caller: Principal, language: str
) -> dict[str, Any]:
    """Return a device as the caller may see it, without its description."""
    state = device.state
    say = hub.say
    return {
        "id": device.id,
        "name": device.name,
        "kind": device.kind,
        "kind_title": say.say(device.kind_title, language),
        "icon": device.icon,
        "driver": device.driver_name,
        "seat": device.seat,
        "state": {
            "presence": state.presence,
            "reachable": state.reachable,
            "process": state.process,
            "problem": problem_of(state.problem, say, language),
            "health": problem_of(state.health, say, language),
            "since": rfc3339(state.since),
        },
        "properties": _readings(device, caller),
        "streams": list(device.streams),
        "description": None,
        "counters": None,
    }


def _readings(device: DeviceHandle, caller: Principal) -> dict[str, Any]:
    found = {}
    for name, reading in tuple(device.readings.items()):
        try:
            access = device.access("read", name)
        except NotFound:  # left out by the device since it was read
            continue
        if may(caller, access):
            found[name] = reading_model(reading)
    return found


def _translated(value: Any, hub: "Hub", language: str) -> Any:
    """Return a description with its titles and docs in the caller's language."""
    if isinstance(value, dict):
        return {
            key: hub.say.say(item, language)
            if key in ("title", "doc", "kind_title") and isinstance(item, str)
            else _translated(item, hub, language)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_translated(item, hub, language) for item in value]
    return value


class DeviceList:
    """The list of devices as JSON, kept until something about a device changes.

    Pages and lesson software ask for it all the time; only a role, a language or a change make it
    different.
    """

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._known: dict[tuple[Any, ...], bytes] = {}
        self._unsubscribe = [
            hub.bus.subscribe(topic, lambda _: self._known.clear())
            for topic in ("+/state", "+/td", "+/p/+")
        ]

    def json(self, caller: Principal, language: str, pages: Pages, kind: str | None) -> bytes:
        """Return a page of the list."""
        key = (caller.role, language, pages.limit, pages.cursor, kind)
        found = self._known.get(key)
        if found is None:
            devices = sorted(
                (d for d in self._hub.devices.list() if kind is None or d.kind == kind),
                key=lambda device: device.id,
            )
            shown, following = pages.of(devices, lambda device: device.id)
            items = [device_model(self._hub, d, caller, language) for d in shown]
            found = json.dumps(
                {"items": items, "next": following}, ensure_ascii=False, separators=(",", ":")
            ).encode()
            if len(self._known) >= 100:
                self._known.clear()
            self._known[key] = found
        return found

    def stop(self) -> None:
        """Forget it."""
        for leave in self._unsubscribe:
            leave()


@router.get(
    "/devices",
    operation_id="listDevices",
    summary="Devices of the classroom",
    response_model=Page[DeviceModel],
)
async def devices(
    request: Request,
    pages: Pages,
    caller: Annotated[Principal, Requires(Role.DISPLAY)],
    kind: Annotated[str | None, Query(max_length=64, description="Only of this kind.")] = None,
) -> Response:
    """All devices, with their state and the last readings of their properties."""
    state = request.app.state
    known: DeviceList = state.device_list
    language = language_of(request, state.hub.say.default)
    return Response(known.json(caller, language, pages, kind), media_type="application/json")


@router.get(
    "/devices/{device}",
    operation_id="getDevice",
    summary="One device, with all that it has",
    response_model=DeviceModel,
)
async def device(
    hub: TheHub,
    device: Id,
    language: Language,
    caller: Annotated[Principal, Requires(Role.DISPLAY)],
) -> dict[str, Any]:
    """A device and its description: properties, actions, events and streams with their schemas."""
    handle = hub.devices.get(device)
    described = handle.description
    shown = device_model(hub, handle, caller, language)
    if described is not None:
        shown["description"] = _translated(described.model_dump(mode="json"), hub, language)
    if may(caller, Access(role=Role.ENGINEER)):
        shown["counters"] = handle.counters
    return shown


@router.get(
    "/devices/{device}/state",
    operation_id="getDeviceState",
    summary="How a device is",
    response_model=StateModel,
)
async def state(
    hub: TheHub,
    device: Id,
    language: Language,
    caller: Annotated[Principal, Requires(Role.DISPLAY)],
) -> dict[str, Any]:
    """Presence, reachability and health, and what to do now."""
    shown: dict[str, Any] = device_model(hub, hub.devices.get(device), caller, language)["state"]
    return shown


@router.get(
    "/devices/{device}/properties",
    operation_id="readProperties",
    summary="All readings of a device",
    response_model=dict[str, ReadingModel],
)
async def properties(
    hub: TheHub, device: Id, caller: Annotated[Principal, Requires(Role.DISPLAY)]
) -> dict[str, Any]:
    """The last reading of each property that the caller may read."""
    return _readings(hub.devices.get(device), caller)


@router.get(
    "/devices/{device}/properties/{name}",
    operation_id="readProperty",
    summary="Read a property",
    response_model=ReadingModel,
    responses=TROUBLE,
)
async def read(
    hub: TheHub,
    device: Id,
    name: MemberName,
    caller: Annotated[Principal, Requires(Role.DISPLAY)],
) -> dict[str, Any]:
    """The device is asked where no fresh reading is known."""
    handle = hub.devices.get(device)
    check(caller, handle.access("read", name))
    return reading_model(await handle.read(name))


@router.put(
    "/devices/{device}/properties/{name}",
    operation_id="writeProperty",
    summary="Set a property",
    response_model=ReadingModel,
    responses={**problems(409), **TROUBLE},
)
async def write(
    hub: TheHub,
    device: Id,
    name: MemberName,
    caller: Annotated[Principal, Requires(Role.PUPIL)],
    body: NewValue,
) -> dict[str, Any]:
    """Answers with what was read back. A newer value that comes meanwhile wins (`superseded`)."""
    handle = hub.devices.get(device)
    check(caller, handle.access("write", name))
    return reading_model(await handle.write(name, body.value))


@router.post(
    "/devices/{device}/actions/{name}",
    operation_id="invokeAction",
    summary="Start an action",
    status_code=201,
    response_model=OperationModel,
    responses={**problems(409, 429), **TROUBLE},
)
async def invoke(
    hub: TheHub,
    response: Response,
    device: Id,
    name: MemberName,
    language: Language,
    caller: Annotated[Principal, Requires(Role.PUPIL)],
    body: Invocation | None = None,
) -> dict[str, Any]:
    """The action runs on as an operation: follow it at the `Location`, cancel it with DELETE."""
    handle = hub.devices.get(device)
    check(caller, handle.access("invoke", name))
    operation = handle.invoke(name, body.input if body else None, by=caller)
    response.headers["Location"] = f"/api/v1/operations/{operation.id}"
    return operation_model(operation, hub.say, language)


@router.get(
    "/kinds",
    operation_id="listKinds",
    summary="Kinds of device",
    dependencies=[Requires(Role.DISPLAY)],
)
async def kinds(hub: TheHub, language: Language) -> Page[dict[str, Any]]:
    """The kinds that the installed drivers serve."""
    await hub.devices.described()
    items = [
        {
            "kind": kind.kind,
            "title": hub.say.say(kind.title, language),
            "icon": kind.icon,
            "doc": hub.say.say(kind.doc, language),
        }
        for kind in hub.devices.kinds().values()
    ]
    return Page[dict[str, Any]](items=items)
