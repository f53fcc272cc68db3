"""What was heard is told; where nothing makes sense any more, that is told."""

from drivers.globe.contract import Globe
from drivers.globe.problems import MOST_SENSELESS, NOT_UNDERSTOOD
from drivers.globe.words import Heard


class Hearing:
    """Tells for a globe's driver what its pens said."""

    def __init__(self, globe: Globe) -> None:
        self._globe = globe
        self._senseless = 0

    def tell(self, heard: Heard | None) -> None:
        """Tell what one line or report said; None where it made no sense."""
        if heard is None:
            self._senseless += 1
            if self._senseless == MOST_SENSELESS:
                self._globe.health(NOT_UNDERSTOOD)
            return
        if self._senseless >= MOST_SENSELESS:
            self._globe.health(None)
        self._senseless = 0
        if heard.battery is not None:
            self._globe.report(Globe.battery, heard.battery)
        for tap in heard.taps:
            self._globe.emit(Globe.tap, tap)
