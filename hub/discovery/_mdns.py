"""Watches the network for services that installed drivers look for, by mDNS and DNS-SD.

Whoever is on the network may announce anything: what is kept is bounded in number and size, a
service that comes and goes again and again is asked about at a bounded rate, and however much
changes, it is told a few times a second.
"""

import asyncio
import importlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hub.discovery._facts import MOST_PROPERTIES, MdnsFacts, plain

log = logging.getLogger("classhub.discovery")

MOST_TYPES = 30
MOST_SERVICES = 200
MOST_WAITING = 400
LONGEST_NAME = 255
AT_ONCE = 4
ASK_SECONDS = 3.0
AGAIN_SECONDS = 5.0
NEWS_SECONDS = 0.2


class Mdns:
    """The source.

    Args:
        types: the service types to look for.
        interfaces: addresses of the interfaces to ask on; None asks on all.
    """

    def __init__(self, types: Sequence[str], interfaces: Sequence[str] | None = None) -> None:
        self.problem = ""
        self._types = sorted(set(types))[:MOST_TYPES]
        self._interfaces = interfaces
        self._known: dict[tuple[str, str], MdnsFacts] = {}
        self._asked: dict[tuple[str, str], float] = {}
        self._waiting: dict[tuple[str, str], None] = {}
        self._some = asyncio.Event()
        self._room = asyncio.Event()
        self._telling: asyncio.TimerHandle | None = None
        self._changed: Callable[[], None] = lambda: None
        self._zeroconf: Any = None
        self._browse: Callable[[], Any] = lambda: None
        self._browser: Any = None
        self._tasks: list[asyncio.Task[None]] = []
        self._full = False

    def services(self) -> Sequence[MdnsFacts]:
        """Return what is announced now."""
        return list(self._known.values())

    async def start(self, changed: Callable[[], None]) -> None:
        """Begin to watch; imports zeroconf only where there is something to look for."""
        self._changed = changed
        if not self._types:
            return
        try:
            # 12 MB, wanted only where an installed driver is for devices of the network.
            module = await asyncio.to_thread(importlib.import_module, "zeroconf.asyncio")
            where = {} if self._interfaces is None else {"interfaces": list(self._interfaces)}
            self._zeroconf = module.AsyncZeroconf(**where)
            self._info = module.AsyncServiceInfo
            self._browse = lambda: module.AsyncServiceBrowser(
                self._zeroconf.zeroconf, self._types, handlers=[self._heard]
            )
            self._browser = self._browse()
        except (ImportError, OSError) as error:
            self.problem = f"the network cannot be asked by mDNS: {error}"
            log.warning("%s; devices on the network are not found by themselves", self.problem)
            return
        self._tasks = [
            asyncio.create_task(self._ask(), name=f"discovery: mdns {number}")
            for number in range(AT_ONCE)
        ]
        self._tasks.append(asyncio.create_task(self._look_again(), name="discovery: mdns again"))

    async def stop(self) -> None:
        """Stop watching."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        if self._telling is not None:
            self._telling.cancel()
            self._telling = None
        zeroconf, self._zeroconf = self._zeroconf, None
        if self._browser is not None:
            await self._browser.async_cancel()
            self._browser = None
        if zeroconf is not None:
            await zeroconf.async_close()
        self._known.clear()

    def _heard(self, service_type: str, name: str, state_change: Any, **_: Any) -> None:
        """Take what the browser says (zeroconf calls this with keywords, on the loop)."""
        key = (service_type, name)
        if state_change.name == "Removed":
            self._waiting.pop(key, None)
            if self._known.pop(key, None) is not None:
                self._news()
                if self._full:
                    self._room.set()
            return
        if len(name) > LONGEST_NAME or not name.endswith("." + service_type):
            return
        if len(self._waiting) >= MOST_WAITING or self._no_room_for(key):
            if not self._full:
                log.warning("more services are announced than are kept: the rest is not seen")
            self._full = True
            return
        self._waiting[key] = None
        self._some.set()

    def _no_room_for(self, key: tuple[str, str]) -> bool:
        return key not in self._known and len(self._known) >= MOST_SERVICES

    def _news(self) -> None:
        if self._telling is None:
            loop = asyncio.get_running_loop()
            self._telling = loop.call_later(NEWS_SECONDS, self._tell)

    def _tell(self) -> None:
        self._telling = None
        self._changed()

    async def _look_again(self) -> None:
        """Hear of those for which there was no room, once there is some."""
        while True:
            await self._room.wait()
            await asyncio.sleep(AGAIN_SECONDS)
            self._room.clear()
            self._full = False
            await self._browser.async_cancel()
            self._browser = self._browse()

    async def _ask(self) -> None:
        while True:
            await self._some.wait()
            if not self._waiting:
                self._some.clear()
                continue
            now = time.monotonic()
            key = next((key for key in self._waiting if self._due(key) <= now), None)
            if key is None:
                await asyncio.sleep(min(0.5, min(map(self._due, self._waiting)) - now))
                continue
            del self._waiting[key]
            if len(self._asked) >= MOST_WAITING * 2:
                self._asked.clear()
            self._asked[key] = now
            try:
                # Names that are none (control characters, too long) are refused here.
                info = self._info(*key)
                answered = await info.async_request(self._zeroconf.zeroconf, ASK_SECONDS * 1000)
            except Exception as error:  # noqa: BLE001 - whatever a stranger's packets make of it
                log.debug("%r could not be asked: %s", key, error)
                continue
            self._take(key, info if answered else None)

    def _due(self, key: tuple[str, str]) -> float:
        """Return the time from when on it may be asked (again)."""
        return self._asked.get(key, -AGAIN_SECONDS) + AGAIN_SECONDS

    def _take(self, key: tuple[str, str], info: Any) -> None:
        addresses = [] if info is None else info.parsed_scoped_addresses()
        if not addresses or not info.port or self._no_room_for(key):
            return
        facts = MdnsFacts(
            service=key[0],
            name=plain(key[1].removesuffix("." + key[0]), 100),
            host=plain(addresses[0], 100),
            tcp_port=int(info.port),
            properties=_texts(info.properties),
        )
        if self._known.get(key) != facts:
            self._known[key] = facts
            self._news()


def _texts(records: Mapping[bytes, bytes | None]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in list(records.items())[:MOST_PROPERTIES]:
        found[plain(name, 64)] = plain(value or b"")
    return found
