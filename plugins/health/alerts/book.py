"""The book of alerts: one for each cause, from when it fires until it is over."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from hub.ids import new_id
from hub.plugin import N_
from plugins.health.alerts.causes import Cause
from plugins.health.alerts.engine import Turn
from plugins.health.alerts.rules import Rule, Rules
from plugins.health.alerts.signs import Key

REOPEN = 600.0
"""Seconds within which the same cause goes on where it was, rather than being another alert."""
MOST_A_MINUTE = 30
MOST_OPEN = 200
MOST_MEMBERS = 200
MANY = "many"
_RANK = {"warning": 0, "fault": 1}

State = Literal["firing", "acknowledged", "known", "cleared"]
What = Literal["fired", "changed", "cleared", "acknowledged", "known", "escalated"]


@dataclass(slots=True)
class Member:
    """One sign of an alert.

    Attributes:
        subject: a device's id, `computer`, or a code of the hub's.
        wrong: whether it is there now. device: whether the subject is one.
    """

    rule: str
    subject: str
    severity: str
    title: str
    hint: str
    params: dict[str, Any]
    code: str
    device: bool
    wrong: bool = True
    lost: bool = False


@dataclass(slots=True)
class Alert:
    """Something is wrong and somebody has to be told, once.

    Attributes:
        id: of the alert. cause: what it is about; see `Cause.key`.
        state: whether somebody has taken it up.
        severity, title, hint, params: what is said.
        fired, changed, cleared: seconds since the epoch.
        flapping: it comes and goes. times: how often it fired.
        by, note: who took it up, and what they wrote.
        escalated: it was told again since nobody took it up.
        worst: the worst severity that was told of it; who was told of that is told of its end.
        lesson: it concerns a lesson. urgent: it is told in quiet hours, too.
        escalate: minutes until it is told again; 0 never.
        members: its signs.
    """

    id: str
    cause: str
    fired: float
    changed: float
    state: State = "firing"
    severity: str = "warning"
    title: str = ""
    hint: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    cleared: float | None = None
    flapping: bool = False
    times: int = 1
    by: str = ""
    note: str = ""
    escalated: bool = False
    worst: str = "warning"
    lesson: bool = False
    urgent: bool = False
    escalate: float = 0.0
    grouped: bool = False
    members: dict[Key, Member] = field(default_factory=dict)

    @property
    def devices(self) -> list[str]:
        """The devices that it is about, in the order in which they came."""
        return list(dict.fromkeys(one.subject for one in self.members.values() if one.device))

    def resay(self) -> None:
        """Say what its worst sign says; that of a shared cause stays."""
        wrong = [one for one in self.members.values() if one.wrong]
        if not wrong:
            return
        # What says why goes before what says that it does not answer.
        worst = max(wrong, key=lambda one: (_RANK.get(one.severity, 0), not one.lost))
        self.severity = worst.severity
        self.worst = max(self.worst, self.severity, key=lambda one: _RANK.get(one, 0))
        if not self.grouped:
            self.title, self.hint, self.params = worst.title, worst.hint, dict(worst.params)


class Happened(NamedTuple):
    """An alert, and what happened to it."""

    alert: Alert
    what: What


class Book:
    """All alerts that are open, and those that cleared a moment ago.

    Args:
        rules: what they are made by.
        cause: given a device that is lost, why.
    """

    def __init__(self, rules: Rules, cause: Callable[[str], Cause]) -> None:
        self._rules = rules
        self._cause = cause
        self._open: dict[str, Alert] = {}
        self._recent: dict[str, tuple[Alert, float]] = {}
        self._made: deque[float] = deque(maxlen=MOST_A_MINUTE)
        self._since: dict[str, float] = {}

    def start(self, alerts: Iterable[Alert], at: float, ago: Callable[[float], float]) -> None:
        """Begin with the open alerts of an earlier run.

        Args:
            alerts: them.
            at: seconds that only go forward.
            ago: given a time, how many seconds ago it was, as far as that can be believed.
        """
        for alert in alerts:
            self._open[alert.cause] = alert
            self._since[alert.id] = at - ago(alert.fired)

    def use(self, rules: Rules) -> None:
        """Take other rules from now on."""
        self._rules = rules

    @property
    def open(self) -> list[Alert]:
        """Open alerts, the worst and newest first."""
        order = sorted(self._open.values(), key=lambda one: one.fired, reverse=True)
        return sorted(order, key=lambda one: -_RANK.get(one.severity, 0))

    def get(self, id_: str) -> Alert | None:
        """Return an open alert; None where there is none."""
        return next((one for one in self._open.values() if one.id == id_), None)

    def give_back(self, alert: Alert, at: float) -> None:
        """Have nobody look after an alert; from now on it waits anew to be taken up."""
        alert.state, alert.by, alert.note, alert.escalated = "firing", "", "", False
        self._since[alert.id] = at

    def take(self, turns: Iterable[Turn], at: float, now: float) -> list[Happened]:
        """Put what the engine says where it belongs; return what happened, an alert once.

        Args:
            turns: of one step.
            at: seconds that only go forward.
            now: seconds since the epoch.
        """
        for cause, (_, cleared) in list(self._recent.items()):
            if at - cleared > REOPEN:
                del self._recent[cause]
        happened: dict[str, Happened] = {}
        for turn in turns:
            one = self._fires(turn, at, now) if turn.firing else self._ends(turn, at, now)
            if one is None:
                continue
            alert, what = one
            before = happened.get(alert.id)
            if before is None or what == "cleared" or before.what == "changed":
                happened[alert.id] = one
        return list(happened.values())

    def overdue(self, at: float) -> list[Happened]:
        """Return the alerts that nobody took up for too long; each once."""
        found = []
        for alert in self._open.values():
            if alert.state != "firing" or alert.escalated or not alert.escalate:
                continue
            if at - self._since.get(alert.id, at) >= alert.escalate * 60:
                alert.escalated = True
                found.append(Happened(alert, "escalated"))
        return found

    def _fires(self, turn: Turn, at: float, now: float) -> Happened | None:
        rule = self._rules.get(turn.key.rule)
        alert = self._having(turn.key)
        if alert is not None and alert.members[turn.key].wrong:
            return self._put(alert, turn, rule, at, now, "changed")
        cause = self._why(turn)
        alert = self._open.get(cause.key) or self._to_widen(cause)
        if alert is not None:
            _say(alert, cause)
            self._open = {one.cause: one for one in self._open.values()}
            return self._put(alert, turn, rule, at, now, "changed")
        recent = self._recent.pop(cause.key, None)
        if recent is not None:
            alert = recent[0]
            alert.state = "firing" if alert.state == "cleared" else alert.state
            alert.cleared = None
            alert.times += 1
            self._open[alert.cause] = alert
            self._since[alert.id] = at
            return self._put(alert, turn, rule, at, now, "fired")
        return self._make(cause, turn, rule, at, now)

    def _make(
        self, cause: Cause, turn: Turn, rule: Rule | None, at: float, now: float
    ) -> Happened | None:
        many = len(self._made) == MOST_A_MINUTE and at - self._made[0] < 60
        if many or len(self._open) >= MOST_OPEN:
            cause = Cause(
                MANY,
                title=N_("Many things fail at once."),
                hint=N_("Look at the power and the network of the room first, then at the list."),
            )
            alert = self._open.get(MANY)
            if alert is not None:
                return self._put(alert, turn, rule, at, now, "changed")
        else:
            self._made.append(at)
        alert = Alert(new_id(), cause.key, now, now)
        _say(alert, cause)
        self._open[cause.key] = alert
        self._since[alert.id] = at
        return self._put(alert, turn, rule, at, now, "fired")

    def _ends(self, turn: Turn, at: float, now: float) -> Happened | None:
        alert = self._having(turn.key)
        if alert is None:
            return None
        alert.members[turn.key].wrong = False
        alert.changed = now
        if any(one.wrong for one in alert.members.values()):
            alert.resay()
            return Happened(alert, "changed")
        alert.cleared = now
        alert.flapping = False
        del self._open[alert.cause]
        self._since.pop(alert.id, None)
        self._recent[alert.cause] = (alert, at)
        if alert.state == "firing":
            alert.state = "cleared"
        return Happened(alert, "cleared")

    def _put(
        self, alert: Alert, turn: Turn, rule: Rule | None, at: float, now: float, what: What
    ) -> Happened | None:
        sign, before = turn.sign, alert.severity
        if turn.key not in alert.members and len(alert.members) >= MOST_MEMBERS:
            return None
        alert.members[turn.key] = Member(
            turn.key.rule, turn.key.subject, sign.severity, sign.title, sign.hint,
            dict(sign.params), sign.code, sign.device, lost=sign.lost,
        )  # fmt: skip
        alert.flapping = alert.flapping or turn.flapping
        alert.changed = now
        if rule is not None:
            alert.lesson = alert.lesson or rule.lesson
            alert.urgent = alert.urgent or rule.urgent
            waits = [one for one in (alert.escalate, rule.escalate) if one]
            alert.escalate = min(waits, default=0.0)
        alert.resay()
        if what == "changed" and _RANK.get(alert.severity, 0) > _RANK.get(before, 0):
            # A warning has become a fault: whoever heard of the one has not heard of the other.
            alert.state, alert.escalated = "firing", False
            self._since[alert.id] = at
            what = "fired"
        return Happened(alert, what)

    def _why(self, turn: Turn) -> Cause:
        if turn.sign.lost:
            return self._cause(turn.key.subject)
        if turn.sign.device:
            return Cause(f"device:{turn.key.subject}")
        rule = self._rules.get(turn.key.rule)
        if rule is not None and rule.cause:
            return Cause(f"shared:{rule.cause}")
        return Cause(f"{turn.key.rule}:{turn.key.subject}")

    def _having(self, key: Key) -> Alert | None:
        return next((one for one in self._open.values() if key in one.members), None)

    def _to_widen(self, cause: Cause) -> Alert | None:
        """Return the alert of one device that turns out to be a part of a wider cause."""
        if not cause.devices:
            return None
        for device in cause.devices:
            alert = self._open.get(f"device:{device}")
            if alert is not None and all(one.lost for one in alert.members.values() if one.wrong):
                return alert
        return None


def _say(alert: Alert, cause: Cause) -> None:
    alert.cause = cause.key
    if cause.title:
        alert.grouped = True
        alert.title, alert.hint, alert.params = cause.title, cause.hint, dict(cause.params)


def restored(data: Mapping[str, Any]) -> Alert:
    """Return an alert from what `kept` made of it."""
    # Of an older version it is as bad as it is.
    fields = {"worst": data["severity"], **data, "members": {}}
    alert = Alert(**fields)
    for one in data["members"]:
        member = Member(**one)
        alert.members[Key(member.rule, member.subject)] = member
    return alert


def kept(alert: Alert) -> dict[str, Any]:
    """Return an alert as JSON-ready data."""
    found = {name: getattr(alert, name) for name in Alert.__dataclass_fields__ if name != "members"}
    names = Member.__dataclass_fields__
    members = [{name: getattr(one, name) for name in names} for one in alert.members.values()]
    return {**found, "members": members}
