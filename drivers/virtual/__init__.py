"""The virtual classroom: peers that speak the real wire protocols, so that drivers run unchanged.

A peer is a program of its own: `classhub run --virtual` starts each as a child, waits for its one
line `listening on http://127.0.0.1:PORT` on standard output, and puts that address for `{address}`
into the settings of the device. Anyone's distribution may add peers: an entry point of the group
`classhub.virtual` names a function that returns a list of `VirtualPeer`.
"""

import sys
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class VirtualPeer:
    """One peer of the virtual classroom.

    Attributes:
        name: what it is called in logs.
        argv: the command that starts it; it ends on SIGTERM and with its parent.
        device: the device as configs/classhub.toml would have it (id, driver, name, settings), with
            `{address}` where the address that the peer prints belongs.
    """

    name: str
    argv: tuple[str, ...]
    device: dict[str, Any]


def classroom() -> list[VirtualPeer]:
    """Return the peers of the virtual classroom."""
    return [
        VirtualPeer(
            name="virtual microscope",
            argv=(
                sys.executable,
                "-m",
                "drivers.virtual.microscope",
                "--port",
                "0",
                "--with-parent",
            ),
            device={
                "id": "virtual-microscope",
                "driver": "stream",
                "name": "Virtual microscope",
                "settings": {
                    "url": "{address}/stream",
                    "still_url": "{address}/still.jpg",
                    "control_url": "{address}/state",
                },
            },
        )
    ]
