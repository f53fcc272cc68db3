"""The engine: which signs last long enough to be told, and which are over.

It knows seconds that only go forward and no wall clock: that the computer's clock jumps by years
changes nothing here.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from plugins.health.alerts.rules import Rules
from plugins.health.alerts.signs import Key, Sign, Signs

FLAP_TIMES = 5
FLAP_WITHIN = 600.0
"""What begins so often in so many seconds comes and goes: it is one thing, and told once."""
FLAP_QUIET = 300.0
"""Seconds without a sign after which what came and went counts as over."""
MOST_TRACKS = 5000


@dataclass(slots=True)
class Track:
    """What has become of one sign.

    Attributes:
        sign: as it was last. wrong: whether it is there now.
        since: since when it is there, or gone.
        firing: it was told, and is not over.
        flapping: it comes and goes.
        begins: when it began, the last times.
    """

    sign: Sign
    wrong: bool
    since: float
    firing: bool = False
    flapping: bool = False
    begins: deque[float] = field(default_factory=lambda: deque(maxlen=FLAP_TIMES))


@dataclass(frozen=True, slots=True)
class Turn:
    """Something that has to be told: a sign fires, says something else, flaps, or is over."""

    key: Key
    sign: Sign
    firing: bool
    flapping: bool


class Engine:
    """Follows all signs.

    Args:
        rules: their delays.
        grace: seconds after the start in which nothing fires: the room is being found.

    Attributes:
        dropped: signs that were not followed since there were too many.
    """

    def __init__(self, rules: Rules, *, grace: float = 0.0) -> None:
        self._rules = rules
        self._grace = grace
        self._tracks: dict[Key, Track] = {}
        self._quiet_until = 0.0
        self.dropped = 0

    def start(self, firing: Mapping[Key, Sign], at: float) -> None:
        """Begin with what an earlier run had told and not seen the end of."""
        self._quiet_until = at + self._grace
        for key, sign in firing.items():
            self._tracks[key] = Track(sign, wrong=True, since=at, firing=True)

    def use(self, rules: Rules) -> None:
        """Take other rules from now on."""
        self._rules = rules

    @property
    def pending(self) -> dict[Key, Sign]:
        """What is wrong and not told yet."""
        return {k: t.sign for k, t in self._tracks.items() if t.wrong and not t.firing}

    def lost(self, at: float) -> dict[str, float]:
        """Return the devices that do not answer, with for how many seconds they have not."""
        return {k.subject: at - t.since for k, t in self._tracks.items() if t.wrong and t.sign.lost}

    def step(self, signs: Signs, at: float) -> list[Turn]:
        """Take what is found now; return what is to be told.

        Args:
            signs: all that is wrong, and what nobody knows.
            at: seconds that only go forward.
        """
        turns: list[Turn] = []
        for key, sign in signs.wrong.items():
            track = self._tracks.get(key)
            if track is None:
                if len(self._tracks) >= MOST_TRACKS:
                    self.dropped += 1
                    continue
                track = self._tracks[key] = Track(sign, wrong=False, since=at)
            other = track.sign != sign
            track.sign = sign
            if not track.wrong:
                track.wrong, track.since = True, at
                track.begins.append(at)
            if track.firing:
                turned = self._begins_to_flap(track, at)
                if other or turned:
                    turns.append(Turn(key, sign, firing=True, flapping=track.flapping))
            elif self._ripe(key, track, at):
                track.firing = True
                turns.append(Turn(key, sign, firing=True, flapping=track.flapping))
        turns += self._gone(signs, at)
        return turns

    def due(self, at: float) -> float | None:
        """Return in how many seconds something may be ripe or over; None where nothing waits."""
        waits = []
        for key, track in self._tracks.items():
            if track.wrong and not track.firing:
                end = max(track.since + self._delay(key), self._quiet_until)
            elif not track.wrong:
                end = track.since + self._hold(key, track)
            else:
                continue
            waits.append(end - at)
        return max(0.0, min(waits)) if waits else None

    def _gone(self, signs: Signs, at: float) -> Iterable[Turn]:
        for key, track in list(self._tracks.items()):
            if key in signs.wrong or key in signs.unknown:
                continue
            if track.wrong:
                track.wrong, track.since = False, at
            if at - track.since < self._hold(key, track):
                continue
            # What did not fire is remembered for a while: it may be one that comes and goes.
            if track.firing:
                track.firing = track.flapping = False
                yield Turn(key, track.sign, firing=False, flapping=False)
            elif not track.begins or at - track.begins[-1] > FLAP_WITHIN:
                del self._tracks[key]

    def _ripe(self, key: Key, track: Track, at: float) -> bool:
        if at < self._quiet_until:
            return False
        return self._begins_to_flap(track, at) or at - track.since >= self._delay(key)

    @staticmethod
    def _begins_to_flap(track: Track, at: float) -> bool:
        often = len(track.begins) == FLAP_TIMES and at - track.begins[0] <= FLAP_WITHIN
        turned = often and not track.flapping
        track.flapping = track.flapping or often
        return turned

    def _delay(self, key: Key) -> float:
        rule = self._rules.get(key.rule)
        return 0.0 if rule is None else rule.delay

    def _hold(self, key: Key, track: Track) -> float:
        rule = self._rules.get(key.rule)
        if rule is None or not rule.enabled:
            return 0.0  # nobody judges it any more
        if track.flapping:
            return FLAP_QUIET
        return rule.hold if track.firing else max(rule.hold, FLAP_WITHIN)
