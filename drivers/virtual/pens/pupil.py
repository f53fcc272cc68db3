"""A pupil who writes a word on a tablet, again and again; always in the same way."""

import math
from collections.abc import Iterator
from pathlib import Path

from drivers.input.codes import (
    ABS_DISTANCE,
    ABS_PRESSURE,
    ABS_TILT_X,
    ABS_TILT_Y,
    ABS_X,
    ABS_Y,
    BTN_STYLUS,
    BTN_STYLUS2,
    BTN_TOOL_PEN,
    BTN_TOOL_RUBBER,
    BTN_TOUCH,
    EV_ABS,
    EV_KEY,
    EV_MSC,
    MSC_SERIAL,
)
from drivers.virtual.node import VirtualInput
from drivers.virtual.pens.letters import strokes_of, walk
from hub.device.transports import Axis

WIDTH, HEIGHT = 216, 135
_PER_MM = 100
_LEVELS = 2047
_SPEED = 90.0
"""Millimetres a second."""
_PAUSE = 0.12
_REST = 3.0

Event = tuple[int, int, int]


def tablet(path: Path, name: str) -> VirtualInput:
    """Return a tablet as `wacom.ko` shows one of medium size."""
    return VirtualInput(
        path,
        name=name,
        axes={
            ABS_X: Axis(0, 0, WIDTH * _PER_MM, 4, 0, _PER_MM),
            ABS_Y: Axis(0, 0, HEIGHT * _PER_MM, 4, 0, _PER_MM),
            ABS_PRESSURE: Axis(0, 0, _LEVELS, 0, 0, 0),
            ABS_DISTANCE: Axis(0, 0, 63, 1, 0, 0),
            ABS_TILT_X: Axis(0, -64, 63, 1, 0, 57),
            ABS_TILT_Y: Axis(0, -64, 63, 1, 0, 57),
        },
        keys=(BTN_TOOL_PEN, BTN_TOOL_RUBBER, BTN_TOUCH, BTN_STYLUS, BTN_STYLUS2),
        others={EV_MSC: (MSC_SERIAL,)},
    )


class Pupil:
    """One pupil.

    Args:
        word: that is written; without end, with a rest in between.
        serial: of the pen.
        rate: reports a second.
        restless: without pauses and rests, for measurements: the pen is always on the tablet.
    """

    def __init__(self, word: str, serial: int, rate: float, *, restless: bool = False) -> None:
        self._serial = serial
        self._restless = restless
        self._rate = rate
        self._strokes = [walk(stroke, _SPEED / rate) for stroke in strokes_of(word, WIDTH, HEIGHT)]

    def reports(self) -> Iterator[list[Event]]:
        """Yield the events of each report, empty ones where the pen is away."""
        while True:
            yield self._near(self._strokes[0][0])
            for stroke in self._strokes:
                yield from self._write(stroke)
            if not self._restless:
                yield [(EV_KEY, BTN_TOOL_PEN, 0), (EV_MSC, MSC_SERIAL, self._serial)]
                yield from ([] for _ in range(int(_REST * self._rate)))

    def _near(self, place: tuple[float, float]) -> list[Event]:
        return [
            (EV_KEY, BTN_TOOL_PEN, 1),
            *self._at(place),
            (EV_ABS, ABS_DISTANCE, 20),
            (EV_MSC, MSC_SERIAL, self._serial),
        ]

    def _write(self, stroke: list[tuple[float, float]]) -> Iterator[list[Event]]:
        for index, place in enumerate(stroke):
            share = index / max(len(stroke) - 1, 1)
            pressure = int(_LEVELS * (0.25 + 0.55 * math.sin(math.pi * share)))
            lean = round(20 * math.sin(2 * math.pi * share))
            events = [
                *self._at(place),
                (EV_ABS, ABS_PRESSURE, pressure),
                (EV_ABS, ABS_TILT_X, lean),
            ]
            if index == 0:
                events += [(EV_KEY, BTN_TOUCH, 1), (EV_ABS, ABS_DISTANCE, 0)]
                events += [(EV_ABS, ABS_TILT_Y, 25)]
            yield events
        if not self._restless:
            yield [(EV_KEY, BTN_TOUCH, 0), (EV_ABS, ABS_PRESSURE, 0), (EV_ABS, ABS_DISTANCE, 15)]
            yield from ([] for _ in range(int(_PAUSE * self._rate)))

    @staticmethod
    def _at(place: tuple[float, float]) -> list[Event]:
        x, y = place
        return [(EV_ABS, ABS_X, round(x * _PER_MM)), (EV_ABS, ABS_Y, round(y * _PER_MM))]
