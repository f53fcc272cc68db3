"""The class network: where the hub is reached now."""

from typing import Any

from fastapi import Request
from pydantic import BaseModel, Field

from hub.api.context import TheHub, base_of
from hub.api.routing import PREFIX, Router
from hub.api.security import Requires
from hub.device import Role

router = Router(prefix=PREFIX, tags=["Hub"])


class NetworkAddress(BaseModel):
    """An address of the hub's computer."""

    interface: str
    address: str


class NetworkModel(BaseModel):
    """How the hub is reached."""

    open: bool = Field(description="Others than the hub's own computer can reach it.")
    url: str = Field(description="What pupils open; it stands in a lesson's QR code.")
    secure: bool = Field(description="HTTPS is spoken.")
    announced: bool = Field(description="The hub is announced by mDNS.")
    addresses: list[NetworkAddress] = Field(description="The best for pupils first.")
    hosts: list[str] = Field(description="All names and addresses that it answers to.")


@router.get(
    "/network",
    operation_id="getNetwork",
    summary="Where the hub is reached",
    response_model=NetworkModel,
    dependencies=[Requires(Role.TEACHER)],
)
async def network(request: Request, hub: TheHub) -> dict[str, Any]:
    """The hub's addresses in the class network, now."""
    return {
        "open": hub.network.is_open,
        "url": base_of(request, hub),
        "secure": request.url.scheme == "https",
        "announced": hub.network.announced,
        "addresses": [
            {"interface": one.interface, "address": one.ip} for one in hub.network.addresses
        ],
        "hosts": sorted(hub.network.hosts),
    }
