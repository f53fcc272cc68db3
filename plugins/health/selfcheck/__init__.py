"""The check before the lesson: each device is tried, unnoticed, and said to work or not."""

from plugins.health.selfcheck.checks import Checks
from plugins.health.selfcheck.on_screen import OnScreen
from plugins.health.selfcheck.routes import STARTED, add_routes, begin_by_command
from plugins.health.selfcheck.timetable import Timetable

__all__ = ["STARTED", "Checks", "OnScreen", "Timetable", "add_routes", "begin_by_command"]
