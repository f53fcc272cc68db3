"""A failure is said once, and its recovery once."""

import logging


class Latch:
    """Says of something that is tried again and again when it begins to fail and when it is over.

    What happens in between is counted, so that the recovery tells how often it was tried.

    Args:
        log: where it is said.
        failing: the message of the first failure; `%s` in it is the reason.
        again: the message of the recovery.
        level: of the failure; the recovery is said at `INFO`.
    """

    def __init__(
        self, log: logging.Logger, failing: str, again: str, *, level: int = logging.WARNING
    ) -> None:
        self._log = log
        self._failing = failing
        self._again = again
        self._level = level
        self._times = 0

    @property
    def failing(self) -> bool:
        """Whether it fails now."""
        return self._times > 0

    def failed(self, why: object) -> None:
        """It has failed; said where it worked before."""
        self._times += 1
        if self._times == 1:
            self._log.log(self._level, self._failing, why)

    def worked(self) -> None:
        """It has worked; said where it failed before."""
        if self._times:
            more = f", after {self._times} attempts" if self._times > 1 else ""
            self._log.info("%s%s", self._again, more)
        self._times = 0
