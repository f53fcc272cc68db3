"""The class's screen: what it shows, and a picture's bytes for the screen that shows it.

What is shown is public in the class (`x/hub/show`), so it names the asset's opaque id and nothing
of whoever made it. The screen (role display) reads the bytes of what is shown and of nothing else;
live pictures it may see anyway.
"""

from typing import TYPE_CHECKING, Annotated, Any, Self

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field, model_validator

from hub.api.context import TheHub
from hub.api.models import Body, IdField, StreamName
from hub.api.routes.albums import seen
from hub.api.routes.assets import content_of
from hub.api.routing import PREFIX, Router, problems
from hub.api.security import Requires
from hub.device import Role
from hub.errors import N_, NotFound, Unsupported
from hub.rights import Principal, check

if TYPE_CHECKING:
    from hub.app import Hub

router = Router(prefix=PREFIX, tags=["Panel"])

TOPIC = "x/hub/show"
ELEMENT = "hub-panel-picture"
LIVE = "hub-live-view"


class Show(Body):
    """What to show: a picture of an album, or the live picture of a device."""

    asset: IdField | None = None
    device: IdField | None = None
    stream: StreamName = Field(default="view", description="Of the device.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.asset is None) == (self.device is None):
            raise ValueError("name either an asset or a device")
        return self


class Shown(BaseModel):
    """What the class's screen shows; null is nothing."""

    element: str | None = Field(description="A tag of the pages, or of a plugin's `elements`.")
    attributes: dict[str, str]
    title: str


@router.get(
    "/panel",
    operation_id="getPanel",
    summary="What the class's screen shows",
    response_model=Shown,
    dependencies=[Requires(Role.DISPLAY)],
)
async def shown(hub: TheHub) -> dict[str, Any]:
    """The same as the last message of `x/hub/show`."""
    now = _now(hub)
    return {
        "element": now.get("element"),
        "attributes": now.get("attributes", {}),
        "title": now.get("title", ""),
    }


@router.put(
    "/panel",
    operation_id="showOnPanel",
    summary="Show a picture or a live picture on the class's screen",
    response_model=Shown,
    responses=problems(404, 415),
)
async def show(
    hub: TheHub, caller: Annotated[Principal, Requires(Role.TEACHER)], body: Show
) -> dict[str, Any]:
    """It stays until something else is shown, or nothing."""
    if body.device is not None:
        message = _live(hub, body.device, body.stream, caller)
    else:
        asset = await seen(hub, body.asset or "", caller)
        if not asset.is_picture:
            raise Unsupported(f"asset {asset.id} is {asset.media_type}")
        message = _message(ELEMENT, {"asset": asset.id}, N_("Picture"))
    hub.bus.publish(TOPIC, message, retained=True)
    return message


def _live(hub: "Hub", device: str, stream: str, caller: Principal) -> dict[str, Any]:
    handle = hub.devices.get(device)
    check(caller, handle.access("observe", stream))
    handle.frames(stream)
    return _message(LIVE, {"device": device, "stream": stream}, N_("Live view"))


def _message(element: str, attributes: dict[str, str], title: str) -> dict[str, Any]:
    return {"element": element, "attributes": attributes, "title": title, "plugin": ""}


@router.delete(
    "/panel",
    operation_id="clearPanel",
    summary="Show nothing",
    status_code=204,
    dependencies=[Requires(Role.TEACHER)],
)
async def clear(hub: TheHub) -> None:
    """The screen shows the hub's name."""
    hub.bus.clear("x/hub")


@router.get(
    "/panel/content",
    operation_id="getPanelContent",
    summary="The picture that is shown",
    response_class=Response,
    responses={
        200: {
            "description": "The bytes.",
            "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}},
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
    now = _now(hub)
    if now.get("element") != ELEMENT or now["attributes"]["asset"] != asset:
        raise NotFound("it is not shown")
    return content_of(hub, request, await hub.assets.get(asset))


def _now(hub: "Hub") -> dict[str, Any]:
    return next((m.payload for m in hub.bus.retained(TOPIC) if m.payload), {})
