"""Where the log goes: one line an event, on standard error, where systemd's journal takes it."""

import json
import logging
import os
import sys
from typing import Any, Literal

from hub.clock import rfc3339
from hub.logs._rings import level_of, subject_of

Format = Literal["text", "json"]

# The priorities of syslog(3), which the journal reads from the start of each line (sd-daemon(3)).
_PRIORITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
# What records may say beside their text, with `extra={…}`; one word each.
FIELDS = ("device", "driver", "code", "operation")


def into_journal() -> bool:
    """Tell whether standard error goes to systemd's journal (systemd.exec(5), JOURNAL_STREAM)."""
    named = os.environ.get("JOURNAL_STREAM")
    if not named:
        return False
    try:
        about = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return named == f"{about.st_dev}:{about.st_ino}"


class TextFormatter(logging.Formatter):
    """`time level logger: message`; in the journal a priority instead of the time.

    Args:
        journal: the lines go to systemd's journal, which adds the time.
    """

    def __init__(self, *, journal: bool) -> None:
        pattern = "%(levelname).1s %(name)s: %(message)s"
        super().__init__(pattern if journal else f"%(asctime)s {pattern}", "%H:%M:%S")
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, or the lines of a traceback."""
        text = super().format(record)
        if not self._journal:
            return text
        # Each line is an entry of its own there, so each says its priority.
        mark = f"<{_priority(record.levelno)}>"
        return "\n".join(mark + line for line in text.split("\n"))


class JsonFormatter(logging.Formatter):
    """One JSON object a line: `time`, `level`, `logger`, `text`, and what the record says beside.

    `device`, `driver`, `code` and `operation` are there where the event is about one; `trace` is
    the traceback of a failure of the hub itself.

    Args:
        journal: the lines go to systemd's journal and say their priority first.
    """

    def __init__(self, *, journal: bool) -> None:
        super().__init__()
        self._mark = journal

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        said: dict[str, Any] = {
            "time": rfc3339(record.created),
            "level": level_of(record.levelno),
            "logger": record.name,
            "text": record.getMessage(),
        }
        subject = subject_of(record)
        if subject is not None:
            said["device"] = subject
        for name in FIELDS:
            value = getattr(record, name, None)
            if isinstance(value, str | int):
                said[name] = value
        if record.exc_info:
            said["trace"] = record.exc_text or self.formatException(record.exc_info)
        line = json.dumps(said, ensure_ascii=False)
        return f"<{_priority(record.levelno)}>{line}" if self._mark else line


def set_up(level: str, format: Format = "text") -> None:  # noqa: A002 - the setting's word
    """Send the log of the whole process to standard error.

    Args:
        level: the least level that is written: `debug`, `info`, `warning` or `error`.
        format: lines for people, or JSON for programs.
    """
    handler = logging.StreamHandler(sys.stderr)
    journal = into_journal()
    handler.setFormatter(
        JsonFormatter(journal=journal) if format == "json" else TextFormatter(journal=journal)
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("classhub").setLevel(level.upper())


def _priority(level: int) -> int:
    return next((priority for least, priority in _PRIORITIES if level >= least), 7)
