"""Values that plugins offer to whoever watches: how long something waits, how much is used up.

A plugin says how a value is read; who wants it (device health, for plots and for rules of alerts)
reads it every few seconds. Neither knows of the other.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

MOST = 200


@dataclass(frozen=True, slots=True)
class Measure:
    """A value that is offered.

    Attributes:
        plugin: whose. name: of the value, the same for ever: rules and plots name it.
        title: for people (message id). unit: UCUM; `1` for a count.
        read: returns the value at once, from memory; None where it is not known just now.
    """

    plugin: str
    name: str
    title: str
    unit: str
    read: Callable[[], float | None]


class Measures:
    """What all plugins offer."""

    def __init__(self) -> None:
        self._all: dict[tuple[str, str], Measure] = {}

    def offer(self, measure: Measure) -> None:
        """Offer a value.

        Raises:
            ValueError: the plugin offers one of this name already, or there are too many.
        """
        key = (measure.plugin, measure.name)
        if key in self._all or len(self._all) >= MOST:
            raise ValueError(f"{measure.plugin}: {measure.name} is offered already, or too much is")
        self._all[key] = measure

    def __iter__(self) -> Iterator[Measure]:
        """Iterate over all that is offered."""
        return iter(tuple(self._all.values()))
