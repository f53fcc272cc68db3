"""How warm each printer was in the last hours: a ring in memory, for the plot."""

from collections import deque
from collections.abc import Callable

from pydantic import ValidationError

from drivers.printer.contract import Printer
from drivers.printer.values import Heater
from drivers.printer.values import Temperatures as Warmth
from hub.clock import now
from hub.plugin import Message, PluginHub

MOST = 5000
APART = 1.5
"""Seconds between two rows at least: 5,000 of them are two hours."""
Row = tuple[float, float | None, float | None, float | None, float | None]
"""Time, nozzle, its target, plate, its target."""


class TemperatureLog:
    """Listens to the temperatures of all printers."""

    def __init__(self, hub: PluginHub) -> None:
        self._hub = hub
        self._rows: dict[str, deque[Row]] = {}
        self._changed: dict[str, float] = {}
        self._leave: Callable[[], None] | None = None

    def start(self) -> None:
        """Begin to listen."""
        topic = f"+/p/{Printer.temperatures.name}"
        self._leave = self._hub.bus.subscribe(topic, self._hear)

    def stop(self) -> None:
        """Listen no more."""
        if self._leave is not None:
            self._leave()

    def of(self, printer: str, seconds: float) -> list[Row]:
        """Return the rows of the last `seconds`, the oldest first."""
        since = now() - seconds
        return [row for row in self._rows.get(printer, ()) if row[0] >= since]

    def heated_since(self, printer: str) -> float | None:
        """Return since when heaters are told to be as warm as they are; None: they are off."""
        rows = self._rows.get(printer)
        if rows is None or not any(target for target in (rows[-1][2], rows[-1][4])):
            return None
        return self._changed.get(printer)

    def _hear(self, message: Message) -> None:
        payload = message.payload
        if not isinstance(payload, dict) or payload.get("quality") != "good":
            return
        try:
            warm = Warmth.model_validate(payload["value"])
        except (ValidationError, KeyError):
            return
        rows = self._rows.setdefault(message.topic.split("/", 1)[0], deque(maxlen=MOST))
        moment = now()
        row = (round(moment, 1), *_pair(warm.tools[0] if warm.tools else None), *_pair(warm.bed))
        printer = message.topic.split("/", 1)[0]
        same = bool(rows) and rows[-1][2::2] == row[2::2]
        if not same:
            self._changed[printer] = moment
        if not rows or not same or moment - rows[-1][0] >= APART or moment < rows[-1][0]:
            rows.append(row)


def _pair(heater: Heater | None) -> tuple[float | None, float | None]:
    return (None, None) if heater is None else (heater.actual, heater.target)
