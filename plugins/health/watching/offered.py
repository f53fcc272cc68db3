"""What other plugins offer to be watched; see `hub.measures`."""

import logging
from collections.abc import Iterable, Iterator

from hub.plugin import Measure
from plugins.health.series import SeriesInfo
from plugins.health.watching.devices import Value

log = logging.getLogger("classhub.plugins.health")


class Offered:
    """Reads what is offered; one that fails is left out, and said once.

    Args:
        measures: all of them, also those that are offered later.
    """

    def __init__(self, measures: Iterable[Measure]) -> None:
        self._measures = measures
        self._failed: set[tuple[str, str]] = set()

    def values(self) -> Iterator[Value]:
        """Yield what is known now."""
        for one in self._measures:
            try:
                value = one.read()
            except Exception:
                if (one.plugin, one.name) not in self._failed:
                    log.exception("the value %s of %s cannot be read", one.name, one.plugin)
                self._failed.add((one.plugin, one.name))
                continue
            if value is not None:
                yield Value(SeriesInfo(one.plugin, one.name, one.title, one.unit), float(value))
