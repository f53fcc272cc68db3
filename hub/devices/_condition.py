"""How one device is: what discovery, its process and its driver say of it, made one state."""

from typing import Any

from hub.clock import now
from hub.device import Found, Problem
from hub.devices._config import DeviceState, Presence


class Condition:
    """The state of one device, and what it follows from.

    Attributes:
        state: how the device is.
        found: it as discovery has found it, None where nothing was looked for or found.
        absence: why it counts as absent, None where it does not.
        device_problem: what its driver says is wrong.
        process_problem: what is wrong with its driver's process.
    """

    def __init__(self) -> None:
        self.state = DeviceState(process="starting")
        self.found: Found | None = None
        self.absence: Problem | None = None
        self.device_problem: Problem | None = None
        self.process_problem: Problem | None = None

    def change(self, **changes: Any) -> bool:
        """Take changes of the state, make the rest follow; returns whether anything is different.

        Of several problems the first cause is told: it is not there, then what its driver says,
        then that the driver does not run.
        """
        reachable = changes.get("reachable", self.state.reachable)
        why = self.absence or self.device_problem or self.process_problem
        changes["presence"] = self._presence(reachable)
        changes["problem"] = None if reachable else why
        if all(getattr(self.state, name) == value for name, value in changes.items()):
            return False
        self.state = self.state.model_copy(update={**changes, "since": now()})
        return True

    def _presence(self, reachable: bool) -> Presence:
        if reachable or (self.found is not None and self.absence is None):
            return "present"
        return "unknown" if self.absence is None else "absent"
