"""What a check has found."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class Status(StrEnum):
    """How it is."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check says.

    Attributes:
        check: its name, stable: scripts may rely on it.
        status: how it is.
        what: one line for people; may hold untrusted text.
        mend: one line, with the command or the setting that mends it; empty where it is well.
    """

    check: str
    status: Status
    what: str
    mend: str = ""

    def as_json(self) -> dict[str, str]:
        """Return it as JSON-ready data."""
        return {**asdict(self), "status": self.status.value}


def ok(check: str, what: str) -> Finding:
    """It is as it should be."""
    return Finding(check, Status.OK, what)


def warning(check: str, what: str, mend: str) -> Finding:
    """The hub works, and something about it is worth mending."""
    return Finding(check, Status.WARNING, what, mend)


def failed(check: str, what: str, mend: str) -> Finding:
    """Something does not work until it is mended."""
    return Finding(check, Status.FAILED, what, mend)


def skipped(check: str, what: str, mend: str = "") -> Finding:
    """It could not be looked at, or there is nothing to look at."""
    return Finding(check, Status.SKIPPED, what, mend)
