"""Recordings of devices: made, kept under `<data>/recordings`, played without the hardware.

The format and what a recording is good for stand in `docs/recording.md`.
"""

from hub.recordings._recordings import SUFFIX, Recordings, RecordingsFull, Stored
from hub.recordings._replay import Happening, ReplayEnd, replay

__all__ = [
    "SUFFIX",
    "Happening",
    "Recordings",
    "RecordingsFull",
    "ReplayEnd",
    "Stored",
    "replay",
]
