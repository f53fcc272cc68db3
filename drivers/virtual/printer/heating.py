"""Heaters as Marlin drives and watches them: a warm mass, a heater, a loss to the air."""

from dataclasses import dataclass, field

AMBIENT = 21.0
STEP = 0.25
REACHED = 2.0
HYSTERESIS = 4.0
RUNAWAY = 40.0
RISE = 2.0


class ThermalFault(Exception):
    """The firmware's watch over a heater has found it out of control."""


@dataclass
class Heater:
    """One heater. Watts, joules a kelvin, watts a kelvin, seconds, degrees Celsius.

    Attributes:
        watch: seconds within which it must rise by two degrees.
        broken: its wires are off; it gives no heat.
        lost: W/K beside its usual loss: the part's fan blows at it.
    """

    name: str
    power: float
    mass: float
    loss: float
    watch: float
    hottest: float
    actual: float = AMBIENT
    target: float = 0.0
    duty: float = 0.0
    broken: bool = False
    lost: float = 0.0
    _rise_to: float = field(default=0.0, init=False)
    _rise_by: float | None = field(default=None, init=False)
    _reached: bool = field(default=False, init=False)
    _below: float = field(default=0.0, init=False)

    def aim(self, target: float, now: float) -> None:
        """Set how warm it shall be."""
        self.target = min(max(target, 0.0), self.hottest)
        self._reached = False
        self._below = 0.0
        self._rise_by = None
        if self.target > self.actual + RISE:
            self._rise_to, self._rise_by = self.actual + RISE, now + self.watch

    @property
    def there(self) -> bool:
        """Whether it is as warm as it shall be."""
        return abs(self.actual - self.target) < 1.0 or self.target == 0

    def advance(self, seconds: float, now: float) -> None:
        """Let time pass, up to `now`.

        Raises:
            ThermalFault: it does not get warm, or cools although it is driven.
        """
        while seconds > 0:
            step = min(seconds, STEP)
            seconds -= step
            loss = self.loss + self.lost
            hold = loss * (self.target - AMBIENT) / self.power
            want = hold + 0.08 * (self.target - self.actual) if self.target else 0.0
            self.duty = min(max(want, 0.0), 1.0)
            heat = 0.0 if self.broken else self.power * self.duty
            self.actual += step * (heat - loss * (self.actual - AMBIENT)) / self.mass
            self._watch(step, now - seconds)

    def _watch(self, step: float, now: float) -> None:
        if not self.target:
            return
        if self._rise_by is not None and now >= self._rise_by:
            if self.actual < self._rise_to:
                raise ThermalFault(f"Heating failed, system stopped! Heater_ID: {self.name}")
            self._rise_by = None
            if self.actual < self.target - REACHED:
                self._rise_to, self._rise_by = self.actual + RISE, now + self.watch
        if abs(self.actual - self.target) < REACHED:
            self._reached, self._rise_by = True, None
        self._below = self._below + step if self.actual < self.target - HYSTERESIS else 0.0
        if self._reached and self._below > RUNAWAY:
            raise ThermalFault(f"Thermal Runaway, system stopped! Heater_ID: {self.name}")


def hot_end() -> Heater:
    """Return a nozzle of 40 W: 200 °C in about 80 s."""
    return Heater("E0", power=40, mass=12, loss=0.1, watch=20, hottest=300)


def heated_bed() -> Heater:
    """Return a plate of 250 W: 60 °C in about 90 s."""
    return Heater("bed", power=250, mass=480, loss=1.2, watch=60, hottest=120)
