"""The virtual classroom's peers, as the installed drivers offer them."""

from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from hub.driver_host.errors import DriverBroken
from hub.processes._child import ask


class VirtualPeerDescription(BaseModel):
    """A program that plays a device, and the device that is configured for it.

    Attributes:
        name: of the peer.
        argv: the command that starts it; it prints `listening on ADDRESS` when it is ready. Empty
            where the device is played from a recording (`device["replay"]`).
        device: a `DeviceConfig` as data; `{address}` stands for what the peer prints, `{host}` and
            `{port}` for its parts.
        also: further devices that the same program plays, with the same address.
    """

    name: str
    argv: list[str]
    device: dict[str, Any]
    also: list[dict[str, Any]] = []


async def describe_virtual_classroom(limit: float = 20.0) -> list[VirtualPeerDescription]:
    """Ask a child process for the peers (entry points `classhub.virtual`); imports none of them.

    Raises:
        DriverBroken: they could not be listed.
    """
    answer = await ask(["virtual"], limit)
    try:
        return TypeAdapter(list[VirtualPeerDescription]).validate_json(answer)
    except ValidationError as error:
        raise DriverBroken(f"virtual: {error}") from None
