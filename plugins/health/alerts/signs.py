"""Signs: what the rules find wrong just now, before anybody is told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hub.plugin import N_, DeviceHandle
from plugins.health.alerts.rules import DeviceRule, HubRule, Rules, SeriesRule

MOST_WATCHED = 4000


class Key(NamedTuple):
    """What a sign is of: a rule, and a device's id, `computer`, or a code of the hub's."""

    rule: str
    subject: str


@dataclass(frozen=True, slots=True)
class Sign:
    """Something is wrong.

    Attributes:
        severity: `warning` or `fault`.
        title, hint, params: what is said (message ids).
        code: of the problem; empty for thresholds.
        device: whether the subject is a device that does not answer or is not well; such signs of
            one device are one alert.
        lost: whether it does not answer: several at once may have one cause.
    """

    severity: str
    title: str
    hint: str
    params: Mapping[str, Any] = field(default_factory=dict)
    code: str = ""
    device: bool = False
    lost: bool = False


class Signs(NamedTuple):
    """What is found: what is wrong, and of what cannot be told just now whether it is."""

    wrong: dict[Key, Sign]
    unknown: set[Key]


def device_signs(rules: Rules, devices: Iterable[DeviceHandle]) -> Signs:
    """Return what is wrong with devices."""
    found = Signs({}, set())
    mine = [(id_, rule) for id_, rule in rules.items() if isinstance(rule, DeviceRule)]
    for device in devices:
        for id_, rule in mine:
            if not rule.enabled or not rule.concerns(device.id, device.kind):
                continue
            key = Key(id_, device.id)
            sign = _of_device(rule, device)
            if sign is None:
                found.unknown.add(key)
            elif sign is not _WELL:
                found.wrong[key] = sign
    return found


def hub_signs(rules: Rules, problems: Iterable[Mapping[str, Any]]) -> Signs:
    """Return what is wrong with the hub itself, of the problems of `hub/health`."""
    found = Signs({}, set())
    of_hub = [(id_, rule) for id_, rule in rules.items() if isinstance(rule, HubRule)]
    for problem in problems:
        code = str(problem.get("code", ""))
        # A rule that names the code itself goes before those with patterns.
        named = [(id_, rule) for id_, rule in of_hub if code in rule.codes]
        for id_, rule in named or of_hub:
            if rule.enabled and rule.concerns(code):
                severity = rule.severity or str(problem.get("severity", "fault"))
                found.wrong[Key(id_, code)] = Sign(
                    severity,
                    rule.title or str(problem.get("title", "")),
                    rule.hint or str(problem.get("hint", "")),
                    problem.get("params") or {},
                    code,
                )
    return found


class Thresholds:
    """Judges measured values as they come, with hysteresis; what is nonsense changes nothing.

    Args:
        rules: of which those about series are judged.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = _of_series(rules)
        self._about: dict[tuple[str, str], tuple[str, ...]] = {}
        self._judged: dict[tuple[str, str, str], _Judged] = {}
        self._before: dict[Key, float] = {}
        self.nonsense = 0

    def start(self, told: Iterable[Key], at: float) -> None:
        """Begin with what an earlier run had found: nobody knows until it is measured again."""
        self._before = {key: at for key in told if key.rule in self._rules}

    def use(self, rules: Rules) -> None:
        """Take other rules from now on; what was measured last is judged by them at once."""
        before, self._rules = self._rules, _of_series(rules)
        self._about.clear()
        for key, judged in list(self._judged.items()):
            old, new = before[key[0]], self._rules.get(key[0])
            if new == old:
                continue
            if new is None or _whose(new) != _whose(old):
                del self._judged[key]
            elif not new.within:
                judged.over = bool(new.judged(judged.value, over=False))

    def take(self, subject: str, series: str, value: float, at: float, kind: str = "") -> bool:
        """Take a value; returns whether it is beyond a threshold now and was not, or the reverse.

        Args:
            subject: a device's id, or `computer`.
            series: its name.
            value: it.
            at: seconds that only go forward.
            kind: of the device.
        """
        turned = False
        for id_ in self._rules_of(subject, series, kind):
            key = (id_, subject, series)
            judged = self._judged.get(key)
            if judged is None:
                if len(self._judged) >= MOST_WATCHED:
                    continue
                told = Key(id_, subject) in self._before
                judged = self._judged[key] = _Judged(device=bool(kind), over=told)
            rule = self._rules[id_]
            if rule.judged(value, over=judged.over) is None:
                self.nonsense += 1
                continue
            before = judged.over
            judged.take(rule, value, at)
            turned |= judged.over != before
        return turned

    def signs(self, at: float) -> Signs:
        """Return what is beyond its threshold."""
        found = Signs({}, set())
        for key, judged in list(self._judged.items()):
            id_, subject, series = key
            rule = self._rules[id_]
            judged.look(rule, at)
            if not rule.within and at - judged.seen > rule.stale:
                del self._judged[key]
            elif judged.over:
                sign_key = Key(id_, subject)
                said = _said(rule, series, judged.value, found.wrong.get(sign_key))
                found.wrong[sign_key] = Sign(
                    rule.severity, rule.title, rule.hint, said, device=judged.device
                )
            elif rule.within and not judged.rises:
                del self._judged[key]
        found.unknown.update(self._unknown(at))
        return found

    def _unknown(self, at: float) -> set[Key]:
        """Of what an earlier run had found, that which cannot be told yet."""
        measured = {Key(id_, subject) for id_, subject, _ in self._judged}
        for key, since in list(self._before.items()):
            rule = self._rules.get(key.rule)
            # A count begins at 0: it says nothing until as long has passed as it looks back.
            known = rule is not None and not rule.within and key in measured
            if rule is None or known or at - since > (rule.within or rule.stale):
                del self._before[key]
        return set(self._before)

    def _rules_of(self, subject: str, series: str, kind: str) -> tuple[str, ...]:
        key = (subject, series)
        about = self._about.get(key)
        if about is None:
            if len(self._about) >= MOST_WATCHED:
                self._about.clear()
            about = self._about[key] = tuple(
                id_ for id_, rule in self._rules.items() if rule.concerns(subject, series, kind)
            )
        return about


