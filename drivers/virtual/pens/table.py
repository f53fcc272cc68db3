"""A touch table on which hands turn, spread and tap; always in the same way."""

import math
from collections.abc import Iterator
from pathlib import Path

from drivers.input.codes import (
    ABS_MT_POSITION_X,
    ABS_MT_POSITION_Y,
    ABS_MT_SLOT,
    ABS_MT_TOUCH_MAJOR,
    ABS_MT_TRACKING_ID,
    BTN_TOUCH,
    EV_ABS,
    EV_KEY,
)
from drivers.virtual.node import VirtualInput
from hub.device.transports import Axis

WIDTH, HEIGHT = 1210, 680
_PER_MM = 16
_SLOTS = 40
_ROUND = 4.0
_DOWN = 0.8
"""The share of a round for which fingers are down."""

Event = tuple[int, int, int]


def table(path: Path, name: str) -> VirtualInput:
    """Return a table of 55 inches with forty slots."""
    return VirtualInput(
        path,
        name=name,
        axes={
            ABS_MT_SLOT: Axis(0, 0, _SLOTS - 1, 0, 0, 0),
            ABS_MT_TOUCH_MAJOR: Axis(0, 0, 4095, 0, 0, _PER_MM),
            ABS_MT_POSITION_X: Axis(0, 0, WIDTH * _PER_MM, 0, 0, _PER_MM),
            ABS_MT_POSITION_Y: Axis(0, 0, HEIGHT * _PER_MM, 0, 0, _PER_MM),
            ABS_MT_TRACKING_ID: Axis(0, 0, 65535, 0, 0, 0),
        },
        keys=(BTN_TOUCH,),
        properties=(1,),
    )


class Hands:
    """Hands on the table: half of the fingers turn about the left middle, half spread at the right.

    Args:
        contacts: fingers, at most forty.
        rate: reports a second.
        restless: the fingers are never lifted.
    """

    def __init__(self, contacts: int, rate: float, *, restless: bool = False) -> None:
        self._contacts = min(contacts, _SLOTS)
        self._rate = rate
        self._restless = restless
        self._tracking = 0

    def reports(self) -> Iterator[list[Event]]:
        """Yield the events of each report, empty ones while no finger is down."""
        steps = int(_ROUND * self._rate)
        down = steps if self._restless else int(steps * _DOWN)
        first = True
        while True:
            for step in range(down):
                events: list[Event] = []
                for finger in range(self._contacts):
                    events.append((EV_ABS, ABS_MT_SLOT, finger))
                    if step == 0 and (first or not self._restless):
                        self._tracking = (self._tracking + 1) % 65536
                        events.append((EV_ABS, ABS_MT_TRACKING_ID, self._tracking))
                        events.append((EV_ABS, ABS_MT_TOUCH_MAJOR, 12 * _PER_MM))
                    x, y = self._place(finger, step / steps)
                    events.append((EV_ABS, ABS_MT_POSITION_X, round(x * _PER_MM)))
                    events.append((EV_ABS, ABS_MT_POSITION_Y, round(y * _PER_MM)))
                if step == 0 and first:
                    events.append((EV_KEY, BTN_TOUCH, 1))
                first = False
                yield events
            if not self._restless:
                lifted: list[Event] = []
                for finger in range(self._contacts):
                    lifted += [(EV_ABS, ABS_MT_SLOT, finger), (EV_ABS, ABS_MT_TRACKING_ID, -1)]
                yield lifted
                yield from ([] for _ in range(steps - down))

    def _place(self, finger: int, share: float) -> tuple[float, float]:
        half = max((self._contacts + 1) // 2, 1)
        angle = 2 * math.pi * (finger % half) / half
        if finger < half:
            angle += 2 * math.pi * share
            return WIDTH * 0.27 + 120 * math.cos(angle), HEIGHT / 2 + 120 * math.sin(angle)
        radius = 60 + 160 * math.sin(math.pi * share) ** 2
        return WIDTH * 0.73 + radius * math.cos(angle), HEIGHT / 2 + radius * math.sin(angle)
