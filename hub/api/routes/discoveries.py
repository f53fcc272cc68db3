"""What is plugged in or announces itself on the network, and the drivers that know it."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from hub.api.context import TheHub
from hub.api.paging import Page, Pages
from hub.api.routing import PREFIX, Router
from hub.api.security import Requires
from hub.device import Role

router = Router(prefix=PREFIX, tags=["Devices"])


class DiscoveryModel(BaseModel):
    """Something that was found. What it says of itself is untrusted text."""

    identity: str = Field(description="Survives a replug; name it to take the device into use.")
    bus: Literal["usb", "mdns"]
    title: str
    vendor: str = Field(description="USB id; empty where it has none.")
    product: str
    serial: str
    port: str = Field(description="The path of the USB port that it is in.")
    host: str = Field(description="Its address in the network; empty where it has none.")
    tcp_port: int
    nodes: dict[str, list[str]] = Field(description="Device nodes by subsystem.")
    drivers: list[str] = Field(description="The drivers that look for it.")
    device: str | None = Field(description="The device that it is; null while it is not in use.")
    twins: int = Field(description="How many say the same of themselves, itself among them.")


class DiscoveriesModel(Page[DiscoveryModel]):
    """A page of what was found, and why nothing is found on a bus."""

    problems: dict[str, str] = Field(
        description="By bus (`usb`, `mdns`), for the engineer; empty texts where all is well."
    )


@router.get(
    "/discoveries",
    operation_id="listDiscoveries",
    summary="What is plugged in or announced",
    response_model=DiscoveriesModel,
    dependencies=[Requires(Role.ENGINEER)],
)
async def discoveries(hub: TheHub, pages: Pages) -> dict[str, Any]:
    """All that is there now. The stream tells of changes on the topic `discoveries`."""
    found = hub.adoption.discoveries()
    items, following = pages.of(found, lambda item: str(item["identity"]))
    return {"items": items, "next": following, "problems": hub.discovery.problems}
