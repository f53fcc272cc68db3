"""Watches the network, and has the internet's speed measured when no lesson needs it."""

import asyncio
import contextlib
import datetime as dt
import logging
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hub.clock import now, rfc3339
from hub.plugin import N_, HubError, PluginHub
from plugins.health.network import probes
from plugins.health.network.probes import Answer
from plugins.health.network.settings import NetworkSettings
from plugins.health.network.speeds import SpeedFound, Speeds
from plugins.health.series import History, SeriesInfo
from plugins.health.uptime import SchoolHours

log = logging.getLogger("classhub.plugins.health")

NETWORK = "network"
TOPIC = "network"
AFTER_SCHOOL = 3600.0
SETTLE = 120.0
"""Seconds after the hub's start in which no speed is measured: others start as well."""
MBIT = "Mbit/s"
DNS_PORT = 53

GATEWAY = SeriesInfo(NETWORK, "gateway", N_("The router answers"), "1")
NAMES = SeriesInfo(NETWORK, "dns", N_("Names can be looked up"), "1")
INTERNET = SeriesInfo(NETWORK, "internet", N_("The internet answers"), "1")
GATEWAY_ANSWER = SeriesInfo(NETWORK, "gateway_answer", N_("The router's time to answer"), "s")
NAMES_ANSWER = SeriesInfo(NETWORK, "dns_answer", N_("Time to look a name up"), "s")
INTERNET_ANSWER = SeriesInfo(NETWORK, "internet_answer", N_("The internet's time to answer"), "s")
DOWNLOAD = SeriesInfo(NETWORK, "download", N_("Download speed"), MBIT)
UPLOAD = SeriesInfo(NETWORK, "upload", N_("Upload speed"), MBIT)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked last.

    Attributes:
        what: the series that tells whether there was an answer.
        address: whom. answer: what came of it.
    """

    what: SeriesInfo
    address: str
    answer: Answer


class Network:
    """Asks the router, the name server and a server on the internet, again and again.

    A router that has never answered is not watched: the hub may have no network at all. Of what
    lies behind something that does not answer, nothing is asked: one cause is one alert.

    Args:
        hub: whose store and lessons. history: where values go. settings: whom to ask.
        hours: when the school is; the speed is measured outside of them.
    """

    def __init__(
        self, hub: PluginHub, history: History, settings: NetworkSettings, hours: SchoolHours
    ) -> None:
        self._hub = hub
        self._history = history
        self.settings = settings
        self._hours = hours
        self.speeds = Speeds(hub.store, settings.speed, self._tell)
        self.asked: list[Asked] = []
        self._trusted: ssl.SSLContext | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._told: Any = None
        self._recorded = 0

    async def start(self) -> None:
        """Begin."""
        await self.speeds.start()
        newest = self.speeds.newest
        self._recorded = 0 if newest is None else newest.id
        if self.settings.watch:
            self._tasks.append(asyncio.create_task(self._watch(), name="health network"))
        if self.settings.speed is not None and self.settings.speed.at is not None:
            timetable = self._timetable(self.settings.speed.at)
            self._tasks.append(asyncio.create_task(timetable, name="health speed timetable"))
        self._tell()

    async def stop(self) -> None:
        """End."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        await self.speeds.stop()

    async def look(self) -> list[Asked]:
        """Ask everybody once, from the inside out; the first who is silent is the last asked."""
        found: list[Asked] = []
        router = await asyncio.to_thread(probes.gateway)
        known = {one.name for one in self._history.series(NETWORK)}
        if router is not None:
            answer = await probes.ask_gateway(router)
            if answer.up or GATEWAY.name in known:
                found.append(Asked(GATEWAY, router, answer))
        elif GATEWAY.name in known:
            found.append(Asked(GATEWAY, "", Answer(up=False, said="there is no default route")))
        to = self.settings.asked
        if to is None or any(not one.answer.up for one in found):
            return found
        if not probes.is_address(to.host):
            servers = await asyncio.to_thread(probes.resolvers)
            answer = await probes.ask_names(to.host, [(one, DNS_PORT) for one in servers])
            found.append(Asked(NAMES, ", ".join(servers), answer))
            if not answer.up:
                return found
        if to.tls and self._trusted is None:
            self._trusted = await asyncio.to_thread(ssl.create_default_context)
        answer = await probes.ask_internet(to, self._trusted)
        return [*found, Asked(INTERNET, to.server, answer)]

    def told(self) -> dict[str, Any]:
        """Return what everyone may know of it, as told on `x/health/network`."""
        newest = self.speeds.newest
        return {
            **{one.what.name: one.answer.up for one in self.asked},
            "measuring": self.speeds.running,
            "speed": None if newest is None else speed_told(newest),
        }

    async def _watch(self) -> None:
        while True:
            try:
                self._take(await self.look())
            except Exception:
                log.exception("the network could not be looked at")
            await asyncio.sleep(self.settings.every)

    def _take(self, found: list[Asked]) -> None:
        at, before = now(), {one.what.name: one.answer.up for one in self.asked}
        slow = {GATEWAY: GATEWAY_ANSWER, NAMES: NAMES_ANSWER, INTERNET: INTERNET_ANSWER}
        for what, address, answer in ((one.what, one.address, one.answer) for one in found):
            self._history.record(what, at, float(answer.up))
            if answer.up and answer.seconds:
                self._history.record(slow[what], at, answer.seconds)
            if before.get(what.name, True) != answer.up:
                said = "answers again" if answer.up else answer.said
                log.warning("network: %s %s: %s", what.name, address, said)
        self.asked = found
        self._tell()

    def _tell(self) -> None:
        newest = self.speeds.newest
        if newest is not None and newest.id != self._recorded and not self.speeds.running:
            self._recorded = newest.id
            for series, value in ((DOWNLOAD, newest.download), (UPLOAD, newest.upload)):
                if value is not None:
                    self._history.record(series, newest.at, value)
        told = self.told()
        if told != self._told:
            self._told = told
            self._hub.publish(TOPIC, told, retained=True)

    async def _timetable(self, at: dt.time) -> None:
        await asyncio.sleep(SETTLE)
        while True:
            with contextlib.suppress(HubError):  # said in the log, and on the page
                if due(at, self._hours, self.speeds.last, now()) and not (
                    await self._hub.school.running()
                ):
                    await self.speeds.make()
            await asyncio.sleep(self.settings.every)


def due(at: dt.time, hours: SchoolHours, last: float, moment: float) -> bool:
    """Tell whether the speed is to be measured now: once on each school day, outside of its hours.

    Args:
        at: the time of day.
        hours: of school. What is missed before them is not made up for during them.
        last: when it was measured last; 0 for never.
        moment: now; both in seconds since the epoch.
    """
    today = datetime.fromtimestamp(moment).astimezone()
    school = hours.of(today.date())
    if school is None:
        return False
    begin = datetime.combine(today.date(), at).astimezone().timestamp()
    if begin < school.begin:
        end = school.begin
    else:
        midnight = datetime.combine(today.date() + timedelta(days=1), dt.time()).astimezone()
        end = min(begin + AFTER_SCHOOL, midnight.timestamp())
    return begin <= moment < end and not begin <= last <= moment + AFTER_SCHOOL


def speed_told(one: SpeedFound) -> dict[str, Any]:
    """Return a measurement as JSON-ready data that everyone may know."""
    return {
        "download": one.download,
        "upload": one.upload,
        "at": rfc3339(one.at),
        "seconds": one.at,
        "address": one.address,
    }
