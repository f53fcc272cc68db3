"""Thing Models and Thing Descriptions (W3C Web of Things 1.1)."""

from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from hub.api.context import TheHub, base_of
from hub.api.models import Id
from hub.api.routing import PREFIX, Router, problems
from hub.api.security import Requires
from hub.device import Role
from hub.errors import NotFound
from hub.things import thing_description, thing_model

router = Router(prefix=PREFIX, tags=["Things"])

_TD = "application/td+json"
_TM = "application/tm+json"


def _described(media_type: str) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": "JSON-LD.", "content": {media_type: {"schema": {"type": "object"}}}}
    }


class _Described(JSONResponse):
    """JSON-LD under its own media type."""


@router.get(
    "/kinds/{kind}",
    operation_id="getKind",
    summary="The Thing Model of a kind",
    response_class=Response,
    responses=_described(_TM),
    dependencies=[Requires(Role.DISPLAY)],
)
async def kind(hub: TheHub, kind: Id) -> Response:
    """What every device of the kind may have; the same on every hub of this version."""
    await hub.devices.described()
    described = hub.devices.kinds().get(kind)
    if described is None:
        raise NotFound(f"no kind {kind}")
    return _Described(thing_model(described), media_type=_TM)


@router.get(
    "/devices/{device}/td",
    operation_id="getThingDescription",
    summary="The Thing Description of a device",
    response_class=Response,
    responses={**_described(_TD), **problems(502, 503)},
    dependencies=[Requires(Role.DISPLAY)],
)
async def td(request: Request, hub: TheHub, device: Id) -> Response:
    """What this device has now, and where. Before it was first connected: why it is not."""
    handle = hub.devices.get(device)
    if handle.description is None:
        raise handle.error
    return _Described(thing_description(handle, base=base_of(request, hub)), media_type=_TD)
