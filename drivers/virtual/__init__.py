"""The virtual classroom: peers that speak the real wire protocols, so that drivers run unchanged.

A peer is a program of its own: `classhub run --virtual` starts each as a child, waits for its one
line `listening on ADDRESS` on standard output, and puts that address for `{address}` into the
settings of the device. Anyone's distribution may add peers: an entry point of the group
`classhub.virtual` names a function that returns a list of `VirtualPeer`. `drivers.virtual.peer` has
what most of them need.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.device import N_


@dataclass(frozen=True, slots=True)
class VirtualPeer:
    """One peer of the virtual classroom.

    Attributes:
        name: what it is called in logs.
        argv: the command that starts it; it ends on SIGTERM and with its parent. Empty where a
            recording plays the device: then no program is started, and `device` has `replay`.
        device: the device as configs/classhub.toml would have it (id, driver, name, settings). A
            name "Virtual …", with or without a number, is shown in the reader's language. In
            its texts `{address}` stands for what the peer prints: a URL, `host:port`, or the path
            of a node such as a pseudo-terminal's; `{host}` and `{port}` stand for its parts.
        also: further devices that the same program plays; `{address}` is the same for them, so that
            `{address}-2` may be the path of the second.
    """

    name: str
    argv: tuple[str, ...]
    device: Mapping[str, Any]
    also: Sequence[Mapping[str, Any]] = ()


def classroom() -> list[VirtualPeer]:
    """Return the peers of the virtual classroom."""
    return [
        VirtualPeer(
            name="virtual microscope",
            argv=(sys.executable, "-m", "drivers.virtual.microscope", "--with-parent"),
            device={
                "id": "virtual-microscope",
                "driver": "stream",
                "name": N_("Virtual microscope"),
                "settings": {
                    "url": "{address}/stream",
                    "still_url": "{address}/still.jpg",
                    "control_url": "{address}/state",
                },
            },
        ),
        VirtualPeer(
            name="virtual printer",
            # Twenty times faster than a real one: a small part takes a minute or two.
            argv=(sys.executable, "-m", "drivers.virtual.printer", "--speed", "20"),
            device={
                "id": "virtual-printer",
                "driver": "marlin",
                "name": N_("Virtual printer"),
                "settings": {"port": "{address}"},
            },
        ),
        VirtualPeer(
            name="virtual projector",
            argv=(
                *(sys.executable, "-m", "drivers.virtual.panel", "--password", "school"),
                *("--search", "4352", "--search-at", "127.255.255.255"),
            ),
            device={
                "id": "virtual-panel",
                "driver": "pjlink",
                "name": N_("Virtual panel"),
                "settings": {"host": "{host}", "port": "{port}", "password": "school"},
            },
        ),
        VirtualPeer(
            name="virtual globe",
            argv=(sys.executable, "-m", "drivers.virtual.globe"),
            device={
                "id": "virtual-globe",
                "driver": "globe",
                "name": N_("Virtual globe"),
                "settings": {"port": "{address}", "map": "virtual"},
            },
        ),
        VirtualPeer(
            name="virtual pens",
            # Half as often as real ones report: it is for looking, and costs little.
            argv=(
                sys.executable,
                "-m",
                "drivers.virtual.pens",
                "--rate",
                "100",
                "--table-rate",
                "60",
            ),
            device=_tablet(1),
            also=(
                *(_tablet(number) for number in range(2, 5)),
                {
                    "id": "virtual-table",
                    "driver": "touch-table",
                    "name": N_("Virtual touch table"),
                    "settings": {"path": "{address}-table"},
                },
            ),
        ),
    ]


def _tablet(number: int) -> Mapping[str, Any]:
    return {
        "id": f"virtual-tablet-{number}",
        "driver": "tablet",
        "name": N_("Virtual tablet") + f" {number}",
        "seat": str(number),
        "settings": {"path": f"{{address}}-{number}"},
    }
