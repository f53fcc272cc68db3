"""What is told: made of what the hub says of devices and alerts. No person is in it.

Fields are taken one by one; what is not named here is never told, whatever else the hub says.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hub.clock import now, rfc3339
from hub.plugin import DeviceHandle, HubError, Latch, Message, PluginHub
from plugins.district.outbox import Outbox, Record
from plugins.district.settings import DistrictSettings

log = logging.getLogger("classhub.plugins.district")

LONGEST = 10.0
TOGETHER = 0.2
BETWEEN = 30.0
"""Seconds between two records of one device's health: of one that comes and goes, the newest."""
MOST_PENDING = 1000
MOST_TEXT = 300
LANGUAGES = ("kk", "ru", "en")
ALERT_TEXTS = ("what", "state", "severity", "cause", "fired")
RANK = ("ok", "warning", "fault")


@dataclass(frozen=True, slots=True)
class Health:
    """How a device is."""

    kind: str
    name: str
    status: str
    presence: str
    reachable: bool
    code: str

    @property
    def up(self) -> bool:
        """Whether it can be used."""
        return self.status != "fault"


@dataclass(slots=True)
class Tally:
    """Seconds of one device in a stretch of time."""

    known: float = 0.0
    up: float = 0.0
    downs: int = 0


class Watching:
    """Writes down what the district is to be told.

    Args:
        hub: whose devices they are. settings: what is told.
        outbox: where it is written. news: is called when the summary has changed.
    """

    def __init__(
        self,
        hub: PluginHub,
        settings: DistrictSettings,
        outbox: Outbox,
        news: Callable[[], None],
    ) -> None:
        self._hub = hub
        self._settings = settings
        self._outbox = outbox
        self._news = news
        self._last: dict[str, Health] = {}
        self._told: dict[str, tuple[Health, float]] = {}
        self._tallies: dict[str, Tally] = {}
        self._began = 0.0
        self._began_at = 0.0
        self._counted = 0.0
        self._pending: list[Record] = []
        self._lost = 0
        self._known_alerts: set[str] = set()
        self._alerts: Mapping[str, Any] = {}
        self._more = asyncio.Event()
        self._leave: list[Callable[[], None]] = []
        self._task: asyncio.Task[None] | None = None
        self._writes = Latch(
            log,
            "what is to be told the district cannot be written down: %s",
            "what is to be told the district is written down again",
        )

    @property
    def lost(self) -> int:
        """How many records could not even be written down, since the start."""
        return self._lost

    def start(self) -> None:
        """Begin to watch."""
        at = asyncio.get_running_loop().time()
        self._began, self._began_at, self._counted = now(), at, at
        self._last = self._look()
        self._leave = [
            self._hub.bus.subscribe("+/state", self._hear_device),
            self._hub.bus.subscribe("x/health/alert", self._hear_alert),
            self._hub.bus.subscribe("x/health/alerts", self._hear_alerts),
        ]
        self._task = asyncio.create_task(self._run(), name="district watching")

    async def stop(self) -> None:
        """End; what was counted is written down."""
        for leave in self._leave:
            leave()
        self._leave = []
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
            self._end_stretch(asyncio.get_running_loop().time())
            await self._write()

    def summary(self) -> dict[str, Any]:
        """Return how the hub is, flat."""
        states = [one.status for one in self._look().values()]
        alerts = self._alerts
        worst = max((RANK.index(one) for one in states), default=0)
        by_alerts = str(alerts.get("status", "ok"))
        if by_alerts in RANK:
            worst = max(worst, RANK.index(by_alerts))
        return {
            "status": RANK[worst],
            "devices": len(states),
            **{f"devices_{status}": states.count(status) for status in RANK},
            "alerts_open": _number(alerts.get("open")),
            "alerts_unacknowledged": _number(alerts.get("unacknowledged")),
        }

    # What the hub says.

    def _hear_device(self, message: Message) -> None:
        del message
        self._count(asyncio.get_running_loop().time())
        self._more.set()

    def _hear_alert(self, message: Message) -> None:
        if isinstance(message.payload, dict):
            self._known_alerts.add(str(message.payload.get("id")))
            self._add_alert(message.payload, str(message.payload.get("what")))

    def _hear_alerts(self, message: Message) -> None:
        payload = message.payload if isinstance(message.payload, dict) else {}
        self._alerts = payload
        items = [one for one in payload.get("items", ()) if isinstance(one, dict)]
        for one in items:
            # Open since before this run: told again, should its news have been lost at a power cut.
            if str(one.get("id")) not in self._known_alerts:
                self._add_alert(one, "open")
        self._known_alerts = {str(one.get("id")) for one in items}
        self._news()

    def _add_alert(self, alert: Mapping[str, Any], what: str) -> None:
        if "alerts" not in self._settings.send:
            return
        devices = [str(one) for one in alert.get("devices", ())]
        fields: dict[str, Any] = {
            "time": rfc3339(now()),
            "alert": _text(alert.get("id")),
            **{name: _text(alert.get(name)) for name in ALERT_TEXTS},
            "what": what,
            "rules": ",".join(_text(one) for one in alert.get("rules", ()))[:MOST_TEXT],
            "devices": ",".join(devices)[:MOST_TEXT],
            "device_count": len(devices),
            "flapping": alert.get("flapping") is True,
            "lesson": alert.get("lesson") is True,
        }
        if self._settings.names:
            said = alert.get("said", {})
            fields |= {f"said_{one}": _text(said.get(one)) for one in LANGUAGES}
        self._add(Record("alert", fields))

    def _add(self, record: Record) -> None:
        if len(self._pending) >= MOST_PENDING:
            oldest = next((n for n, one in enumerate(self._pending) if one.kind != "alert"), 0)
            del self._pending[oldest]
            self._lost += 1
        self._pending.append(record)
        self._more.set()

    # What is made of it.

    def _look(self) -> dict[str, Health]:
        return {one.id: health_of(one) for one in self._hub.devices.list()}

    def _count(self, at: float) -> None:
        """Add the time since the last look to what each device was then."""
        passed, self._counted = at - self._counted, at
        for id_, was in self._last.items():
            tally = self._tallies.setdefault(id_, Tally())
            tally.known += passed
            tally.up += passed if was.up else 0.0
        found = self._look()
        for id_, is_ in found.items():
            before = self._last.get(id_)
            if before is not None and before.up and not is_.up:
                self._tallies.setdefault(id_, Tally()).downs += 1
        if found != self._last:
            self._last = found
            self._news()

    def _tell_health(self, at: float) -> float:
        """Write down what has changed; return in how many seconds to look again."""
        wait = LONGEST
        if "health" not in self._settings.send:
            return wait
        self._told = {id_: one for id_, one in self._told.items() if id_ in self._last}
        for id_, is_ in self._last.items():
            told = self._told.get(id_)
            if told is not None and told[0] == is_:
                continue
            if told is not None and at - told[1] < BETWEEN:
                wait = min(wait, BETWEEN - (at - told[1]))
                continue
            self._told[id_] = (is_, at)
            fields = {"time": rfc3339(now()), **self._device(id_, is_)}
            more = {"presence": is_.presence, "reachable": is_.reachable, "code": is_.code}
            self._add(Record("health", {**fields, "status": is_.status, **more}))
        return wait

    def _device(self, id_: str, is_: Health | None) -> dict[str, Any]:
        named = {"name": "" if is_ is None else is_.name} if self._settings.names else {}
        return {"device": id_, "device_kind": "" if is_ is None else is_.kind, **named}

    def _end_stretch(self, at: float) -> None:
        self._count(at)
        end = now()
        if "uptime" in self._settings.send:
            for id_, one in self._tallies.items():
                seconds = {"known": round(one.known, 1), "up": round(one.up, 1)}
                times = {"time": rfc3339(end), "begin": rfc3339(self._began)}
                device = self._device(id_, self._last.get(id_))
                self._add(Record("uptime", {**times, **device, **seconds, "downs": one.downs}))
        self._tallies = {}
        self._began, self._began_at = end, at

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        length = self._settings.uptime_minutes * 60.0
        while True:
            self._more.clear()
            at = loop.time()
            self._count(at)
            wait = self._tell_health(at)
            if at - self._began_at >= length:
                self._end_stretch(at)
            await self._write()
            wait = min(wait, max(length - (at - self._began_at), 0.0))
            try:
                async with asyncio.timeout(max(wait, TOGETHER)):
                    await self._more.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(TOGETHER)

    async def _write(self) -> None:
        pending, self._pending = self._pending, []
        if not pending:
            return
        try:
            await self._outbox.put(pending)
        except HubError as error:
            self._writes.failed(error)
            self._pending = [*pending, *self._pending][-MOST_PENDING:]
            return
        self._writes.worked()


def health_of(device: DeviceHandle) -> Health:
    """Return how a device is, as the district is told."""
    state = device.state
    wrong = state.problem or state.health
    status = "fault"
    if state.reachable:
        status = "ok" if state.health is None else str(state.health.severity)
    code = "" if wrong is None else wrong.code[:80]
    return Health(device.kind, device.name[:80], status, state.presence, state.reachable, code)


def _text(value: Any) -> str:
    return "" if value is None else str(value)[:MOST_TEXT]


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
