"""What is wrong with the hub itself, told to teachers: a disk that fills, a clock that is wrong."""

import logging

from hub.bus import Bus
from hub.device import Problem, Role
from hub.errors import N_, HubError
from hub.rights import Access

log = logging.getLogger("classhub.health")

TOPIC = "hub/health"
AUDIENCE = Access(role=Role.TEACHER)


class DiskLow(HubError):
    """Not much room is left on the disk."""

    code = "disk-low"
    status = 507
    title = N_("The hub's disk is nearly full.")
    hint = N_("Delete what is no longer needed, or tell the lab engineer.")
    retryable = True


class ClockWrong(HubError):
    """The computer's clock shows a time that cannot be."""

    code = "clock-wrong"
    status = 503
    title = N_("The clock of the hub's computer is wrong.")
    hint = N_("Set its date and time, and let it take them from the network.")
    retryable = True


class BackupFailed(HubError):
    """The daily backup could not be made."""

    code = "backup-failed"
    status = 500
    title = N_("The last backup failed.")
    hint = N_("Check the folder that backups go to, and the room on its disk.")
    retryable = True


class Health:
    """The problems of the hub, one of each code; published, retained, as `hub/health`."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._problems: dict[str, Problem] = {}

    @property
    def problems(self) -> list[Problem]:
        """What is wrong just now, in the order in which it went wrong."""
        return list(self._problems.values())

    def start(self) -> None:
        """Say how the hub is."""
        self._tell()

    def set(self, error: HubError) -> None:
        """Say that something is wrong; a problem of the same code is replaced in silence."""
        known = self._problems.get(error.code)
        problem = Problem.of(error)
        if known is None:
            log.warning("%s: %s", error.code, error.detail or error.title)
        self._problems[error.code] = problem
        if known is None or known.detail != problem.detail:
            self._tell()

    def clear(self, code: str) -> None:
        """Say that it is well again; nothing happens where it was."""
        if self._problems.pop(code, None) is not None:
            log.info("%s: well again", code)
            self._tell()

    def _tell(self) -> None:
        problems = [problem.model_dump(mode="json") for problem in self._problems.values()]
        self._bus.publish(TOPIC, {"problems": problems}, retained=True, audience=AUDIENCE)
