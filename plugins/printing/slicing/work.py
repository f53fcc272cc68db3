"""What slicing runs in a worker: the model made ready, G-code looked through, its layers drawn."""

from pathlib import Path
from typing import Any

from drivers.printer.gcode import Limits, policy_named
from drivers.printer.gcode import scan as look_through
from hub.errors import N_
from hub.worker import progress
from plugins.printing.slicing import layers as previews

SCAN_MEMORY = 512 << 20
SCAN_SECONDS = 300.0


def scan(path: str, policy: str, limits: dict[str, Any]) -> dict[str, Any]:
    """Look through a file of G-code; return a `drivers.printer.gcode.Scan` as JSON has it.

    Raises:
        NoSuchPolicy: there is no policy of that name.
    """

    def told(fraction: float) -> None:
        progress(fraction, N_("Looking through the G-code"))

    given = {**limits, "volume": tuple(limits["volume"])}
    return look_through(Path(path), policy_named(policy), Limits(**given), told).as_json()


def layers(path: str, target: str) -> dict[str, Any]:
    """Write the layers of a file of G-code for the page; return their facts."""
    return previews.write(Path(path), Path(target))
