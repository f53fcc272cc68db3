"""How people press: the curve of each person, as the tablets' page tells it."""

from typing import Any

from drivers.tablet.contract import PressureCurve
from hub.plugin import Message, PluginHub

EVEN = PressureCurve()


class Hands:
    """The pressure curves of persons; who has none presses evenly."""

    def __init__(self) -> None:
        self._curves: dict[str, PressureCurve] = {}

    def listen(self, hub: PluginHub) -> Any:
        """Begin to listen; returns what ends it."""
        return hub.bus.subscribe("x/tablets/curves/+", self._hear)

    def curve(self, person: str | None) -> PressureCurve:
        """Return how somebody presses."""
        return self._curves.get(person or "", EVEN)

    def _hear(self, message: Message) -> None:
        person = message.topic.rpartition("/")[2]
        told = (message.payload or {}).get("curve")
        if told is None:
            self._curves.pop(person, None)
        else:
            self._curves[person] = PressureCurve.model_validate(told)


def curve_fields(curve: PressureCurve) -> dict[str, Any]:
    """Return what a stroke's item says of the hand that drew it; nothing of an even one."""
    if curve == EVEN:
        return {}
    # Never whole numbers: browsers would read them as BigInt.
    return {"curve": [float(curve.lightest), float(curve.hardest), float(curve.softness)]}
