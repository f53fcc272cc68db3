"""Which of the formats, sizes and rates that a camera offers are used."""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.device.transports import V4l2Format, V4l2Size

ENCODED = ("MJPG", "JPEG")
"""Pictures that are JPEG already, and pass through as they are."""
RAW = ("YUYV", "UYVY", "YVYU", "NV12", "NV21", "YU12", "RGB3", "BGR3", "GREY")
"""Raw pictures that `raw` can encode; the first are what cameras give most often."""
LIVE_PIXELS = 1920 * 1080
"""The most for a live view that was not chosen: what panels and tablets can follow."""
SMOOTH, BEARABLE = 20.0, 8.0
ENOUGH = 30.5
"""Frames a second: more than the eye follows costs and shows nothing."""


@dataclass(frozen=True, slots=True)
class Mode:
    """What is asked of the camera; `rate` 0 leaves it to the camera."""

    fourcc: str
    width: int
    height: int
    rate: float

    @property
    def name(self) -> str:
        """The size for people and settings: `1280x720`."""
        return f"{self.width}x{self.height}"

    @property
    def pixels(self) -> int:
        """Pixels of a picture."""
        return self.width * self.height


def usable(formats: Sequence[V4l2Format]) -> dict[str, Mode]:
    """Return for each size the best way to get it, the smallest size first; empty: there is none.

    JPEG of the camera's own goes before raw pictures, which cost the cable and this computer more.
    """
    order = {fourcc: rank for rank, fourcc in enumerate((*ENCODED, *RAW))}
    known = sorted(
        (one for one in formats if one.fourcc in order), key=lambda one: order[one.fourcc]
    )
    found: dict[str, Mode] = {}
    for one in known:
        # A camera that names no sizes has one; what it gives is read back.
        for size in one.sizes or [V4l2Size(width=640, height=480)]:
            mode = Mode(one.fourcc, size.width, size.height, rate_of(size))
            found.setdefault(mode.name, mode)
    return dict(sorted(found.items(), key=lambda item: (item[1].pixels, item[1].width)))


def rate_of(size: V4l2Size) -> float:
    """Return the best rate for a live view, 0 where the camera does not say."""
    enough = [rate for rate in size.rates if rate <= ENOUGH]
    return max(enough, default=min(size.rates, default=0.0))


def live(modes: dict[str, Mode]) -> Mode:
    """Return what a live view begins with: the largest that is smooth and not too large."""
    fitting = [mode for mode in modes.values() if mode.pixels <= LIVE_PIXELS]
    for rate in (SMOOTH, BEARABLE, 0.0):
        fast = [mode for mode in fitting if mode.rate == 0 or mode.rate >= rate]
        if fast:
            return max(fast, key=lambda mode: (mode.pixels, mode.rate))
    return min(modes.values(), key=lambda mode: mode.pixels)


def full(modes: dict[str, Mode]) -> Mode:
    """Return the largest."""
    return max(modes.values(), key=lambda mode: mode.pixels)
