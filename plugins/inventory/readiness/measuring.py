"""What the hub can measure for the form: devices that it sees, things that are entered, speed."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from hub.clock import now, rfc3339
from hub.plugin import N_, Bus, PluginHub
from plugins.inventory.items import Inventory
from plugins.inventory.readiness.forms import FormName, form_of
from plugins.inventory.readiness.reports import Measured, Seen

_DEVICES = N_("Counted by the hub: {n} in use, {answering} of them answer.")
_ENTERED = N_("Counted in the inventory.")
MBIT = N_("Mbit/s")
"""The unit of the form's speeds."""
_NO_SPEED = N_("Not measured.")
_SPEED = N_("Measured by the hub against {address}.")


SPEED_TOLD = "x/health/network"
"""Where the hub's health tells how fast the internet was measured."""


@dataclass(frozen=True, slots=True)
class Speed:
    """A measurement of the internet's speed.

    Attributes:
        download, upload: towards the school and from it, Mbit/s; None where it was not measured.
        at: when, seconds since the epoch. address: against whom.
    """

    download: float | None
    upload: float | None
    at: float
    address: str


def told_speed(bus: Bus) -> Speed | None:
    """Return the newest measurement that is told on the bus; None where none is."""
    for message in bus.retained(SPEED_TOLD):
        told = message.payload.get("speed") if isinstance(message.payload, dict) else None
        if told:
            return Speed(told["download"], told["upload"], told["seconds"], told["address"])
    return None


class Measuring:
    """Fills in what can be measured.

    Args:
        hub: whose devices they are, and where the internet's speed is told.
        inventory: what is entered.
    """

    def __init__(self, hub: PluginHub, inventory: Inventory) -> None:
        self._hub = hub
        self._inventory = inventory

    async def seen(self, form: FormName) -> Seen:
        """Return what the hub measures for a form now."""
        if form != "readiness":
            return Seen()
        kinds = await self._entered()
        speed = told_speed(self._hub.bus)
        at = rfc3339(now())
        measured: dict[str, Measured] = {}
        for row in form_of(form).rows:
            what, _, which = (row.measured or "").partition(":")
            if what == "devices":
                measured[row.id] = self._devices(which, at)
            elif what == "inventory":
                count = float(kinds[which])
                measured[row.id] = Measured(value=count, at=at, method=_ENTERED)
            elif what == "speed":
                measured[row.id] = _speed(speed, which)
        return Seen(measured, self._kinds())

    async def _entered(self) -> Counter[str]:
        kinds: Counter[str] = Counter()
        for item in await self._inventory.items():
            kinds[item.fields.kind] += item.fields.quantity
        return kinds

    def _devices(self, kind: str, at: str) -> Measured:
        those = [one for one in self._hub.devices.list() if one.kind == kind]
        answering = sum(one.state.reachable for one in those)
        params = {"n": len(those), "answering": answering}
        return Measured(value=float(len(those)), at=at, method=_DEVICES, params=params)

    def _kinds(self) -> list[dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for device in self._hub.devices.list():
            one = found.setdefault(
                device.kind, {"title": device.kind_title, "count": 0, "answering": 0, "faults": 0}
            )
            one["count"] += 1
            one["answering"] += int(device.state.reachable)
            health = device.state.health
            one["faults"] += int(health is not None and health.severity == "fault")
        return sorted(found.values(), key=lambda one: str(one["title"]))


def _speed(speed: Speed | None, which: str) -> Measured:
    value = None if speed is None else getattr(speed, which)
    if speed is None or value is None:
        return Measured(value=None, at=None, method=_NO_SPEED)
    params = {"address": speed.address}
    return Measured(value=round(value, 1), at=rfc3339(speed.at), method=_SPEED, params=params)
