"""Announces the hub by mDNS, so that `http://<name>.local` and lists of services find it.

Where avahi runs, it answers for this computer's name; then only the service is announced here: two
who answer for one name with different addresses would make avahi choose another name.
"""

import asyncio
import logging
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hub.logs import Latch
from hub.network._addresses import Address

if TYPE_CHECKING:
    from zeroconf.asyncio import AsyncZeroconf

log = logging.getLogger("classhub.network")

AVAHI = Path("/run/avahi-daemon/socket")
TYPES = ("_http._tcp.local.", "_classhub._tcp.local.")
_LIMIT = 10.0
# DNS labels are at most 63 bytes long (RFC 6763, section 4.1.1).
_LABEL = 63


class Announcement:
    """The hub's services in the class network.

    Args:
        name: the hub's, for people.
        hub: its id; it makes the name unique.
        version: of the hub.
    """

    def __init__(self, name: str, hub: str, version: str) -> None:
        self._label = label_of(name, hub)
        self._about = {"hub": hub, "version": version, "path": "/"}
        self._running: AsyncZeroconf | None = None
        self._latch = Latch(
            log, "the hub cannot be announced by mDNS: %s", "the hub is announced by mDNS again"
        )
        self._turn = asyncio.Lock()

    @property
    def active(self) -> bool:
        """Whether it is announced now."""
        return self._running is not None

    async def tell(self, addresses: Sequence[Address], port: int, *, secure: bool) -> None:
        """Announce the hub at these addresses, and no longer at earlier ones."""
        from zeroconf import Error as ZeroconfError  # noqa: PLC0415
        from zeroconf import IPVersion, ServiceInfo  # noqa: PLC0415 - 10 MB, where it is wanted
        from zeroconf.asyncio import AsyncZeroconf  # noqa: PLC0415

        async with self._turn:
            await self._end()
            here = [address for address in addresses if not address.is_v6]
            if not here:
                return
            server = socket.gethostname().split(".")[0] + ".local."
            own = [] if _avahi_answers() else [socket.inet_aton(address.ip) for address in here]
            about = self._about | {"scheme": "https" if secure else "http"}
            try:
                running = AsyncZeroconf(
                    interfaces=[address.ip for address in here], ip_version=IPVersion.V4Only
                )
                self._running = running
                async with asyncio.timeout(_LIMIT):
                    for kind in TYPES:
                        info = ServiceInfo(
                            kind,
                            f"{self._label}.{kind}",
                            port=port,
                            properties=about,
                            server=server,
                            addresses=own,
                        )
                        await (await running.async_register_service(info, allow_name_change=True))
            except (OSError, ZeroconfError, TimeoutError) as error:
                self._latch.failed(f"{type(error).__name__}: {error}")
                await self._end()
            else:
                self._latch.worked()

    async def stop(self) -> None:
        """Say good-bye; may be called twice."""
        async with self._turn:
            await self._end()

    async def _end(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            try:
                async with asyncio.timeout(_LIMIT):
                    await running.async_unregister_all_services()
                    await running.async_close()
            except (OSError, TimeoutError) as error:
                log.warning("the announcement by mDNS did not end cleanly: %s", error)


def _avahi_answers() -> bool:
    return AVAHI.exists()


def label_of(name: str, hub: str) -> str:
    """Return the service's name: the hub's, and the end of its id, as one DNS label."""
    tail = f" ({hub[-4:]})"
    # A dot would end the label.
    text = name.replace(".", " ").encode()[: _LABEL - len(tail)].decode(errors="ignore")
    return text.strip() + tail
