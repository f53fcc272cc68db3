"""Motion as Marlin plans it: a buffer of sixteen moves, accelerations, speeds at the corners."""

import math
from collections import deque
from dataclasses import dataclass

PLANNED = 16
AXES = 4  # X, Y, Z, E
MOST_SPEED = (300.0, 300.0, 12.0, 60.0)
ACCELERATION = (1500.0, 1500.0, 120.0, 3000.0)
JERK = 9.0
FIRST_WAITS = 0.1
"""Seconds that a first move waits for others to be planned with (BLOCK_DELAY_FOR_1ST_MOVE)."""

Point = tuple[float, float, float, float]


@dataclass
class Block:
    """One planned move: millimetres, seconds."""

    start: Point
    end: Point
    length: float
    way: Point
    speed: float
    acceleration: float
    corner: float
    """The fastest that it may be entered with."""
    enter: float = 0.0
    leave: float = 0.0
    begin: float = 0.0
    seconds: float = 0.0

    @property
    def over(self) -> float:
        """When it is done."""
        return self.begin + self.seconds

    def reachable(self, speed: float) -> float:
        """Return the speed at one end that `speed` at the other allows."""
        return math.sqrt(speed * speed + 2 * self.acceleration * self.length)

    def time(self) -> None:
        """Reckon how long it takes: speed up, go, slow down."""
        a, v = self.acceleration, self.speed
        up = (v * v - self.enter * self.enter) / (2 * a)
        down = (v * v - self.leave * self.leave) / (2 * a)
        if up + down <= self.length:
            self.seconds = (2 * v - self.enter - self.leave) / a + (self.length - up - down) / v
        else:
            top = math.sqrt(a * self.length + (self.enter**2 + self.leave**2) / 2)
            self.seconds = max(2 * top - self.enter - self.leave, 0.0) / a


class Planner:
    """The moves that are planned and the one that is being made.

    Attributes:
        at: where the last planned move ends.
    """

    def __init__(self) -> None:
        self.at: Point = (0.0, 0.0, 0.0, 0.0)
        self._here = self.at
        self._blocks: deque[Block] = deque()
        self._now = 0.0

    def __len__(self) -> int:
        return len(self._blocks)

    @property
    def full(self) -> bool:
        """Whether no move can be planned now."""
        return len(self._blocks) >= PLANNED

    @property
    def due(self) -> float | None:
        """When the next move is done; None where none is planned."""
        return self._blocks[0].over if self._blocks else None

    @property
    def done(self) -> float:
        """When all moves are done."""
        return self._blocks[-1].over if self._blocks else self._now

    def place(self, at: Point) -> None:
        """Say where it is without a move (`G92`, an end switch)."""
        self.at = at
        if not self._blocks:
            self._here = at

    def move(self, to: Point, speed: float) -> None:
        """Plan a straight move at a speed in mm/s."""
        by = [b - a for a, b in zip(self.at, to, strict=True)]
        length = math.dist(by[:3], (0, 0, 0)) or abs(by[3])
        if length < 1e-4:
            self.place(to)
            return
        way = tuple(step / length for step in by)
        limits = [(MOST_SPEED[i] / abs(way[i]), ACCELERATION[i] / abs(way[i])) for i in _used(way)]
        block = Block(
            self.at,
            to,
            length,
            (way[0], way[1], way[2], way[3]),
            min([speed, *(limit[0] for limit in limits)]),
            min(limit[1] for limit in limits),
            corner=0.0,
            begin=self._now + FIRST_WAITS,
        )
        last = self._blocks[-1] if self._blocks else None
        if last is not None:
            turn = math.dist(last.way[:3], block.way[:3])
            block.corner = min(last.speed, block.speed, JERK / turn if turn > 1e-6 else math.inf)
        self._blocks.append(block)
        self.at = to
        self._replan()

    def advance(self, now: float) -> None:
        """Let time pass, up to `now`."""
        self._now = now
        while self._blocks and self._blocks[0].over <= now:
            self._here = self._blocks.popleft().end

    def stop(self) -> None:
        """Forget all moves, where it is now."""
        self.at = self._here = self.here
        self._blocks.clear()

    @property
    def here(self) -> Point:
        """Where the nozzle is."""
        if not self._blocks:
            return self._here
        block = self._blocks[0]
        share = min(max((self._now - block.begin) / max(block.seconds, 1e-9), 0.0), 1.0)
        x, y, z, e = (a + share * (b - a) for a, b in zip(block.start, block.end, strict=True))
        return x, y, z, e

    def _replan(self) -> None:
        """Look ahead: enter each corner as fast as all moves after it still allow."""
        blocks = list(self._blocks)
        free = [block for block in blocks if block.begin > self._now]
        before = blocks[-len(free) - 1] if len(free) < len(blocks) else None
        leave = 0.0
        for block in reversed(free):
            block.leave = leave
            leave = block.enter = min(block.corner, block.reachable(leave))
        enter = 0.0 if before is None else before.leave
        begin = blocks[0].begin if before is None else before.over
        for block in free:
            block.enter = enter
            enter = block.leave = min(block.leave, block.reachable(enter))
            block.begin = begin
            block.time()
            begin = block.over


def _used(way: "tuple[float, ...]") -> list[int]:
    return [i for i in range(AXES) if abs(way[i]) > 1e-9]
