"""The class's screen: what it shows, and an asset's bytes for the screen that shows it.

What is shown is public in the class (`x/hub/show`), so it names the asset's opaque id and nothing
of whoever made it. The screen (role display) reads the bytes of what is shown and of nothing else;
live pictures it may see anyway. Which elements can be shown, for which media and with which
attributes, plugins say in their `web.json`.
"""

from collections.abc import Collection
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field, model_validator

from hub.api.context import TheHub
from hub.api.models import Body, IdField, StreamName
from hub.api.routes.albums import seen
from hub.api.routes.assets import content_of
from hub.api.routing import PREFIX, Router, problems
from hub.api.security import Requires
from hub.device import Role
from hub.errors import N_, HubError, NotFound
from hub.plugins import WebElement
from hub.rights import Principal, check
from hub.showing import MOST_ATTRIBUTES, MOST_TEXT, Side, Thing, Trouble

if TYPE_CHECKING:
    from hub.app import Hub

router = Router(prefix=PREFIX, tags=["Panel"])

ELEMENT = "hub-panel-picture"
LIVE = "hub-live-view"
OWN = {LIVE: ("paused",)}
"""What can be changed of the shell's own elements while they are shown."""

Text = Annotated[str, Field(max_length=MOST_TEXT)]
Attributes = Annotated[dict[str, Text], Field(max_length=MOST_ATTRIBUTES)]


class NotForTheScreen(HubError):
    """Nothing that runs here can show it."""

    code = "not-for-the-screen"
    status = 415
    title = N_("This cannot be shown on the class's screen.")
    hint = N_("Show a picture, a video, a PDF or a 3D model.")


