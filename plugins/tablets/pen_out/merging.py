"""Many pens become one: which of them leads, and what the kernel is told of it."""

from collections.abc import Iterable, Mapping
from typing import Any

from drivers.input import codes

Event = tuple[int, int, int]
"""Type, code, value (linux/input-event-codes.h)."""

WIDE, HIGH = 52_000, 32_500
"""The pen's area in its units, 200 a millimetre: 26 cm by 16.25 cm, as a usual tablet has."""
HARDEST = 8191
STEEPEST = 64
_TOOLS = ((codes.EV_KEY, codes.BTN_TOOL_PEN), (codes.EV_KEY, codes.BTN_TOOL_RUBBER))
_HARD = (codes.EV_ABS, codes.ABS_PRESSURE)


class OnePen:
    """Makes one pen of many.

    The pen that touches leads until it is lifted; while none touches, the one that came near last
    or moved last. A program thus never sees two pens at once, and a stroke is never torn by a
    neighbour who only hovers.
    """

    def __init__(self) -> None:
        self.leads: str | None = None
        self._touches = False
        self._said: dict[tuple[int, int], int] = {}

    def take(self, device: str, samples: Iterable[Mapping[str, Any]]) -> list[list[Event]]:
        """Take samples of a tablet (`PenSample` as JSON); return the frames to tell the kernel."""
        frames: list[list[Event]] = []
        for sample in samples:
            if self.leads not in (None, device):
                if self._touches or not (sample["contact"] or sample["near"]):
                    continue
                frames += self.let_go(self.leads)
            if not sample["near"] and not sample["contact"]:
                frames += self.let_go(device)
                continue
            self.leads, self._touches = device, bool(sample["contact"])
            frames += self._changed(_meant(sample))
        return frames

    def let_go(self, device: str | None) -> list[list[Event]]:
        """A tablet's pen has left, or the tablet has; return the frames that lift it."""
        if device is None or device != self.leads:
            return []
        self.leads, self._touches = None, False
        return self._frame(self._lifted())

    def _changed(self, meant: dict[tuple[int, int], int]) -> list[list[Event]]:
        """Return the frames to what is meant; another end of the pen is a tool that comes anew."""
        leaves = any(self._said.get(tool) and not meant[tool] for tool in _TOOLS)
        return [*(self._frame(self._lifted()) if leaves else ()), *self._frame(meant)]

    def _lifted(self) -> dict[tuple[int, int], int]:
        return dict.fromkeys((key for key in self._said if key[0] == codes.EV_KEY), 0) | {_HARD: 0}

    def _frame(self, meant: dict[tuple[int, int], int]) -> list[list[Event]]:
        events = [(*key, value) for key, value in meant.items() if self._said.get(key) != value]
        self._said |= meant
        return [events] if events else []


def _meant(sample: Mapping[str, Any]) -> dict[tuple[int, int], int]:
    """Return what a sample means. What a pen does not know is upright and unpressed."""
    contact = bool(sample["contact"])
    # A pen that does not measure how hard it is pressed is pressed.
    pressure = max(round(sample.get("pressure", 0.0) * HARDEST), 1) if contact else 0
    eraser, held = bool(sample.get("eraser")), sample.get("buttons", ())
    keys = {codes.BTN_TOOL_PEN: not eraser, codes.BTN_TOOL_RUBBER: eraser, codes.BTN_TOUCH: contact}
    keys |= {code: number in held for code, number in codes.PEN_BUTTONS.items()}
    axes = {
        codes.ABS_X: round(sample["x"] * WIDE),
        codes.ABS_Y: round(sample["y"] * HIGH),
        codes.ABS_PRESSURE: pressure,
        codes.ABS_TILT_X: _tilt(sample.get("tilt_x")),
        codes.ABS_TILT_Y: _tilt(sample.get("tilt_y")),
    }
    return {(codes.EV_KEY, code): int(value) for code, value in keys.items()} | {
        (codes.EV_ABS, code): value for code, value in axes.items()
    }


def _tilt(degrees: float | None) -> int:
    return round(max(-STEEPEST, min(STEEPEST, degrees or 0.0)))