@dataclass(slots=True)
class _Judged:
    device: bool = False
    over: bool = False
    value: float = 0.0
    seen: float = 0.0
    rises: list[tuple[float, float]] = field(default_factory=list)

    def take(self, rule: SeriesRule, value: float, at: float) -> None:
        self.seen = at
        if rule.within:
            self.rises.append((at, value))
            self.look(rule, at)
        else:
            self.value = value
            self.over = bool(rule.judged(value, over=self.over))

    def look(self, rule: SeriesRule, at: float) -> None:
        """Of what is counted: add up what is not too long ago."""
        if not rule.within:
            return
        self.rises = [one for one in self.rises if at - one[0] < rule.within]
        self.value = sum(value for _, value in self.rises)
        self.over = bool(rule.judged(self.value, over=self.over))


def _said(rule: SeriesRule, series: str, value: float, before: Sign | None) -> dict[str, str]:
    """Return what its words name, of all series that are beyond: two disks fail, both are named.

    What they do not name is left out, or each new value would be something else that is told.
    """
    here = {"value": f"{round(value, 1):.10g}", "part": rule.part(series)}
    words = rule.title + rule.hint
    said = {name: one for name, one in here.items() if f"{{{name}}}" in words}
    if before is None:
        return said
    return {name: f"{before.params[name]}, {one}" for name, one in said.items()}


def _of_series(rules: Rules) -> dict[str, SeriesRule]:
    return {
        id_: rule for id_, rule in rules.items() if isinstance(rule, SeriesRule) and rule.enabled
    }


def _whose(rule: SeriesRule) -> tuple[object, ...]:
    return (rule.subjects, rule.kinds, rule.series, rule.within)


_WELL = Sign("", "", "")


def _of_device(rule: DeviceRule, device: DeviceHandle) -> Sign | None:
    """Return what is wrong, `_WELL` where nothing is, None where it cannot be told."""
    state = device.state
    if rule.when == "unreachable":
        if state.reachable:
            return _WELL
        if state.problem is None:
            # It starts, or the hub ends: nobody knows yet.
            return None
        severity = rule.severity or "fault"
        problem = state.problem
    else:
        if not state.reachable:
            # That it does not answer is told already; how it is nobody knows.
            return None
        if state.health is None or str(state.health.severity) != rule.when:
            return _WELL
        severity = rule.severity or rule.when
        problem = state.health
    return Sign(
        severity,
        rule.title or problem.title or N_("It does not answer."),
        rule.hint or problem.hint or N_("Check its cable and its power."),
        problem.params,
        problem.code,
        device=True,
        lost=rule.when == "unreachable",
    )


def all_signs(*found: Signs) -> Signs:
    """Return them as one."""
    wrong: dict[Key, Sign] = {}
    unknown: set[Key] = set()
    for one in found:
        wrong |= one.wrong
        unknown |= one.unknown
    return Signs(wrong, unknown - wrong.keys())
