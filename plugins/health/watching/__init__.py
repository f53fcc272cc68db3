"""What is watched: devices, the computer, the hub itself."""

from plugins.health.watching.changes import Change, Changes
from plugins.health.watching.sampler import Sampler
from plugins.health.watching.troubles import Troubles
from plugins.health.watching.ups import Ups
from plugins.health.watching.wear import Captures

__all__ = ["Captures", "Change", "Changes", "Sampler", "Troubles", "Ups"]
