"""Lines along one direction: their places, to small parts of a pixel, and what they have in common.

A profile is the mean darkness along the ruling's axis, one number a pixel, lines positive.
"""

import math
from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FINEST = 2.6
"""Pixels from line to line below which lines cannot be told apart (Nyquist: 2)."""
LEAST_LINES = 6
_FINER = 8  # so many samples to a pixel where lines are placed
_REACH = 0.28  # of a period: how far from its place a line is looked for
_HEIGHT = 0.35  # of the usual height, to count as a line
_SAME = 0.12  # of a period: tops whose hills' middles are as close are tops of one line
_MISSING = 2  # lines in a row that may be hidden by dirt


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines at even distances.

    Attributes:
        period: pixels from line to line.
        first: place of line 0, px.
        numbers: which of the lines were seen.
        spread: standard deviation of the lines from their places, px.
        between: how many more lines stand between the first and the last, at other distances.
    """

    period: float
    first: float
    numbers: tuple[int, ...]
    spread: float
    between: int = 0

    @property
    def share(self) -> float:
        """How many of the lines from the first to the last are seen where they must be, 0..1.

        Each third line of a ruling is a ruling too: what stands between counts against it.
        """
        return len(self.numbers) / (self.numbers[-1] - self.numbers[0] + 1 + self.between)

    @property
    def error(self) -> float:
        """Relative error of the period that is not exceeded in 95 of 100 cases.

        The slope's standard error of a straight line through the places, and half a thousandth for
        the lens's distortion and the pixels.
        """
        numbers = np.array(self.numbers, float)
        lever = math.sqrt(float(((numbers - numbers.mean()) ** 2).sum()))
        return 2 * self.spread / (self.period * lever) + 0.0005

    def place(self, number: int) -> float:
        """Where line `number` lies, px."""
        return self.first + number * self.period


def periods(profile: Floats, longest: float) -> list[float]:
    """Return the periods that stand out, px, the strongest first, three at most."""
    size = 1 << (profile.size * 4 - 1).bit_length()
    power = np.abs(np.fft.rfft(profile * np.hanning(profile.size), size)) ** 2
    low, high = int(size / longest), int(size / FINEST)
    found: list[float] = []
    power[:low] = 0
    power[high + 1 :] = 0
    apart = max(size // profile.size * 3, 1)
    for _ in range(3):
        top = int(power.argmax())
        if power[top] <= 0:
            break
        found.append(size / top)
        power[max(top - apart, 0) : top + apart + 1] = 0
    return found


def _finer(profile: Floats) -> Floats:
    """Return the profile with `_FINER` samples to a pixel, band-limited as a lens makes it."""
    spectrum = np.fft.rfft(profile)
    more = np.zeros(profile.size * _FINER // 2 + 1, complex)
    more[: spectrum.size] = spectrum
    return np.fft.irfft(more, profile.size * _FINER) * _FINER


def _places(profile: Floats, period: float) -> tuple[Floats, Floats]:
    """Return the places of what may be lines, px (the profile begins at 0), and their heights."""
    fine = _finer(np.pad(profile, 8))
    width = max(round(0.16 * period * _FINER), 1)
    smooth = np.convolve(fine, np.hanning(width + 2)[1:-1] / np.hanning(width + 2).sum(), "same")
    tops = np.flatnonzero((smooth[1:-1] >= smooth[:-2]) & (smooth[1:-1] > smooth[2:])) + 1
    reach = max(round(0.3 * period * _FINER), 1)
    tops = tops[(tops > reach) & (tops < smooth.size - reach - 1)]
    places: list[float] = []
    heights: list[float] = []
    for top in tops:
        part = smooth[top - reach : top + reach + 1]
        floor = max(part[0], part[-1])
        weight = np.clip(part - (floor + part[reach]) / 2, 0, None)
        # Only the hill around the top: what rises again beside it is another line.
        low = np.flatnonzero(weight == 0)
        left = low[low < reach].max(initial=-1) + 1
        right = low[low > reach].min(initial=weight.size)
        around = np.arange(left, right)
        total = weight[left:right].sum()
        if total > 0:
            middle = float((weight[left:right] * around).sum() / total)
            # The irfft's sample i * _FINER lies on pixel i's middle.
            place = (top - reach + middle) / _FINER + 0.5 - 8
            height = float(part[reach] - floor)
            # A broad line's hill is flat and has several tops, with one middle.
            if places and place - places[-1] < _SAME * period:
                heights[-1] = max(heights[-1], height)
                continue
            places.append(place)
            heights.append(height)
    return np.array(places), np.array(heights)


def lines(profile: Floats, period: float) -> Lines | None:
    """Return the longest run of lines about `period` px apart; None where there is none."""
    places, heights = _places(profile, period)
    if places.size < LEAST_LINES:
        return None
    usual = float(np.sort(heights)[-min(places.size, 12) :].mean())
    places = np.sort(places[heights > _HEIGHT * usual])
    those = places.tolist()
    runs = [_run(those, start, period) for start in range(0, len(those), 3)]
    best = max(runs, key=len, default={})
    if len(best) < LEAST_LINES:
        return None
    numbers = np.array(sorted(best))
    at = np.array([best[int(n)] for n in numbers])
    slope, first = np.polyfit(numbers, at, 1)
    off = at - (first + slope * numbers)
    kept = np.abs(off) <= max(3 * float(np.median(np.abs(off))) / 0.67, 0.05)
    if kept.sum() < LEAST_LINES:
        return None
    numbers, at = numbers[kept], at[kept]
    slope, first = np.polyfit(numbers, at, 1)
    spread = float(np.sqrt(((at - first - slope * numbers) ** 2).sum() / (numbers.size - 2)))
    beyond = _REACH * float(slope)
    there = (places > at[0] - beyond) & (places < at[-1] + beyond)
    found = tuple(int(n) for n in numbers)
    return Lines(float(slope), float(first), found, spread, int(there.sum()) - len(found))


def _run(places: list[float], start: int, period: float) -> dict[int, float]:
    """Follow lines (in order) from one of them to both sides, as far as they go."""
    found = {0: places[start]}
    for way in (1, -1):
        number, last, step, missing = 0, found[0], period, 0
        while missing <= _MISSING:
            number += way
            wanted = last + way * step * (missing + 1)
            after = bisect_left(places, wanted)
            nearest = min(places[max(after - 1, 0) : after + 1], key=lambda p: abs(p - wanted))
            if abs(nearest - wanted) > _REACH * period:
                missing += 1
                continue
            found[number] = nearest
            seen = abs(nearest - found[0]) / abs(number)
            step = 0.5 * (period + seen) if abs(number) < 6 else seen
            last, missing = nearest, 0
    return found
