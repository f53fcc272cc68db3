"""Recognises the gestures of one zone. Pure: it is given reports and times, and returns gestures.

One finger: tap, double tap, long press, drag, and a swipe where a drag ends in flight. Two and more
work together: their middle drags, they spread (pinch) and turn (rotate), all at once if they like.
The change from report to report is the similarity that fits all fingers best (least squares), so
that five fingers turn a map as well as two. A finger that was one of several is no tap any more.
"""

import math
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from plugins.touch.gestures.gesture import Finger, Gesture, Kind, Stage

SLOP = 8.0
"""Millimetres that a finger may slip and still rest: a child's fingertip rolls by that much."""
TAP_SECONDS = 0.4
DOUBLE_SECONDS = 0.4
DOUBLE_APART = 25.0
"""Millimetres between the two taps of a double tap at most."""
LONG_SECONDS = 0.7
SWIPE_SPEED = 250.0
"""Millimetres a second at which a finger leaves the table at least."""
SWIPE_LENGTH = 40.0
SWIPE_WINDOW = 0.1
"""Seconds before the end over which the speed is measured."""
PINCH_SHARE = 0.08
"""How much fingers spread, as a share, before it is a pinch."""
TURN_DEGREES = 8.0
_TINY = 1.0  # mm: fingers nearer to their middle say nothing about scale and angle
_MOST_SCALE = 1000.0


@dataclass(slots=True)
class _Contact:
    """A finger that is down. `spent`: it is no tap and no long press any more."""

    id: int
    x: float
    y: float
    began: float
    start_x: float = 0.0
    start_y: float = 0.0
    spent: bool = False
    held: bool = False
    trail: deque[tuple[float, float, float]] = field(default_factory=lambda: deque(maxlen=64))

    def __post_init__(self) -> None:
        self.start_x, self.start_y = self.x, self.y
        self.trail.append((self.began, self.x, self.y))

    @property
    def slipped(self) -> float:
        return math.hypot(self.x - self.start_x, self.y - self.start_y)

    def go(self, x: float, y: float, time: float) -> None:
        self.x, self.y = x, y
        self.trail.append((time, x, y))

    def speed(self, time: float) -> float:
        """Return mm/s over the last moments."""
        recent = [one for one in self.trail if time - one[0] <= SWIPE_WINDOW]
        if len(recent) < 2 or recent[-1][0] - recent[0][0] <= 0.001:
            return 0.0
        (t0, x0, y0), (t1, x1, y1) = recent[0], recent[-1]
        return math.hypot(x1 - x0, y1 - y0) / max(t1 - t0, time - t0)


@dataclass(slots=True)
class _Lasting:
    """What lasts while the same number of fingers, one or several, is down."""

    dx: float = 0.0
    dy: float = 0.0
    scale: float = 1.0
    angle: float = 0.0
    told: dict[Kind, None] = field(default_factory=dict)


