"""What is watched: devices, the computer, the hub itself."""

from plugins.health.watching.changes import Change, Changes
from plugins.health.watching.sampler import Sampler

__all__ = ["Change", "Changes", "Sampler"]
