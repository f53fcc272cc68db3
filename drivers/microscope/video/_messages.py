"""RTSP on the wire: requests, answers, and the packets between them (RFC 2326, section 10.12)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hub.device import WrongDevice

MOST_HEAD = 32 * 1024
MOST_BODY = 256 * 1024
_DOLLAR = 0x24
_ANSWER = re.compile(r"RTSP/\d\.\d (\d{3})(?: .*)?\Z")
_REQUEST = re.compile(r"([A-Z_]{1,32}) (\S+) RTSP/\d\.\d\Z")
_END = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class Message:
    """A request or an answer.

    Attributes:
        start: its first line.
        headers: names and values as they came, in their order.
    """

    start: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @property
    def status(self) -> int:
        """The status of an answer, 0 of a request."""
        found = _ANSWER.match(self.start)
        return int(found[1]) if found else 0

    @property
    def request(self) -> tuple[str, str] | None:
        """The method and the target of a request, None of an answer."""
        found = _REQUEST.match(self.start)
        return (found[1], found[2]) if found else None

    def header(self, name: str) -> str:
        """Return the first header of this name, empty where there is none."""
        return next((v for n, v in self.headers if n.lower() == name.lower()), "")

    def all(self, name: str) -> str:
        """Return every header of this name, with commas between them as HTTP joins them."""
        return ", ".join(v for n, v in self.headers if n.lower() == name.lower())

    def encode(self) -> bytes:
        """Return its bytes; the length of the body is added."""
        lines = [self.start, *(f"{name}: {value}" for name, value in self.headers)]
        if self.body:
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + self.body


@dataclass(frozen=True, slots=True)
class Packet:
    """A piece of the picture (or of its statistics), its four bytes of framing included."""

    data: bytes


class MessageReader:
    """Cuts what comes on a connection into messages and packets, however it arrives."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    @property
    def pending(self) -> int:
        """Bytes kept for what is not complete: at most a head, a body and what came with them."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[Message | Packet]:
        """Take the next bytes; return what they complete, in order.

        Raises:
            WrongDevice: it is no RTSP, or more than a camera has to say.
        """
        self._buffer += data
        whole: list[Message | Packet] = []
        while (one := self._next()) is not None:
            whole.append(one)
        return whole

    def _next(self) -> Message | Packet | None:
        buffer = self._buffer
        while buffer and buffer[0] in b"\r\n":  # some end a body with an empty line
            del buffer[:1]
        if not buffer:
            return None
        if buffer[0] == _DOLLAR:
            size = 4 + int.from_bytes(buffer[2:4], "big")
            if len(buffer) < 4 or len(buffer) < size:
                return None
            return Packet(self._take(size))
        end = _END.search(buffer, 0, MOST_HEAD)
        if end is None:
            if len(buffer) >= MOST_HEAD:
                raise WrongDevice("what answers does not speak RTSP: its headers have no end")
            _first_line(bytes(buffer[:64]), whole=False)
            return None
        start, headers = _head(bytes(buffer[: end.start()]))
        size = _length(headers)
        if len(buffer) < end.end() + size:
            return None
        self._take(end.end())
        return Message(start, headers, self._take(size))

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken


def _first_line(line: bytes, *, whole: bool) -> str:
    """Return a message's first line; what cannot be one is refused before its end has come."""
    text = line.decode("latin-1")
    if whole and not (_ANSWER.match(text) or _REQUEST.match(text)):
        raise WrongDevice(f"what answers does not speak RTSP: {text[:40]!r}")
    if not re.match(r"[A-Z_]", text):
        raise WrongDevice(f"what answers does not speak RTSP: {text[:40]!r}")
    return text


def _head(head: bytes) -> tuple[str, tuple[tuple[str, str], ...]]:
    lines = re.split(rb"\r?\n", head)
    start = _first_line(lines[0], whole=True)
    headers = []
    for line in lines[1:]:
        name, colon, value = line.decode("latin-1").partition(":")
        if colon and name.strip():
            headers.append((name.strip(), value.strip()))
    return start, tuple(headers)


def _length(headers: Sequence[tuple[str, str]]) -> int:
    said = next((value for name, value in headers if name.lower() == "content-length"), "0")
    if not re.fullmatch(r"\d{1,9}", said, re.ASCII) or int(said) > MOST_BODY:
        raise WrongDevice(f"an answer of RTSP is too long: {said[:20]!r}")
    return int(said)
