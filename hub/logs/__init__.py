"""The log of the hub: one line an event, and the last lines of each device."""

from hub.logs._latch import Latch
from hub.logs._rings import DeviceLogs, Line
from hub.logs._secrets import hide, secrets_of
from hub.logs._setup import Format, set_up

__all__ = ["DeviceLogs", "Format", "Latch", "Line", "hide", "secrets_of", "set_up"]
