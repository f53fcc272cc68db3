"""Alerts as they live in the hub: signs are judged, the book is kept, everybody is told."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from hub.clock import now, rfc3339
from hub.device import Problem
from hub.plugin import N_, HubError, Latch, Message, PluginHub, Principal
from plugins.health.alerts.book import Alert, Book, Happened
from plugins.health.alerts.causes import Cause, Places
from plugins.health.alerts.delivery import Delivery
from plugins.health.alerts.destinations import Destinations
from plugins.health.alerts.edited import Edited
from plugins.health.alerts.engine import Engine
from plugins.health.alerts.keeping import Kept, Letter
from plugins.health.alerts.rules import Rules, SeriesRule
from plugins.health.alerts.settings import AlertSettings, Destination
from plugins.health.alerts.signs import Key, Sign, Thresholds, all_signs, device_signs, hub_signs
from plugins.health.alerts.words import hint_of, message, shown, whole, whom
from plugins.health.series import SeriesInfo

log = logging.getLogger("classhub.plugins.health")

TOPIC = "alerts"
EVENT = "alert"
LONGEST = 10.0
SHORTEST = 0.1
LANGUAGES = ("kk", "ru", "en")
MOST_TOLD = 20
MOST_NOTE = 500
RANK = ("ok", "warning", "fault")
_DAY = 86_400.0


class NoSuchAlert(HubError):
    """No open alert has this id."""

    code = "unknown-alert"
    status = 404
    title = N_("This alert is not there any more.")
    hint = N_("It has cleared, or somebody else looked after it. Look at the list again.")


class BrokerGone(HubError):
    """The connection to the MQTT broker is lost; told as an alert."""

    code = "mqtt-unreachable"
    status = 503
    title = N_("The MQTT broker cannot be reached.")
    hint = N_("Look under Equipment how MQTT is, and start the broker or the hub again.")
    retryable = True


class Alerts:
    """Everything about alerts.

    Args:
        hub: the hub. settings: of alerts.
        clock: seconds since the epoch; tests have their own.
    """

    def __init__(
        self, hub: PluginHub, settings: AlertSettings, clock: Callable[[], float] = now
    ) -> None:
        self._hub = hub
        self._clock = clock
        self._settings = settings
        self.edited = Edited(hub.store, settings.rules, settings.quiet)
        self._thresholds = Thresholds(self.rules)
        self._places = Places()
        self._engine = Engine(self.rules, grace=settings.grace)
        self._book = Book(self.rules, self._cause)
        self.kept = Kept(hub.store)
        self.destinations = Destinations(hub.store, settings.destinations)
        self.delivery = Delivery(
            self.kept, hub.say, lambda: self.destinations.all, lambda: self.edited.quiet, clock
        )
        self._problems: Sequence[Mapping[str, Any]] = ()
        self._broker: list[Mapping[str, Any]] = []
        self._more = asyncio.Event()
        self._leave: list[Callable[[], None]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._to_write = asyncio.Event()
        self._unwritten: dict[str, Alert] = {}
        self._letters: list[Letter] = []
        self._writes = Latch(
            log, "alerts cannot be written down: %s", "alerts are written down again"
        )
        self._told: Any = None
        self._newest: dict[tuple[str, str], tuple[SeriesInfo, float]] = {}

    async def start(self) -> None:
        """Go on where the last run ended."""
        at = asyncio.get_running_loop().time()
        opened = await self.kept.open()
        self._book.start(opened, at, self._ago)
        firing = dict(_firing(opened))
        self._engine.start(firing, at)
        await self.destinations.start()
        await self.edited.start()
        self.renew()
        self._thresholds.start(firing, at)
        self._leave = [
            self._hub.bus.subscribe("+/state", self._hear_device),
            self._hub.bus.subscribe("hub/health", self._hear_hub),
            self._hub.bus.subscribe("hub/mqtt", self._hear_broker),
        ]
        self._tell()
        self._tasks = [
            asyncio.create_task(self._run(), name="health alerts"),
            asyncio.create_task(self._write_all(), name="health alerts: writing"),
        ]
        self.delivery.start()

    async def stop(self) -> None:
        """End; what is open stays open."""
        for leave in self._leave:
            leave()
        self._leave = []
        await self.delivery.stop()
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if tasks:
            await self._write()

    def take(self, series: SeriesInfo, value: float) -> None:
        """Take a measured value."""
        at = asyncio.get_running_loop().time()
        self._newest[series.subject, series.name] = (series, value)
        kind = self._kind(series.subject)
        if self._thresholds.take(series.subject, series.name, value, at, kind):
            self._more.set()

    @property
    def open(self) -> list[Alert]:
        """Open alerts, the worst and newest first."""
        return self._book.open

    @property
    def rules(self) -> Rules:
        """The rules in force."""
        return self.edited.rules

    def renew(self) -> None:
        """Judge by the rules in force: they were changed."""
        for one in (self._thresholds, self._engine, self._book):
            one.use(self.rules)
        self._more.set()
        self.delivery.wake()

    @property
    def pending(self) -> list[Sign]:
        """The signs that wait for their delay."""
        return list(self._engine.pending.values())

    async def acknowledge(self, id_: str, by: Principal, *, known: bool, note: str) -> Alert:
        """Take an alert up.

        Args:
            id_: of an open alert.
            by: who does it.
            known: it waits for a part, and nobody is to be told again.
            note: what for.

        Raises:
            NoSuchAlert: it is not open.
            HubError: it could not be written down; then nothing is changed.
        """
        alert = self._book.get(id_)
        if alert is None:
            raise NoSuchAlert(id_)
        before = _taken(alert)
        alert.state = "known" if known else "acknowledged"
        alert.by, alert.note, alert.changed = by.name[:80], note[:MOST_NOTE], self._clock()
        action = "health.known" if known else "health.acknowledge"
        await self._keep_taken(alert, before, by, action)
        self._publish([Happened(alert, alert.state)])
        return alert

    async def give_back(self, id_: str, by: Principal) -> Alert:
        """Have nobody look after an alert any more: it is told again where nobody takes it up.

        Raises:
            NoSuchAlert: it is not open.
            HubError: it could not be written down; then nothing is changed.
        """
        alert = self._book.get(id_)
        if alert is None:
            raise NoSuchAlert(id_)
        if alert.state == "firing":
            return alert
        before = _taken(alert)
        self._book.give_back(alert, asyncio.get_running_loop().time())
        alert.changed = self._clock()
        await self._keep_taken(alert, before, by, "health.give-back")
        self._publish([Happened(alert, "changed")])
        return alert

    async def _keep_taken(
        self, alert: Alert, before: Mapping[str, Any], by: Principal, action: str
    ) -> None:
        try:
            await self.kept.write([alert], [], (by, action))
        except HubError:
            for name, value in before.items():
                setattr(alert, name, value)
            raise

    def look(self) -> None:
        """Judge everything once and tell what came of it; to write it down is not waited for."""
        at = asyncio.get_running_loop().time()
        devices = self._hub.devices.list()
        self._places.look(devices)
        signs = all_signs(
            device_signs(self.rules, devices),
            hub_signs(self.rules, [*self._problems, *self._broker]),
            self._thresholds.signs(at),
        )
        turns = self._engine.step(signs, at)
        happened = [*self._book.take(turns, at, self._clock()), *self._book.overdue(at)]
        for one in happened:
            self._unwritten[one.alert.id] = one.alert
            self._letters += self._letters_of(one)
        if happened:
            self._publish(happened)
        if self._unwritten or self._letters:
            self._to_write.set()

    def said(self, alert: Alert, language: str) -> dict[str, Any]:
        """Return an alert as JSON-ready data, in a language."""
        say, name = self._hub.say, self._name
        return {
            "id": alert.id,
            "state": "cleared" if alert.cleared is not None else alert.state,
            "severity": alert.severity,
            "title": say.say(alert.title, language, shown(alert.params, language)),
            "about": whom(alert, name, say, language),
            "hint": hint_of(alert, say, language),
            "values": list(self._values(alert, language)),
            "devices": [
                {"device": one, "name": self._name(one), "wrong": _wrong(alert, one)}
                for one in alert.devices
            ],
            "fired": rfc3339(alert.fired),
            "changed": rfc3339(alert.changed),
            "cleared": None if alert.cleared is None else rfc3339(alert.cleared),
            "flapping": alert.flapping,
            "times": alert.times,
            "escalated": alert.escalated,
            "by": alert.by,
            "note": alert.note,
            "rules": sorted({one.rule for one in alert.members.values()}),
        }

    def _values(self, alert: Alert, language: str) -> Iterator[dict[str, Any]]:
        """Yield what is measured just now of what is beyond a limit, where no words say it."""
        for one in alert.members.values():
            rule = self.rules.get(one.rule)
            if not one.wrong or not isinstance(rule, SeriesRule) or rule.yes_or_no or rule.within:
                continue
            found = self._newest.get((one.subject, rule.series))
            if found is None or "{value}" in rule.title:
                continue
            series, value = found
            parts = (self._hub.say.say(part, language) for part in series.title.split("\n"))
            yield {"title": " · ".join(parts), "unit": series.unit, "value": value}

    def _cause(self, device: str) -> Cause:
        at = asyncio.get_running_loop().time()
        return self._places.cause(device, self._engine.lost(at))

    def _kind(self, subject: str) -> str:
        device = self._device(subject)
        return "" if device is None else device.kind

    def _name(self, id_: str) -> str:
        device = self._device(id_)
        return id_ if device is None else device.name

    def _device(self, id_: str) -> Any:
        try:
            return self._hub.devices.get(id_)
        except HubError:
            return None

    def _ago(self, time: float) -> float:
        """Return how long ago a time was; a clock that jumped makes nobody wait for years."""
        return min(max(self._clock() - time, 0.0), _DAY)

    def _hear_device(self, message: Message) -> None:
        del message
        self._more.set()

    def _hear_hub(self, message: Message) -> None:
        payload = message.payload
        self._problems = payload.get("problems", ()) if isinstance(payload, dict) else ()
        self._more.set()

    def _hear_broker(self, message: Message) -> None:
        payload = message.payload
        gone = isinstance(payload, dict) and not payload.get("connected", True)
        self._broker = [Problem.of(BrokerGone()).model_dump(mode="json")] if gone else []
        self._more.set()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._more.clear()
            try:
                self.look()
            except Exception:
                log.exception("alerts could not be judged")
            due = self._engine.due(loop.time())
            wait = LONGEST if due is None else min(LONGEST, due + 0.01)
            try:
                async with asyncio.timeout(max(wait, SHORTEST)):
                    await self._more.wait()
            except TimeoutError:
                continue
            # A thousand changes a minute are looked at together.
            await asyncio.sleep(SHORTEST)

    async def _write_all(self) -> None:
        # Apart from judging: a database that is held for long must not keep alerts from being told.
        while True:
            await self._to_write.wait()
            self._to_write.clear()
            try:
                await self._write()
            except Exception:
                log.exception("alerts could not be written down")

    def _letters_of(self, happened: Happened) -> list[Letter]:
        alert, what = happened
        if what not in ("fired", "cleared", "escalated"):
            return []
        if alert.state in ("acknowledged", "known") and what == "fired":
            return []
        if what == "fired" and alert.times > 1 and alert.flapping:
            return []
        letters = []
        told = self._told_of(alert)
        for id_, one in self.destinations.all.items():
            if (told and id_ not in told) or not _wants(one, alert, what):
                continue
            language = one.language or self._hub.say.default
            title, body = message(
                alert, what, self._settings.place, self._name, self._hub.say, language
            )
            letters.append(Letter(id_, alert.id, what, self._clock(), alert.urgent, title, body))
        return letters

    def _told_of(self, alert: Alert) -> set[str]:
        """Return which destinations its rules name; empty: all, or none of them is left."""
        found: set[str] = set()
        for id_ in {one.rule for one in alert.members.values()}:
            rule = self.rules.get(id_)
            if rule is None or not rule.tell:
                return set()
            found.update(rule.tell)
        return found & self.destinations.all.keys()

    async def _write(self) -> None:
        alerts, letters = self._unwritten, self._letters
        self._unwritten, self._letters = {}, []
        try:
            dropped = await self.kept.write(list(alerts.values()), letters)
        except HubError as error:
            self._writes.failed(error)
            self._unwritten = alerts | self._unwritten
            self._letters = [*letters, *self._letters][-500:]
            return
        self._writes.worked()
        if dropped:
            log.warning("%d messages about alerts were thrown away: too many wait", dropped)
        if letters:
            self.delivery.wake()

    def _publish(self, happened: Sequence[Happened]) -> None:
        for alert, what in happened:
            payload = {"what": what, **self._payload(alert)}
            self._hub.publish(EVENT, payload)
        self._tell()

    def _tell(self) -> None:
        opened = self._book.open
        told = {
            "page": "/health",
            "open": len(opened),
            "unacknowledged": sum(one.state == "firing" for one in opened),
            "status": _worst(opened),
            "items": [self._payload(one) for one in opened[:MOST_TOLD]],
        }
        if told != self._told:
            self._told = told
            self._hub.publish(TOPIC, told, retained=True)

    def _payload(self, alert: Alert) -> dict[str, Any]:
        say = self._hub.say
        return {
            "id": alert.id,
            "cause": alert.cause,
            "state": "cleared" if alert.cleared is not None else alert.state,
            "severity": alert.severity,
            "lesson": alert.lesson,
            "flapping": alert.flapping,
            "devices": alert.devices,
            "rules": sorted({one.rule for one in alert.members.values()}),
            "fired": rfc3339(alert.fired),
            "said": {one: whole(alert, self._name, say, one) for one in LANGUAGES},
            "hint": {one: hint_of(alert, say, one) for one in LANGUAGES},
        }


def _taken(alert: Alert) -> dict[str, Any]:
    names = ("state", "by", "note", "escalated", "changed")
    return {name: getattr(alert, name) for name in names}


def _firing(alerts: Sequence[Alert]) -> list[tuple[Key, Sign]]:
    return [
        (key, Sign(one.severity, one.title, one.hint, one.params, one.code, one.device, one.lost))
        for alert in alerts
        for key, one in alert.members.items()
        if one.wrong
    ]


def _wrong(alert: Alert, device: str) -> bool:
    return any(one.wrong for one in alert.members.values() if one.subject == device)


def _worst(alerts: Sequence[Alert]) -> str:
    return RANK[max((RANK.index(one.severity) for one in alerts), default=0)]


def _wants(destination: Destination, alert: Alert, what: str) -> bool:
    if not destination.enabled:
        return False
    # Of the end of a fault they are told, too, where at last it was but a warning.
    severity = alert.worst if what == "cleared" else alert.severity
    if destination.least == "fault" and severity != "fault":
        return False
    return what == "escalated" or not destination.escalations_only
