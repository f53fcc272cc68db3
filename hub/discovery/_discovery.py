"""What is found now: the sources' facts, turned into identities, for whoever wants to know."""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path

from hub.device import Found
from hub.discovery._facts import MdnsFacts, MdnsSource, UsbFacts, UsbSource
from hub.discovery._identity import alike, identify, of_service
from hub.discovery._twins import read_twins, write_twins

log = logging.getLogger("classhub.discovery")

Listener = Callable[[], None]
MOST_NAMED = 1000
"""So many things of the network are named in the log; what comes and goes, only once."""


class Discovery:
    """Everything that is plugged in or announced, by identity.

    Args:
        twins: the file in which is kept what was learnt of devices with one serial number.
        usb: watches USB; None where that is switched off.
        claimed: says which identities are in use by devices of the classroom.

    Attributes:
        looked: the buses that were looked at: what is not found there, is not there.
    """

    def __init__(
        self, twins: Path, usb: UsbSource | None, claimed: Callable[[], Collection[str]]
    ) -> None:
        self._file = twins
        self._usb = usb
        self._mdns: MdnsSource | None = None
        self._claimed = claimed
        self._listeners: dict[object, Listener] = {}
        self._found: dict[str, Found] = {}
        self._counts: dict[str, int] = {}
        self._held: dict[str, str] = {}
        self._twins: dict[str, str] = {}
        self._unclear: frozenset[str] = frozenset()
        self._keeping: asyncio.Task[None] | None = None
        self._named: set[str] = set()
        self.looked: set[str] = set()

    @property
    def problems(self) -> dict[str, str]:
        """Why nothing is found, by bus; empty texts where all is well."""
        usb = "switched off in the settings" if self._usb is None else self._usb.problem
        return {"usb": usb, "mdns": "" if self._mdns is None else self._mdns.problem}

    def list(self) -> list[Found]:
        """Return all that is there now."""
        return list(self._found.values())

    def get(self, identity: str) -> Found | None:
        """Return what has an identity now, None where that is not there."""
        return self._found.get(identity)

    def unclear(self, identity: str) -> bool:
        """Tell whether several devices could be this one, so that somebody must be asked."""
        return identity in self._unclear

    def alike(self, identity: str) -> int:
        """Return how many say the same of themselves as this one, itself among them."""
        return self._counts.get(identity, 0)

    def listen(self, listener: Listener) -> Listener:
        """Call `listener` whenever there is news, on the loop; returns what ends that."""
        key = object()
        self._listeners[key] = listener
        return lambda: (self._listeners.pop(key, None), None)[1]

    async def start(self) -> None:
        """Look at USB and watch it from now on."""
        self._twins = await asyncio.to_thread(read_twins, self._file)
        if self._usb is not None:
            await self._usb.start(self.refresh)
        self.looked.add("usb")
        self.refresh()

    async def start_network(self, source: MdnsSource) -> None:
        """Watch the network, too; once the drivers have said what they look for."""
        self._mdns = source
        await source.start(self.refresh)
        self.looked.add("mdns")
        self.refresh()

    async def stop(self) -> None:
        """Stop watching; nothing is found any more, and nobody is told so."""
        self._listeners.clear()
        for source in (self._usb, self._mdns):
            if source is not None:
                await source.stop()
        if self._keeping is not None:
            await asyncio.gather(self._keeping, return_exceptions=True)

    def refresh(self) -> None:
        """Find out anew who is who; after a change on a bus, or of the devices in use."""
        devices: Sequence[UsbFacts] = () if self._usb is None else self._usb.devices()
        services: Iterable[MdnsFacts] = () if self._mdns is None else self._mdns.services()
        given = identify(
            devices,
            held=self._held,
            claimed=self._claimed(),
            twins=self._twins,
            unclear=self._unclear,
        )
        self._held = dict(given.identities)
        self._learn(given.twins)
        counts = alike(devices)
        found: dict[str, Found] = {}
        numbers: dict[str, int] = {}
        for device in devices:
            identity = given.identities[device.key]
            found[identity] = _plugged(identity, device)
            numbers[identity] = counts[device.alike]
        for service in services:
            one = _announced(service)
            if one.identity in found:
                continue  # cleaned, its name is that of one that was there before
            found[one.identity] = one
            numbers[one.identity] = 1
        self._say(found, given.unclear)
        self._found, self._counts, self._unclear = found, numbers, given.unclear
        for listener in list(self._listeners.values()):
            listener()

    def _say(self, found: Mapping[str, Found], unclear: frozenset[str]) -> None:
        for identity in found.keys() - self._found.keys():
            log.log(self._level(found[identity]), "found %s (%s)", identity, found[identity].title)
        for identity in self._found.keys() - found.keys():
            log.log(self._level(self._found[identity], new=False), "gone: %s", identity)
        for identity in unclear - self._unclear:
            log.warning("several devices could be %s: one must be chosen", identity)

    def _level(self, one: Found, *, new: bool = True) -> int:
        """Return how loudly it is said: strangers on the network shall not fill the log."""
        if one.bus == "usb":
            return logging.INFO
        if not new or one.identity in self._named or len(self._named) >= MOST_NAMED:
            return logging.DEBUG
        self._named.add(one.identity)
        return logging.INFO

    def _learn(self, twins: Mapping[str, str]) -> None:
        if twins == self._twins:
            return
        self._twins = dict(twins)
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.create_task(self._keep(), name="discovery: keep the twins")

    async def _keep(self) -> None:
        kept: dict[str, str] | None = None
        while kept != self._twins:
            kept = dict(self._twins)
            try:
                await asyncio.to_thread(write_twins, self._file, kept)
            except OSError as error:
                log.error("devices with one serial will be asked for after a restart: %s", error)
                return


def _plugged(identity: str, device: UsbFacts) -> Found:
    return Found(
        identity=identity,
        bus="usb",
        title=device.title,
        nodes={str(name): nodes for name, nodes in device.nodes.items()},
        vendor=device.vendor,
        product=device.product,
        serial=device.serial,
        port=device.port,
        properties=dict(device.properties),
    )


def _announced(service: MdnsFacts) -> Found:
    return Found(
        identity=of_service(service),
        bus="mdns",
        title=service.name,
        host=service.host,
        tcp_port=service.tcp_port,
        properties=dict(service.properties),
    )
