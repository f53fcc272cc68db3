"""What is known of a printer for the queue, as values. Pure."""

from dataclasses import dataclass, field, replace
from typing import Any

from drivers.printer.gcode import DEFAULT
from drivers.printer.values import PrinterState, Volume

DEFAULT_HEATERS_OFF = 30.0
"""Minutes after which heaters that nobody uses are switched off."""


@dataclass(frozen=True, slots=True)
class Plate:
    """Whether something lies on the plate.

    Attributes:
        clear: somebody has said so since the last print began.
        job: whose part lies on it, None where that is not known, or nothing does.
        since: epoch seconds.
        by: who said so; empty where nobody has.
        seen: epoch seconds, when the printer was in sight last while its plate was clear; where it
            is not clear: since then nobody knows what lies on it, None where that is not why.
    """

    clear: bool = False
    job: str | None = None
    since: float = 0.0
    by: str = ""
    seen: float | None = None

    def after(self, time: float, most: float) -> "Plate":
        """Return it as it counts at a time: clear as long as the printer was in sight.

        Args:
            time: epoch seconds.
            most: seconds for which it may be out of sight; 0: for ever.
        """
        seen = self.since if self.seen is None else self.seen
        # Also where the clock was set back: nobody knows how long it was then.
        if not self.clear or not most or abs(time - seen) <= most:
            return self
        return replace(self, clear=False, by="", seen=seen)


@dataclass(frozen=True, slots=True)
class PrinterSetup:
    """What people set of a printer beside its driver.

    Attributes:
        profile: which printer it is, for the slicer; empty for none.
        camera: the device that looks at it.
        spool: that is on it.
        heaters_off_after: minutes; 0 for never.
        time_lapse: `off`, `layer` for a picture of each layer.
        policy: `name`: of the policy by which its G-code is judged; without, the device's own.
    """

    profile: str = ""
    camera: str | None = None
    spool: str | None = None
    heaters_off_after: float = DEFAULT_HEATERS_OFF
    time_lapse: str = "off"
    policy: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def of(cls, kept: dict[str, Any]) -> "PrinterSetup":
        """Return what was kept; what an older version has not known is as usual."""
        return cls(**{name: kept[name] for name in cls.__slots__ if name in kept})


@dataclass(frozen=True, slots=True)
class PrinterNow:
    """A printer as it is now.

    Attributes:
        state: None while it is not known.
        volume, nozzle, materials: None while they are not known.
        policy: the name of the one by which its G-code is judged and sent.
    """

    id: str
    name: str
    reachable: bool
    state: PrinterState | None
    volume: Volume | None
    nozzle: float | None
    materials: tuple[str, ...] | None
    plate: Plate
    setup: PrinterSetup
    busy_with: str | None = None
    """The job that is under way on it."""
    policy: str = DEFAULT

    @property
    def ready(self) -> bool:
        """Whether a print may be started on it now."""
        return (
            self.reachable
            and self.state is PrinterState.IDLE
            and self.plate.clear
            and self.busy_with is None
        )
