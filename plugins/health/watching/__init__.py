"""What is watched: devices, the computer, the hub itself."""

from plugins.health.watching.changes import Change, Changes
from plugins.health.watching.offered import Offered
from plugins.health.watching.sampler import Sampler
from plugins.health.watching.troubles import Troubles
from plugins.health.watching.ups import Ups
from plugins.health.watching.wear import Wear

__all__ = ["Change", "Changes", "Offered", "Sampler", "Troubles", "Ups", "Wear"]
