"""The controls of a camera as members of the contract.

Numbers of controls are the kernel's (linux/v4l2-controls.h); those of USB cameras are the same for
all makes. What has no member is in the list of the other controls, by a name made of its title.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from drivers.microscope.contract import CameraControl, ControlChoice, Microscope, PowerLine
from hub.device import OutOfRange, Property
from hub.device.transports import V4l2Control, V4l2Port

_USER, _CAMERA, _FLASH = 0x00980900, 0x009A0900, 0x009C0900
BRIGHTNESS, CONTRAST, SATURATION = _USER, _USER + 1, _USER + 2
WHITE_BALANCE_AUTO, GAIN, POWER_LINE = _USER + 12, _USER + 19, _USER + 24
WHITE_BALANCE, SHARPNESS, ILLUMINATOR = _USER + 26, _USER + 27, _USER + 37
EXPOSURE_AUTO, EXPOSURE = _CAMERA + 1, _CAMERA + 2
LENS, LENS_AUTO = _CAMERA + 10, _CAMERA + 12
LED_MODE, TORCH = _FLASH + 1, _FLASH + 8

EXPOSURE_UNIT = 0.1
"""Milliseconds: the unit of EXPOSURE is 100 us."""
MANUAL_EXPOSURE = 1
AUTOMATIC_EXPOSURES = (3, 0, 2)
"""Aperture priority is what USB cameras without an iris call automatic."""
LED_TORCH = 2
_POWER_LINES = (PowerLine.OFF, PowerLine.HZ_50, PowerLine.HZ_60, PowerLine.AUTO)

NUMBERS: dict[str, int] = {
    Microscope.exposure.name: EXPOSURE,
    Microscope.gain.name: GAIN,
    Microscope.white_balance.name: WHITE_BALANCE,
    Microscope.lens.name: LENS,
    Microscope.brightness.name: BRIGHTNESS,
    Microscope.contrast.name: CONTRAST,
    Microscope.saturation.name: SATURATION,
    Microscope.sharpness.name: SHARPNESS,
}
SWITCHES: dict[str, int] = {
    Microscope.white_balance_auto.name: WHITE_BALANCE_AUTO,
    Microscope.lens_auto.name: LENS_AUTO,
}
AUTOMATIC: dict[str, Property[bool]] = {
    Microscope.exposure.name: Microscope.exposure_auto,
    Microscope.white_balance.name: Microscope.white_balance_auto,
    Microscope.lens.name: Microscope.lens_auto,
}
"""What chooses a number by itself until the number is set."""
MEMBERS: tuple[Property[Any], ...] = (
    Microscope.exposure,
    Microscope.exposure_auto,
    Microscope.gain,
    Microscope.white_balance,
    Microscope.white_balance_auto,
    Microscope.lens,
    Microscope.lens_auto,
    Microscope.light,
    Microscope.brightness,
    Microscope.contrast,
    Microscope.saturation,
    Microscope.sharpness,
    Microscope.power_line,
)


@dataclass(frozen=True, slots=True)
class Range:
    """What a member of this camera takes."""

    minimum: float | None = None
    maximum: float | None = None
    choices: Sequence[Any] | None = None


class CameraControls:
    """The controls of one camera.

    Args:
        known: as the camera has named them.
        values: those that could be read.
    """

    def __init__(
        self, camera: V4l2Port, known: Sequence[V4l2Control], values: dict[int, int]
    ) -> None:
        self._camera = camera
        self._known = {one.id: one for one in known}
        self._readable = {one.id for one in known if one.id in values}
        self._others = _named([one for one in known if one.kind != "other"], self._taken())

    def _has(self, number: int) -> bool:
        return number in self._readable

    def _taken(self) -> set[int]:
        """Return the controls that members stand for."""
        taken = {*NUMBERS.values(), *SWITCHES.values(), POWER_LINE, EXPOSURE_AUTO}
        taken |= {TORCH, LED_MODE} if self._lamp() == TORCH else {self._lamp() or 0}
        return {number for number in taken if self._has(number)}

    def _lamp(self) -> int | None:
        return next((one for one in (TORCH, ILLUMINATOR) if self._has(one)), None)

    def range_of(self, member: Property[Any]) -> Range | None:
        """Return what a member takes, None where this camera has it not."""
        name = member.name
        if name in NUMBERS:
            control = self._known.get(NUMBERS[name])
            if control is None or not self._has(control.id):
                return None
            unit = EXPOSURE_UNIT if name == Microscope.exposure.name else 1
            return Range(_round(control.minimum * unit), _round(control.maximum * unit))
        if name in SWITCHES:
            return Range() if self._has(SWITCHES[name]) else None
        if name == Microscope.exposure_auto.name:
            return Range() if self._has(EXPOSURE_AUTO) and self._automatic() is not None else None
        if name == Microscope.light.name:
            return None if self._lamp() is None else Range(0.0, 100.0)
        if not self._has(POWER_LINE):
            return None
        known = self._known[POWER_LINE].choices
        return Range(choices=[one for at, one in enumerate(_POWER_LINES) if at in known])

    def writable(self, member: Property[Any]) -> bool:
        """Tell whether the camera lets a member be set."""
        control = self._known.get(self._number(member.name) or 0)
        return control is not None and not control.read_only

    def _number(self, name: str) -> int | None:
        special = {
            Microscope.exposure_auto.name: EXPOSURE_AUTO,
            Microscope.power_line.name: POWER_LINE,
            Microscope.light.name: self._lamp(),
        }
        return {**NUMBERS, **SWITCHES, **special}.get(name)

    def _automatic(self) -> int | None:
        choices = self._known[EXPOSURE_AUTO].choices
        return next((one for one in AUTOMATIC_EXPOSURES if one in choices), None)

    async def read(self, member: Property[Any]) -> Any:
        """Return the value of a member (DeviceError)."""
        number = self._number(member.name)
        if number is None:
            raise OutOfRange(f"the camera has no {member.name}")
        value = (await self._camera.values([number])).get(number)
        if value is None:
            raise OutOfRange(f"the camera does not say its {member.name} now")
        return self._told(member, value)

    def _told(self, member: Property[Any], value: int) -> Any:
        name = member.name
        if name == Microscope.exposure.name:
            return _round(value * EXPOSURE_UNIT)
        if name == Microscope.exposure_auto.name:
            return value != MANUAL_EXPOSURE
        if name in SWITCHES:
            return bool(value)
        if name == Microscope.power_line.name:
            return _POWER_LINES[value] if 0 <= value < len(_POWER_LINES) else PowerLine.OFF
        if name == Microscope.light.name:
            lamp = self._known[self._lamp() or 0]
            width = lamp.maximum - lamp.minimum
            return round(100.0 * (value - lamp.minimum) / width, 1) if width > 0 else 0.0
        return value

    async def write(self, member: Property[Any], value: Any) -> list[Property[Any]]:
        """Set a member; return others that changed with it (DeviceError)."""
        name = member.name
        changed: list[Property[Any]] = []
        chooser = AUTOMATIC.get(name)
        automatic = chooser is not None and self.range_of(chooser) is not None
        if chooser is not None and automatic and await self.read(chooser):
            await self.write(chooser, value=False)
            changed.append(chooser)
        if name == Microscope.exposure.name:
            await self._camera.set(EXPOSURE, round(value / EXPOSURE_UNIT))
        elif name == Microscope.exposure_auto.name:
            way = self._automatic() if value else MANUAL_EXPOSURE
            await self._camera.set(EXPOSURE_AUTO, way or 0)
        elif name == Microscope.power_line.name:
            await self._camera.set(POWER_LINE, _POWER_LINES.index(PowerLine(value)))
        elif name == Microscope.light.name:
            await self._set_light(value)
        else:
            await self._camera.set((NUMBERS | SWITCHES)[name], int(value))
        return changed

    async def _set_light(self, percent: float) -> None:
        lamp = self._known[self._lamp() or 0]
        if lamp.id == TORCH and self._has(LED_MODE):
            await self._camera.set(LED_MODE, LED_TORCH if percent > 0 else 0)
        steps = round((lamp.maximum - lamp.minimum) * percent / 100.0)
        await self._camera.set(lamp.id, lamp.minimum + steps)

    # What has no member.

    @property
    def has_others(self) -> bool:
        """Whether there are controls that have no member."""
        return bool(self._others)

    async def others(self) -> list[CameraControl]:
        """Return the other controls as they are now (DeviceError)."""
        known = {one.id: one for one in await self._camera.controls()}
        readable = [one for one in self._others.values() if one in known and known[one].readable]
        values = await self._camera.values(readable)
        return [
            _described(name, known[number], values.get(number))
            for name, number in self._others.items()
            if number in known
        ]

    async def set_other(self, name: str, value: int | None) -> CameraControl:
        """Set one of them and return it as it is then.

        Raises:
            OutOfRange: there is none of this name, or it does not take the value.
        """
        number = self._others.get(name)
        if number is None:
            names = ", ".join(self._others) or "none"
            raise OutOfRange(f"the camera has no control {name!r}; it has {names}")
        control = self._known[number]
        if control.kind == "button":
            await self._camera.press(number)
        elif value is None:
            raise OutOfRange(f"{name} needs a value")
        elif control.choices and value not in control.choices:
            raise OutOfRange(f"{name} is one of {sorted(control.choices)}")
        elif not control.minimum <= value <= control.maximum:
            raise OutOfRange(f"{name} is from {control.minimum} to {control.maximum}")
        else:
            await self._camera.set(number, value)
        return next(one for one in await self.others() if one.name == name)


def _named(controls: Sequence[V4l2Control], taken: set[int]) -> dict[str, int]:
    """Return names for controls, each once."""
    names: dict[str, int] = {}
    for control in controls:
        if control.id in taken:
            continue
        name = re.sub(r"[^a-z0-9]+", "_", control.name.lower()).strip("_") or "control"
        free = name if name not in names else f"{name}_{control.id:x}"
        names[free] = control.id
    return names


def _described(name: str, control: V4l2Control, value: int | None) -> CameraControl:
    kind = "integer" if control.kind == "other" else control.kind
    return CameraControl(
        name=name,
        title=control.name or name,
        kind=kind,
        minimum=control.minimum,
        maximum=control.maximum,
        step=control.step,
        default=control.default,
        value=value,
        choices=[ControlChoice(value=at, title=text) for at, text in control.choices.items()],
        active=not control.inactive,
        writable=not control.read_only,
    )


def _round(value: float) -> float:
    return round(value, 3)
