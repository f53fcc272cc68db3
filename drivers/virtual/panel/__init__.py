"""Virtual panels: a screen with warm-up and cool-down, behind the protocols that real ones speak.

`Screen` is the panel without a line; `python -m drivers.virtual.panel` plays it over TCP or on a
pseudo-terminal, and misbehaves on command as real ones were seen to.
"""

from drivers.virtual.panel.faults import Faults
from drivers.virtual.panel.screen import Screen

__all__ = ["Faults", "Screen"]
