"""Finding projectors of class 2: a question to everybody in the network, and who answers.

Source: PJLink Specifications 2.10 (JBMIA), class 2, section 3.2: the controller broadcasts
`%2SRCH` to UDP port 4352; every projector answers `%2ACKN=` and its hardware address to port 4352
of the controller, within ten seconds. Nobody is asked for a password. Projectors of class 1 do not
answer.

Only when somebody asks for it: a broadcast is heard by every computer of the school.
"""

import asyncio
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import psutil

from drivers.panel.pjlink.words import PORT
from hub.device import N_, DeviceError

QUESTION: Final = b"%2SRCH\r"
PATIENCE: Final = 12.0
"""Seconds: a projector may take ten."""
EVERYBODY: Final = ("255.255.255.255",)
HERE: Final = "127.255.255.255"
"""Whoever hears on this computer alone, such as the virtual classroom's projector."""
MOST_NETWORKS: Final = 16
MOST: Final = 200
"""So many projectors are told of; a network that makes up more is not believed."""
_ANSWER: Final = re.compile(r"%2ACKN=((?:[0-9a-f]{2}:?){5}[0-9a-f]{2})", re.IGNORECASE)


class CannotSearch(DeviceError):
    """The question cannot be sent: there is no network."""

    code = "search-failed"
    status = 503
    title = N_("The network cannot be searched for projectors.")
    hint = N_("See that this computer is in the projectors' network, and try again.")


@dataclass(frozen=True, slots=True)
class FoundProjector:
    """A projector that answered: its address in the network, and that of its hardware."""

    host: str
    hardware: str


def read_answer(data: bytes) -> str | None:
    """Return the hardware address in an answer (`00:11:22:aa:bb:cc`), None where it is none."""
    match = _ANSWER.fullmatch(data[:64].decode("ascii", "replace").strip("\0 \r\n\t"))
    if match is None:
        return None
    digits = match[1].replace(":", "").lower()
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def everybody() -> tuple[str, ...]:
    """Return whom to ask where nobody says it: each network that this computer is in.

    A broadcast to all (255.255.255.255) goes out at one of its cards only.
    """
    cards = psutil.net_if_addrs().values()
    told = {one.broadcast for card in cards for one in card if one.family == socket.AF_INET}
    networks = sorted(network for network in told if network)[:MOST_NETWORKS]
    return (*EVERYBODY, *networks, HERE)


class _Asking(asyncio.DatagramProtocol):
    def __init__(self, heard: Callable[[FoundProjector], None]) -> None:
        self._heard = heard
        self._seen: set[FoundProjector] = set()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        hardware = read_answer(data)
        if hardware is None or len(self._seen) >= MOST:
            return
        found = FoundProjector(addr[0], hardware)
        if found not in self._seen:
            self._seen.add(found)
            self._heard(found)

    def error_received(self, exc: Exception) -> None:
        """Nobody listens at an address that was asked: no answer either."""


def _socket(port: int) -> socket.socket:
    """Return a socket on PJLink's port, where answers come; on any where another program has it."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)  # noqa: FBT003 - its only parameter
    made.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    try:
        made.bind(("", port))
    except OSError:
        made.bind(("", 0))
    return made


async def search(
    heard: Callable[[FoundProjector], None],
    *,
    to: Sequence[str] = EVERYBODY,
    port: int = PORT,
    own_port: int = PORT,
    seconds: float = PATIENCE,
) -> None:
    """Ask who is there, twice, and listen.

    Args:
        heard: called once for each that answers, as it answers.
        to: addresses that are asked: of everybody, of a network (`192.168.1.255`), or of one.
        port: where projectors hear.
        own_port: where answers are heard; another one where that is taken, which only those
            projectors find that answer to where they were asked from.
        seconds: for how long.

    Raises:
        CannotSearch: no question could be sent.
    """
    loop = asyncio.get_running_loop()
    try:
        own = _socket(own_port)
    except OSError as error:
        raise CannotSearch(str(error)) from None
    transport, _ = await loop.create_datagram_endpoint(lambda: _Asking(heard), sock=own)
    try:
        sent, problem = 0, ""
        for pause in (seconds / 4, seconds * 3 / 4):  # a datagram may get lost
            for host in to:
                try:
                    own.sendto(QUESTION, (host, port))  # the transport would swallow the error
                    sent += 1
                except OSError as error:
                    problem = f"{host}: {error.strerror or error}"
            if not sent:
                raise CannotSearch(problem)
            await asyncio.sleep(pause)
    finally:
        transport.close()
