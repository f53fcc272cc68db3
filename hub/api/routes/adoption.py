"""Taking devices into use, changing and removing them; the drivers to choose from; pairing."""

from typing import Annotated, Any, Literal

from fastapi import Response
from pydantic import BaseModel, Field

from hub.api.context import Language, TheHub
from hub.api.models import Body, DeviceModel, Id, OperationModel, ProblemModel
from hub.api.paging import Page, Pages
from hub.api.problems import problem_of
from hub.api.routes.devices import device_model
from hub.api.routes.operations import operation_model
from hub.api.routing import PREFIX, Router, problems
from hub.api.security import Requires
from hub.device import Device, Role
from hub.devices import IDENTITY, DeviceId, NoCandidates, Pairing, Searching, searchers
from hub.errors import N_, TooMany
from hub.operations import Progress
from hub.rights import Principal

router = Router(prefix=PREFIX, tags=["Devices"])

PAIR = "pair"
MOST_PAIRINGS = 8
"""At once: each waits a minute, and all of them hear the same touch."""

SEARCH = "search"
MOST_SEARCHES = 1
"""At once: each asks every computer of the school."""

Identity = Annotated[str, Field(pattern=IDENTITY, max_length=600)]
Name = Annotated[str, Field(max_length=200)]
Seat = Annotated[str, Field(max_length=200)]


class DriverModel(BaseModel):
    """A driver that is installed."""

    name: str
    kind: str = Field(description="Empty where the driver is broken.")
    kind_title: str
    icon: str = Field(description="The Lucide icon of its kind.")
    title: str
    doc: str
    isolation: Literal["device", "driver"] | None
    settings: dict[str, Any] = Field(description="The JSON Schema of its settings.")
    discovery: list[dict[str, Any]] = Field(description="What its devices look like on a bus.")
    searching: float = Field(description="Seconds that its search takes; 0 where it has none.")
    problem: ProblemModel | None = Field(description="Why it cannot be used; null where it can.")


class DeviceSettingsModel(BaseModel):
    """The settings of a device. Secrets are never told, only that they are set."""

    values: dict[str, Any]
    secrets_set: list[str] = Field(description="Dotted names of the secrets that are set.")
    settings_schema: dict[str, Any] = Field(
        alias="schema", description="The JSON Schema of the driver's settings."
    )
    source: Literal["file", "adopted"] = Field(description="Only adopted devices can be changed.")


class NewDevice(Body):
    """The device to take into use."""

    driver: str = Field(max_length=200, examples=["stream"])
    id: DeviceId | None = Field(default=None, description="Made by the hub where it is left out.")
    name: Name = Field(default="", description="For people; what it calls itself if left out.")
    seat: Seat | None = Field(default=None, description="Where it stands.")
    identity: Identity | None = Field(
        default=None, description="Of what was found; leave it out where settings say where it is."
    )
    settings: dict[str, Any] = Field(
        default={}, max_length=200, examples=[{"url": "http://192.0.2.50:8080/stream"}]
    )


class DeviceChanges(Body):
    """What to change; what is left out stays as it is."""

    name: Name = ""
    seat: Seat | None = None
    identity: Identity | None = None
    settings: dict[str, Any] = Field(
        default={},
        max_length=200,
        description="Only those that change: what is left out stays, null takes away (RFC 7396).",
    )


class NewPairing(Body):
    """What the engineer is about to touch."""

    driver: str = Field(max_length=200, description="One that looks for it.")


class NewSearch(Body):
    """Who shall search."""

    drivers: list[Annotated[str, Field(max_length=200)]] | None = Field(
        default=None, min_length=1, max_length=100, description="All that can, if left out."
    )


@router.get(
    "/drivers",
    operation_id="listDrivers",
    summary="Installed drivers",
    response_model=Page[DriverModel],
    dependencies=[Requires(Role.ENGINEER)],
)
async def drivers(hub: TheHub, language: Language, pages: Pages) -> dict[str, Any]:
    """What each driver is for, what it looks for, and the schema of its settings."""
    await hub.devices.described()
    say = hub.say.say
    items: list[dict[str, Any]] = [
        {
            "name": driver.name,
            "kind": driver.kind.kind,
            "kind_title": say(driver.kind.title, language),
            "icon": driver.kind.icon,
            "title": say(driver.title, language),
            "doc": say(driver.doc, language),
            "isolation": driver.isolation,
            "settings": driver.settings,
            "discovery": [match.model_dump(mode="json") for match in driver.discovery],
            "searching": driver.searching,
            "problem": None,
        }
        for driver in hub.devices.drivers().values()
    ]
    items += [
        {
            "name": name,
            "kind": "",
            "kind_title": "",
            "icon": Device.kind_icon,
            "title": name,
            "doc": "",
            "isolation": None,
            "settings": {},
            "discovery": [],
            "searching": 0.0,
            "problem": problem_of(problem, hub.say, language),
        }
        for name, problem in hub.devices.broken_drivers().items()
    ]
    items.sort(key=lambda item: str(item["name"]))
    shown, following = pages.of(items, lambda item: str(item["name"]))
    return {"items": shown, "next": following}


