"""What is watched: devices, the computer, the hub itself."""

from plugins.health.watching.changes import Change, Changes
from plugins.health.watching.sampler import Sampler
from plugins.health.watching.troubles import Troubles
from plugins.health.watching.ups import Ups

__all__ = ["Change", "Changes", "Sampler", "Troubles", "Ups"]
