"""A command under way, who hears of the talk, how long to be patient, and what is counted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from drivers.printer.gcode import word_of
from drivers.printer.marlin.lines import LONG


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds.

    Attributes:
        busy: within which something is said by firmware that tells when it is busy.
        mute: likewise by firmware that does not.
        long: by such firmware during a command that takes long.
        again: between two questions.
        doubt: after which a command that takes long is asked after although the printer speaks:
            it may be waiting for the rest of a line that was spoilt. Then twice as long, and so on.
        silent: without an answer people are told.
        gone: without an answer it is given up.
    """

    busy: float = 4.0
    mute: float = 6.0
    long: float = 900.0
    again: float = 3.0
    doubt: float = 60.0
    silent: float = 12.0
    gone: float = 60.0


class Command:
    """One command: what is sent, and who hears how it went.

    Attributes:
        text: without number and checksum.
        line: of the file, 0 where it is from none. note: what whoever read the file keeps with it.
        long: the printer may be silent for minutes over it.
        asked: how often it was sent again only to hear what has become of it.
        done: called once, with what the printer said to it, or None where that is not known.
    """

    __slots__ = (
        "asked",
        "done",
        "frame",
        "line",
        "long",
        "note",
        "number",
        "replies",
        "sent",
        "taken",
        "text",
    )

    def __init__(
        self,
        text: bytes,
        *,
        line: int = 0,
        note: Any = None,
        long: bool | None = None,
        done: "Callable[[list[bytes] | None], None] | None" = None,
    ) -> None:
        self.text = text
        self.line = line
        self.note = note
        self.done = done
        self.long = word_of(text) in LONG if long is None else long
        self.number = 0
        self.frame = b""
        self.sent = 0.0
        self.asked = 0
        self.taken = False
        self.replies: list[bytes] = []


class Listener(Protocol):
    """Who hears what the printer says beside the talk itself."""

    def said(self, line: bytes) -> None:
        """Hear a line that is not of the talk: temperatures, actions, messages."""

    def taken(self, command: Command) -> None:
        """Hear that the printer has taken a line of the file."""

    def reset(self, why: str) -> None:
        """Hear that the printer has started anew: it has forgotten everything."""

    def halted(self, why: str) -> None:
        """Hear that the printer has stopped itself, and takes nothing more."""

    def silent(self, silent: bool) -> None:
        """Hear that the printer does not answer, or does again."""

    def refused(self, why: str) -> None:
        """Hear that the printer refuses a line for ever."""

    def gone(self, why: str) -> None:
        """Hear that the printer has not answered for long."""


@dataclass(slots=True)
class Counts:
    """What has been counted since the talk began."""

    sent: int = 0
    resent: int = 0
    refused: int = 0
    silences: int = 0
    garbled: int = 0
