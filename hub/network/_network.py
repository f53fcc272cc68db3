"""Where the hub is reached in the class network, now."""

import asyncio
import ipaddress
import logging
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from hub.network._addresses import Address, interfaces, own_names
from hub.network._announce import Announcement
from hub.network._watch import Watch

log = logging.getLogger("classhub.network")

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared, not bound
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Network:
    """The hub's addresses and names, followed as they change.

    Attributes:
        addresses: of this computer where the hub listens, the best for pupils first; empty where it
            serves this computer alone.
        hosts: the names and addresses that a request may call the hub by. Each change makes a new
            object, so that who keeps something by it notices.

    Args:
        host: the setting: what the hub listens on.
        names: further names from the settings.
        announcement: tells of the hub by mDNS; None leaves that out.
        look: returns this computer's addresses.
    """

    def __init__(
        self,
        host: str,
        *,
        names: Iterable[str] = (),
        announcement: Announcement | None = None,
        look: Callable[[], tuple[Address, ...]] = interfaces,
    ) -> None:
        self._host = host.lower().strip("[]")
        self._given = frozenset(name.lower().rstrip(".") for name in names)
        self._announcement = announcement
        self._interfaces = look
        self._watch = Watch(self.look)
        self._listeners: list[Callable[[], None]] = []
        self._telling: asyncio.Task[None] | None = None
        self._port: int | None = None
        self._secure = False
        self.addresses: tuple[Address, ...] = ()
        self.hosts: frozenset[str] = LOOPBACK
        self._take(self._looked(), own_names())

    @property
    def is_open(self) -> bool:
        """Whether others than this computer can reach the hub."""
        return not _is_loopback(self._host)

    @property
    def announced(self) -> bool:
        """Whether the hub is announced by mDNS now."""
        return self._announcement is not None and self._announcement.active

    @property
    def address(self) -> Address | None:
        """The address that pupils reach the hub by, None where there is none."""
        return self.addresses[0] if self.addresses else None

    @property
    def given_names(self) -> frozenset[str]:
        """The names of the settings: whoever set them says that pupils reach the hub by them."""
        return self._given

    def is_own(self, ip: str) -> bool:
        """Tell whether an address is this computer's own."""
        return _is_loopback(ip) or any(ip == address.ip for address in self.addresses)

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each change of addresses."""
        self._listeners.append(listener)

    def start(self) -> None:
        """Begin to follow changes, where the hub is open."""
        if self.is_open:
            self._watch.start()

    def serve(self, port: int, *, secure: bool = False) -> None:
        """Learn the port that the hub listens on; from now on it is announced."""
        self._port, self._secure = port, secure
        self._announce()

    async def stop(self) -> None:
        """Leave off; may be called twice."""
        self._watch.stop()
        if self._telling is not None:
            self._telling.cancel()
            await asyncio.gather(self._telling, return_exceptions=True)
            self._telling = None
        if self._announcement is not None:
            await self._announcement.stop()

    def look(self) -> None:
        """Look at the addresses and names anew, and tell if they have changed."""
        before = self.addresses
        self._take(self._looked(), own_names())
        if self.addresses == before:
            return
        shown = ", ".join(f"{one.ip} ({one.interface})" for one in self.addresses)
        log.info("the hub's addresses are now: %s", shown or "none, there is no network")
        self._announce()
        for listener in self._listeners:
            listener()

    def _looked(self) -> tuple[Address, ...]:
        if not self.is_open:
            return ()
        found = self._interfaces()
        if self._host in EVERYWHERE:
            return tuple(one for one in found if self._host == "::" or not one.is_v6)
        fixed = tuple(one for one in found if one.ip == self._host)
        # The computer may not have it just now; nobody knows another one.
        return fixed or _named(self._host)

    def _take(self, addresses: tuple[Address, ...], names: frozenset[str]) -> None:
        hosts = LOOPBACK | names | self._given | {one.ip for one in addresses}
        if self._host not in EVERYWHERE:
            hosts |= {self._host}
        if hosts != self.hosts:
            self.hosts = hosts
        self.addresses = addresses

    def _announce(self) -> None:
        if self._announcement is None or self._port is None or not self.is_open:
            return
        if self._telling is not None:
            self._telling.cancel()
        self._telling = asyncio.get_running_loop().create_task(
            self._announcement.tell(self.addresses, self._port, secure=self._secure),
            name="network: announce the hub",
        )


def host_of(url: str | None) -> list[str]:
    """Return the host of an address in a list, an empty one where there is none."""
    host = urlsplit(url).hostname if url else None
    return [host] if host else []


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _named(host: str) -> tuple[Address, ...]:
    try:
        return (Address("", str(ipaddress.ip_address(host))),)
    except ValueError:
        return ()  # a name; the settings' own word for where the hub is