class Show(Body):
    """What to show: an asset, the live picture of a device, or an element of a plugin."""

    asset: IdField | None = None
    device: IdField | None = None
    stream: StreamName = Field(default="view", description="Of the device.")
    element: str | None = Field(
        None, max_length=100, description="One that says in its `web.json` that it can be shown."
    )
    attributes: Attributes = Field({}, description="Of the element, those that it says it takes.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(one is not None for one in (self.asset, self.device, self.element)) != 1:
            raise ValueError("name either an asset, a device or an element")
        return self


class Change(Body):
    """Other attributes for what is shown: a page, a part, a play button."""

    side: Side = "main"
    attributes: Attributes = Field(description="An empty text takes an attribute away.")


class Next(Body):
    """Where the next thing goes that is shown."""

    beside: bool = Field(description="Beside what is there, or in its place.")


class CannotShow(Body):
    """Something that the screen's browser cannot show."""

    at: Annotated[str, Field(max_length=40)] = Field(description="When it was put there.")
    trouble: Trouble


class ShownThing(BaseModel):
    """One thing on the screen; an element of null is nothing."""

    element: str | None = Field(description="A tag of the pages, or of a plugin's `elements`.")
    attributes: dict[str, str]
    title: str
    plugin: str = Field("", description="Whose element it is; empty is the hub's own.")
    at: str = Field("", description="When it was put there.")
    trouble: Trouble | Literal[""] = Field(
        "", description="Why the screen cannot show it, as the screen itself says."
    )


class Shown(ShownThing):
    """What the class's screen shows."""

    beside: ShownThing | None = None
    next_beside: bool = False


class ThingModel(BaseModel):
    """What can be put on the screen, as its plugin says it."""

    element: str
    plugin: str
    title: str
    icon: str | None
    media: list[str] = Field(description="Types of assets that it shows.")
    attributes: list[str] = Field(description="Those that it takes.")
    page: str | None = Field(description="Where it is picked.")


class ThingsModel(BaseModel):
    """All that can be put on the screen beside pictures and live pictures."""

    items: list[ThingModel]


_NOTHING: dict[str, Any] = {"element": None, "attributes": {}, "title": ""}


@router.get(
    "/panel",
    operation_id="getPanel",
    summary="What the class's screen shows",
    response_model=Shown,
    dependencies=[Requires(Role.DISPLAY)],
)
async def shown(hub: TheHub) -> dict[str, Any]:
    """The same as the last message of `x/hub/show`."""
    return hub.showing.told() or _NOTHING


@router.put(
    "/panel",
    operation_id="showOnPanel",
    summary="Show an asset, a live picture or an element on the class's screen",
    response_model=Shown,
    responses=problems(404, 415),
)
async def show(
    hub: TheHub, caller: Annotated[Principal, Requires(Role.TEACHER)], body: Show
) -> dict[str, Any]:
    """It stays until something else is shown, or nothing; over restarts of the hub, too."""
    if body.device is not None:
        thing = _live(hub, body.device, body.stream, caller)
    elif body.element is not None:
        plugin, element = _element(hub, body.element)
        if element.shows and element.shows.elsewhere:
            raise NotForTheScreen(f"{element.tag} is put there by its own page")
        _check(element, body.attributes)
        thing = Thing(element.tag, body.attributes, _title(element), plugin)
    else:
        thing = await _asset(hub, body.asset or "", body.attributes, caller)
    hub.showing.show(thing)
    return hub.showing.told()


@router.get(
    "/panel/things",
    operation_id="listPanelThings",
    summary="What can be put on the class's screen",
    response_model=ThingsModel,
    dependencies=[Requires(Role.TEACHER)],
)
async def things(hub: TheHub) -> dict[str, Any]:
    """What the plugins bring for it."""
    return {
        "items": [
            {"element": element.tag, "plugin": plugin, **element.shows.model_dump()}
            for plugin, element in _elements(hub)
            if element.shows is not None
        ]
    }


@router.patch(
    "/panel",
    operation_id="changePanel",
    summary="Change what is shown: turn a page, mark a part",
    response_model=Shown,
    responses=problems(404, 415),
    dependencies=[Requires(Role.TEACHER)],
)
async def change(hub: TheHub, body: Change) -> dict[str, Any]:
    """Only attributes that its plugin says can be changed."""
    thing = hub.showing.now().get(body.side)
    if thing is None or not (thing.plugin or thing.element in OWN):
        raise NotFound("nothing that can be changed is shown there")
    if thing.plugin:
        _, element = _element(hub, thing.element)
        _check(element, body.attributes)
    else:
        _known(thing.element, OWN[thing.element], body.attributes)
    hub.showing.change(body.side, body.attributes)
    return hub.showing.told()


@router.put(
    "/panel/next",
    operation_id="nextOnPanel",
    summary="Have the next thing stand beside what is shown",
    response_model=Shown,
    dependencies=[Requires(Role.TEACHER)],
)
async def expect(hub: TheHub, body: Next) -> dict[str, Any]:
    """Good for one thing, whichever page shows it."""
    hub.showing.expect(beside=body.beside)
    return hub.showing.told() or _NOTHING


@router.put(
    "/panel/trouble",
    operation_id="cannotShowOnPanel",
    summary="Say that the screen cannot show what is on it",
    status_code=204,
    dependencies=[Requires(Role.DISPLAY)],
)
async def cannot(hub: TheHub, body: CannotShow) -> None:
    """By the screen itself, for the teacher who has put it there."""
    hub.showing.cannot(body.at, body.trouble)


@router.delete(
    "/panel",
    operation_id="clearPanel",
    summary="Show nothing",
    status_code=204,
    dependencies=[Requires(Role.TEACHER)],
)
async def clear(
    hub: TheHub, side: Annotated[Side | None, Query(description="One of two, else all.")] = None
) -> None:
    """The screen shows the hub's name; of two things the other one has all of it."""
    hub.showing.clear(side)


@router.get(
    "/panel/content",
    operation_id="getPanelContent",
    summary="The asset that is shown",
    response_class=Response,
    responses={
        200: {
            "description": "The bytes.",
            "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
        },
        **problems(404, 410),
    },
    dependencies=[Requires(Role.DISPLAY)],
)
async def content(
    request: Request,
    hub: TheHub,
    asset: Annotated[str, Query(max_length=64, description="As the message says it.")] = "",
) -> Response:
    """Only while it is shown."""
    if not asset or not any(
        thing.attributes.get("asset") == asset for thing in hub.showing.now().values()
    ):
        raise NotFound("it is not shown")
    return content_of(hub, request, await hub.assets.get(asset))


def _live(hub: "Hub", device: str, stream: str, caller: Principal) -> Thing:
    handle = hub.devices.get(device)
    check(caller, handle.access("observe", stream))
    handle.frames(stream)
    return Thing(LIVE, {"device": device, "stream": stream}, N_("Live view"))


async def _asset(
    hub: "Hub", identifier: str, attributes: dict[str, str], caller: Principal
) -> Thing:
    asset = await seen(hub, identifier, caller)
    if asset.is_picture:
        return Thing(ELEMENT, {"asset": asset.id}, N_("Picture"))
    for plugin, element in _elements(hub):
        media = element.shows.media if element.shows else []
        if any(fnmatchcase(asset.media_type, one) for one in media):
            _check(element, attributes)
            shown = {**attributes, "asset": asset.id}
            return Thing(element.tag, shown, _title(element), plugin)
    raise NotForTheScreen(f"asset {asset.id} is {asset.media_type}")


def _elements(hub: "Hub") -> list[tuple[str, WebElement]]:
    return [
        (loaded.name, element)
        for loaded in hub.plugins.running
        for element in loaded.manifest.elements
        if element.shows is not None
    ]


def _element(hub: "Hub", tag: str) -> tuple[str, WebElement]:
    for plugin, element in _elements(hub):
        if element.tag == tag:
            return plugin, element
    raise NotFound(f"no element {tag[:60]} that can be shown")


def _check(element: WebElement, attributes: dict[str, str]) -> None:
    _known(element.tag, element.shows.attributes if element.shows else (), attributes)


def _known(tag: str, known: Collection[str], attributes: dict[str, str]) -> None:
    for name in attributes:
        if name not in known:
            raise NotForTheScreen(f"{tag} takes no {name[:40]}")


def _title(element: WebElement) -> str:
    return element.shows.title if element.shows else ""
