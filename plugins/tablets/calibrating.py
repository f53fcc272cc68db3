"""Calibrating tablets and touch tables: what was shown, what was touched, the map between."""

from collections.abc import Sequence

from drivers.input.calibration import Calibration
from drivers.input.values import Rotation
from drivers.tablet.contract import Mapping
from hub.plugin import DeviceHandle, PluginHub, Principal
from plugins.tablets.errors import NothingToCalibrate, TouchedElsewhere

MOST_OFF = 0.05
"""Of the area's width or height: what is off by more was touched beside a mark."""
_LIMIT = 20.0
_TURNED = {
    Rotation.NONE: (1, 0, 0, 0, 1, 0),
    Rotation.RIGHT: (0, -1, 1, 1, 0, 0),
    Rotation.OVER: (-1, 0, 1, 0, -1, 1),
    Rotation.LEFT: (0, 1, 0, -1, 0, 1),
}
Place = tuple[float, float]


def matrix_of(mapping: Mapping) -> list[float]:
    """Return a mapping as a matrix, nine numbers row by row (see `drivers.tablet.mapping`)."""
    wide, high = mapping.right - mapping.left, mapping.bottom - mapping.top
    a, b, c, d, e, f = _TURNED[mapping.rotation]
    across, down = -mapping.left / wide, -mapping.top / high
    return [
        *(a / wide, b / high, a * across + b * down + c),
        *(d / wide, e / high, d * across + e * down + f),
        *(0, 0, 1),
    ]


class Calibrating:
    """Makes calibrations and sets them; the kernel keeps them for each device."""

    def __init__(self, hub: PluginHub) -> None:
        self._hub = hub

    def device(self, device: str) -> DeviceHandle:
        """Return a device that can be calibrated (NotFound, NothingToCalibrate)."""
        found = self._hub.devices.get(device)
        if found.kind not in ("tablet", "touch_table"):
            raise NothingToCalibrate(f"{device} is a {found.kind or 'device of unknown kind'}")
        return found

    async def calibrate(
        self, device: str, seen: Sequence[Place], targets: Sequence[Place], by: Principal
    ) -> tuple[Calibration, str, float]:
        """Calibrate a device anew by places; return the calibration, its kind and the worst place.

        Args:
            device: its id.
            seen: what it told, as it is calibrated and mapped now.
            targets: what was shown there.
            by: whoever touched.

        Raises:
            TouchedElsewhere: there is no map that fits; nothing is changed.
            HubError: the device's problem.
        """
        handle = self.device(device)
        now = Calibration.model_validate((await handle.read("calibration")).value)
        mapping = Mapping()
        if handle.kind == "tablet":
            mapping = Mapping.model_validate((await handle.read("mapping")).value)
        found = await self._hub.workers.run(
            "plugins.tablets.fitting:fit",
            *([list(place) for place in places] for places in (seen, targets)),
            list(now.matrix if now.points else Calibration().matrix),
            matrix_of(mapping),
            timeout=_LIMIT,
            urgent=True,
        )
        if found["matrix"] is None or found["worst"] > MOST_OFF:
            raise TouchedElsewhere(f"off by {found['worst']:.3f}")
        try:
            made = Calibration(matrix=found["matrix"], points=len(seen), error=found["error"])
        except ValueError as error:
            raise TouchedElsewhere(str(error)) from None
        await self._set(handle, made, by)
        return made, found["kind"], found["worst"]

    async def forget(self, device: str, by: Principal) -> None:
        """Take a device as it is, uncalibrated."""
        await self._set(self.device(device), Calibration(), by)

    async def _set(self, handle: DeviceHandle, made: Calibration, by: Principal) -> None:
        await handle.write("calibration", made.model_dump(mode="json"))
        detail = {"points": made.points, "error": made.error}
        await self._hub.audit.note(by, "tablet.calibrate", handle.id, detail)
