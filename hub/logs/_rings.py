"""The last lines of each device's log and of the hub's, for the engineer."""

import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hub.logs._secrets import hide

DRIVERS = "classhub.driver."
LINES = 500
LONGEST = 2000
RECENT = 2000
_MOST_DEVICES = 400
_TRACEBACK = logging.Formatter()


@dataclass(frozen=True, slots=True)
class Line:
    """One line.

    Attributes:
        time: seconds since the epoch.
        level: `debug`, `info`, `warning` or `error`.
        text: at most `LONGEST` characters; untrusted, a driver wrote it.
    """

    time: float
    level: str
    text: str


class DeviceLogs(logging.Handler):
    """Keeps the last `LINES` lines of each device and of each driver process.

    Lines come from the loggers `classhub.driver.<name>` (the name is the device's id, or the
    driver's where one process serves all its devices), and from any other that says the device
    with `extra={"device": id}`.

    Args:
        secrets: returns what must be blotted out of the lines of a device or driver.
    """

    def __init__(self, secrets: Callable[[str], Iterable[str]] = lambda _: ()) -> None:
        super().__init__(logging.DEBUG)
        self._secrets = secrets
        self._rings: OrderedDict[str, deque[Line]] = OrderedDict()
        self._recent: deque[Line] = deque(maxlen=RECENT)
        # Not the handler's own lock: a reader must never hold up who writes to the log.
        self._access = threading.Lock()

    def start(self) -> None:
        """Begin to keep lines."""
        logging.getLogger("classhub").addHandler(self)

    def stop(self) -> None:
        """Leave off."""
        logging.getLogger("classhub").removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line; hide what is secret in it, also from the handlers that come after."""
        name = subject_of(record)
        try:
            text = self._text_of(record) if name is None else self._hide_in(record, name)
        except Exception:  # noqa: BLE001 - a handler never fails whoever writes to the log
            self.handleError(record)
            return
        line = Line(record.created, level_of(record.levelno), text[:LONGEST])
        about = f"{record.name}: " if name is None else f"{name}: "
        whole = Line(line.time, line.level, about + line.text)
        with self._access:
            self._recent.append(whole)
            if name is None:
                return
            ring = self._rings.get(name)
            if ring is None:
                ring = self._rings[name] = deque(maxlen=LINES)
            self._rings.move_to_end(name)
            ring.append(line)
            while len(self._rings) > _MOST_DEVICES:
                self._rings.popitem(last=False)

    def lines(self, *names: str) -> list[Line]:
        """Return what is kept under these names, the oldest first, at most `LINES`."""
        with self._access:
            found = [line for name in names for line in self._rings.get(name, ())]
        return sorted(found, key=lambda line: line.time)[-LINES:]

    def recent(self) -> list[Line]:
        """Return the last `RECENT` lines of the whole hub; each says first whose it is."""
        with self._access:
            return list(self._recent)

    def forget(self, name: str) -> None:
        """Drop the lines of a device that was removed."""
        with self._access:
            self._rings.pop(name, None)

    @staticmethod
    def _text_of(record: logging.LogRecord) -> str:
        text = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            text += "\n" + _TRACEBACK.formatException(record.exc_info)
        return text

    def _hide_in(self, record: logging.LogRecord, name: str) -> str:
        """Blot out what is secret in a record itself, and return its text."""
        secrets = list(self._secrets(name))
        text = record.getMessage()
        hidden = hide(text, secrets)
        if hidden != text:
            record.msg, record.args = hidden, ()
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = hide(_TRACEBACK.formatException(record.exc_info), secrets)
            # The traceback is for the hub's own log; for the page its last line says enough.
            hidden += ": " + record.exc_text.rsplit("\n", 1)[-1]
        return hidden


def subject_of(record: logging.LogRecord) -> str | None:
    """Return the device (or driver) that a record is about, None where it is about none."""
    named = getattr(record, "device", None)
    if isinstance(named, str):
        return named
    if record.name.startswith(DRIVERS):
        return record.name[len(DRIVERS) :]
    return None


def level_of(number: int) -> str:
    """Return the word for a level of `logging`."""
    if number >= logging.ERROR:
        return "error"
    if number >= logging.WARNING:
        return "warning"
    return "info" if number >= logging.INFO else "debug"