class Recogniser:
    """The gestures of one zone."""

    def __init__(self) -> None:
        self._down: dict[int, _Contact] = {}
        self._lasting = _Lasting()
        self._last_tap: tuple[float, float, float] | None = None

    @property
    def due(self) -> float | None:
        """When `wait` has to be called, in the reports' time; None while nothing is waited for."""
        contact = self._alone()
        if contact is None or contact.spent or contact.held:
            return None
        return contact.began + LONG_SECONDS

    def feed(self, fingers: Iterable[Finger], time: float) -> list[Gesture]:
        """Take the reports of one frame of the table; only those of this zone."""
        gestures = list(self.wait(time))
        before = {one.id: (one.x, one.y) for one in self._down.values()}
        for finger in fingers:
            known = self._down.get(finger.id)
            if known is not None:
                known.go(finger.x, finger.y, time)
            if finger.down and known is None:
                gestures += self._land(finger, time, before)
            elif not finger.down and known is not None:
                gestures += self._follow(before, time)
                gestures += self._lift(known, time)
                before = {one.id: (one.x, one.y) for one in self._down.values()}
        gestures += self._follow(before, time)
        return gestures

    def wait(self, time: float) -> Iterator[Gesture]:
        """Let time pass: a finger that rests becomes a long press."""
        contact, due = self._alone(), self.due
        if contact is not None and due is not None and time >= due:
            contact.held = contact.spent = True
            self._last_tap = None
            yield self._once(Kind.LONG_PRESS, contact, max(due, contact.began))

    def end(self, time: float) -> list[Gesture]:
        """End what lasts and forget all fingers: the table has gone or is divided anew."""
        gestures = self._end_lasting(time)
        self._down.clear()
        self._last_tap = None
        return gestures

    # Fingers that come and go.

    def _land(
        self, finger: Finger, time: float, before: dict[int, tuple[float, float]]
    ) -> list[Gesture]:
        gestures = self._follow(before, time)
        if len(self._down) == 1:  # what one finger did ends, several begin
            gestures += self._end_lasting(time)
        contact = _Contact(finger.id, finger.x, finger.y, time)
        self._down[finger.id] = contact
        if len(self._down) > 1:
            self._last_tap = None
            for one in self._down.values():
                one.spent = True
        before.clear()
        before |= {one.id: (one.x, one.y) for one in self._down.values()}
        return gestures

    def _lift(self, contact: _Contact, time: float) -> list[Gesture]:
        alone = self._alone() is contact
        drags = Kind.DRAG in self._lasting.told
        gestures: list[Gesture] = []
        if alone and drags:
            gestures += self._end_lasting(time)
            gestures += self._swipe(contact, time)
        elif alone and not contact.spent and time - contact.began <= TAP_SECONDS:
            gestures += self._tap(contact, time)
        elif len(self._down) == 2:  # one is left, which begins anew
            gestures += self._end_lasting(time)
        del self._down[contact.id]
        if len(self._down) == 1:
            (left,) = self._down.values()
            left.start_x, left.start_y, left.began = left.x, left.y, time
            left.trail.clear()
            left.trail.append((time, left.x, left.y))
        if not self._down:
            self._lasting = _Lasting()
        return gestures

    def _tap(self, contact: _Contact, time: float) -> list[Gesture]:
        gestures = [self._once(Kind.TAP, contact, time)]
        last, self._last_tap = self._last_tap, (time, contact.x, contact.y)
        if (
            last is not None
            and contact.began - last[0] <= DOUBLE_SECONDS
            and math.dist(last[1:], (contact.x, contact.y)) <= DOUBLE_APART
        ):
            self._last_tap = None
            gestures.append(self._once(Kind.DOUBLE_TAP, contact, time))
        return gestures

    def _swipe(self, contact: _Contact, time: float) -> list[Gesture]:
        speed = contact.speed(time)
        if speed < SWIPE_SPEED or contact.slipped < SWIPE_LENGTH:
            return []
        dx, dy = contact.x - contact.start_x, contact.y - contact.start_y
        return [
            Gesture(
                Kind.SWIPE,
                Stage.ONCE,
                time,
                contact.x,
                contact.y,
                (contact.id,),
                dx=dx,
                dy=dy,
                speed=speed,
            )
        ]

    # Fingers that move.

    def _follow(self, before: dict[int, tuple[float, float]], time: float) -> list[Gesture]:
        """Tell what the fingers did since `before`, which then is now."""
        moved = [
            one
            for one in self._down.values()
            if before.get(one.id, (one.x, one.y)) != (one.x, one.y)
        ]
        if not moved:
            return []
        if len(self._down) == 1:
            gestures = self._follow_one(moved[0], time)
        else:
            gestures = self._follow_several(before, time)
        before |= {one.id: (one.x, one.y) for one in self._down.values()}
        return gestures

    def _follow_one(self, contact: _Contact, time: float) -> list[Gesture]:
        lasting = self._lasting
        lasting.dx, lasting.dy = contact.x - contact.start_x, contact.y - contact.start_y
        if contact.slipped > SLOP:
            contact.spent = True
            self._last_tap = None
        return self._tell(Kind.DRAG, time, begins=contact.slipped > SLOP)

    def _follow_several(self, before: dict[int, tuple[float, float]], time: float) -> list[Gesture]:
        pairs = [(before[one.id], (one.x, one.y)) for one in self._down.values()]
        count = len(pairs)
        mx0, my0 = sum(a[0] for a, _ in pairs) / count, sum(a[1] for a, _ in pairs) / count
        mx1, my1 = sum(b[0] for _, b in pairs) / count, sum(b[1] for _, b in pairs) / count
        along = across = size0 = size1 = 0.0
        for (x0, y0), (x1, y1) in pairs:
            ax, ay, bx, by = x0 - mx0, y0 - my0, x1 - mx1, y1 - my1
            along += ax * bx + ay * by
            across += ax * by - ay * bx
            size0 += ax * ax + ay * ay
            size1 += bx * bx + by * by
        lasting = self._lasting
        lasting.dx += mx1 - mx0
        lasting.dy += my1 - my0
        if size0 > count * _TINY**2 and size1 > count * _TINY**2:
            # Of sizes, not of the fit: so that fingers that go back undo what they did.
            scale = lasting.scale * math.sqrt(size1 / size0)
            lasting.scale = min(max(scale, 1 / _MOST_SCALE), _MOST_SCALE)
            lasting.angle += math.degrees(math.atan2(across, along))
        gestures = self._tell(Kind.DRAG, time, begins=math.hypot(lasting.dx, lasting.dy) > SLOP)
        spread = max(lasting.scale, 1 / lasting.scale) - 1
        gestures += self._tell(Kind.PINCH, time, begins=spread > PINCH_SHARE)
        gestures += self._tell(Kind.ROTATE, time, begins=abs(lasting.angle) > TURN_DEGREES)
        return gestures

    def _tell(self, kind: Kind, time: float, *, begins: bool) -> list[Gesture]:
        told = self._lasting.told
        if kind in told:
            return [self._last(kind, Stage.CHANGE, time)]
        if not begins:
            return []
        told[kind] = None
        return [self._last(kind, Stage.BEGIN, time)]

    def _end_lasting(self, time: float) -> list[Gesture]:
        gestures = [self._last(kind, Stage.END, time) for kind in self._lasting.told]
        self._lasting = _Lasting()
        return gestures

    # Words.

    def _alone(self) -> _Contact | None:
        return next(iter(self._down.values())) if len(self._down) == 1 else None

    def _last(self, kind: Kind, stage: Stage, time: float) -> Gesture:
        lasting, count = self._lasting, len(self._down)
        return Gesture(
            kind,
            stage,
            time,
            sum(one.x for one in self._down.values()) / count,
            sum(one.y for one in self._down.values()) / count,
            tuple(self._down),
            dx=lasting.dx,
            dy=lasting.dy,
            scale=lasting.scale if kind is Kind.PINCH else 1.0,
            angle=lasting.angle if kind is Kind.ROTATE else 0.0,
        )

    @staticmethod
    def _once(kind: Kind, contact: _Contact, time: float) -> Gesture:
        return Gesture(kind, Stage.ONCE, time, contact.x, contact.y, (contact.id,))