@router.post(
    "/devices",
    operation_id="adoptDevice",
    summary="Take a device into use",
    status_code=201,
    response_model=DeviceModel,
    responses=problems(409),
)
async def adopt(
    hub: TheHub,
    response: Response,
    language: Language,
    caller: Annotated[Principal, Requires(Role.ENGINEER)],
    body: NewDevice,
) -> dict[str, Any]:
    """It is there from now on, also after a restart; its driver connects to it by itself."""
    device = await hub.adoption.adopt(
        body.driver,
        id=body.id,
        name=body.name,
        seat=body.seat,
        identity=body.identity,
        settings=body.settings,
    )
    detail = {"driver": body.driver, "identity": body.identity}
    await hub.audit.note(caller, "device.adopt", device.id, detail)
    response.headers["Location"] = f"/api/v1/devices/{device.id}"
    return device_model(hub, device, caller, language)


@router.patch(
    "/devices/{device}",
    operation_id="changeDevice",
    summary="Change a device",
    response_model=DeviceModel,
    responses=problems(409),
)
async def change(
    hub: TheHub,
    device: Id,
    language: Language,
    caller: Annotated[Principal, Requires(Role.ENGINEER)],
    body: DeviceChanges,
) -> dict[str, Any]:
    """Name, seat, settings or identity. Changed settings start its driver anew."""
    changes = body.model_dump(include=body.model_fields_set)
    changed = await hub.adoption.change(device, changes)
    detail: dict[str, Any] = {k: v for k, v in changes.items() if k != "settings"}
    named = sorted(str(name)[:64] for name in changes.get("settings", {}))[:40]
    await hub.audit.note(caller, "device.change", device, {**detail, "settings": named})
    return device_model(hub, changed, caller, language)


@router.delete(
    "/devices/{device}",
    operation_id="removeDevice",
    summary="Take a device out of use",
    status_code=204,
    responses=problems(409),
)
async def remove(
    hub: TheHub, device: Id, caller: Annotated[Principal, Requires(Role.ENGINEER)]
) -> None:
    """Its driver ends and its topics are cleared; what was made with it stays."""
    await hub.adoption.remove(device)
    await hub.audit.note(caller, "device.remove", device)


@router.get(
    "/devices/{device}/settings",
    operation_id="getDeviceSettings",
    summary="The settings of a device",
    response_model=DeviceSettingsModel,
    dependencies=[Requires(Role.ENGINEER)],
)
async def settings(hub: TheHub, device: Id) -> dict[str, Any]:
    """Without its secrets, of which only the names of those that are set are told."""
    return hub.adoption.settings(device)


@router.post(
    "/pairings",
    operation_id="pairDevice",
    summary="Find out which of several devices is meant",
    status_code=201,
    response_model=OperationModel,
    responses=problems(409, 429),
)
async def pair(
    hub: TheHub,
    response: Response,
    language: Language,
    caller: Annotated[Principal, Requires(Role.ENGINEER)],
    body: NewPairing,
) -> dict[str, Any]:
    """Touch it, or pull it out and put it back, within a minute; `result.identity` names it."""
    driver = await hub.adoption.driver(body.driver)
    if not driver.discovery:
        raise NoCandidates(f"{body.driver} looks for nothing")
    running = sum(one.action == PAIR and one.ended is None for one in hub.operations.list())
    if running >= MOST_PAIRINGS:
        raise TooMany(f"{running} pairings are running")

    async def work(progress: Progress) -> dict[str, str]:
        return await Pairing(hub.discovery, driver.discovery).run(progress)

    operation = hub.operations.start(
        action=PAIR, title=N_("Which one is this?"), by=caller, work=work
    )
    response.headers["Location"] = f"/api/v1/operations/{operation.id}"
    return operation_model(operation, hub.say, language)


@router.post(
    "/searches",
    operation_id="searchDevices",
    summary="Search for devices that do not announce themselves",
    status_code=201,
    response_model=OperationModel,
    responses=problems(409, 429),
)
async def search(
    hub: TheHub,
    response: Response,
    language: Language,
    caller: Annotated[Principal, Requires(Role.ENGINEER)],
    body: NewSearch,
) -> dict[str, Any]:
    """Drivers ask the whole network, once, because somebody wants it; one search at a time.

    `result.found` lists what answered: driver, title, place, the settings that reach it, and the
    device that it is already (null where it is none); `result.problems` which drivers could not.
    """
    await hub.devices.described()
    chosen = searchers(hub.devices, body.drivers)
    running = sum(one.action == SEARCH and one.ended is None for one in hub.operations.list())
    if running >= MOST_SEARCHES:
        raise TooMany("a search is running")
    operation = hub.operations.start(
        action=SEARCH,
        title=N_("Search for devices"),
        by=caller,
        work=Searching(hub.devices, chosen).run,
    )
    await hub.audit.note(caller, "device.search", "", {"drivers": [one.name for one in chosen]})
    response.headers["Location"] = f"/api/v1/operations/{operation.id}"
    return operation_model(operation, hub.say, language)
