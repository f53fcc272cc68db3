"""How long things may take between the hub, its driver processes and the devices."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds, all of them; tests shorten them, nobody else needs to.

    Attributes:
        heartbeat: from one heartbeat of a process to the next.
        silence: a process that gives no heartbeat for so long is killed.
        open: a process that has not loaded its driver after so long is killed.
        grace: a call that is so long past its limit (or its cancellation) ends its process.
        connect: limit of one attempt to connect. disconnect: limit of letting go.
        again, again_most: first and longest pause before connecting again.
        slow: pause where trying again soon is no use (wrong device, bad settings).
        picture: a frame stream that gives nothing for so long is begun anew.
        restart, restart_most: first and longest pause before starting a process again.
        fault: pause between starts once a process has used up its crash budget.
    """

    heartbeat: float = 1.0
    silence: float = 5.0
    open: float = 20.0
    grace: float = 3.0
    connect: float = 20.0
    disconnect: float = 3.0
    again: float = 0.2
    again_most: float = 2.0
    slow: float = 30.0
    picture: float = 10.0
    restart: float = 0.2
    restart_most: float = 5.0
    fault: float = 60.0

    def as_data(self) -> dict[str, float]:
        """Return it as JSON-ready data."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Self:
        """Return what `as_data` gave."""
        return cls(**{field.name: float(data[field.name]) for field in fields(cls)})
